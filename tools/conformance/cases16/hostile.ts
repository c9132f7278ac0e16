/** A central system that is hostile or slow: the station keeps charging, metering and recording. OCPP-J 1.6, 4. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { optional, type Told } from "../lines.ts";
import { ID, type Rig } from "../rig.ts";
import { charging, end, isCharging, left, plugged, stopOf, stopped, value } from "./moves.ts";

const SAMPLES: CaseOptions = { set: { MeterValueSampleInterval: "10" }, allowFaults: true };
const FLOOD = 200;

/** The transaction charges, and its meter counts. */
async function charges(t: Rig, seconds: number): Promise<Told[]> {
  const before = (await t.evse()).meterWh;
  const told = await t.pass(seconds);
  const { contactor, meterWh } = await t.evse();
  assert.equal(contactor, true);
  assert.ok(meterWh - before >= (seconds - 2) * (3680 / 3600) - 1, `${meterWh - before} Wh in ${seconds} s`);
  return told;
}

export const HOSTILE: Case[] = [
  tc("R-03", "Hostile: answers that come late", SAMPLES, async (t) => {
    for (const action of ["StartTransaction", "MeterValues", "StopTransaction"]) {
      t.csms.on(action, async (_request, { defaultAnswer }) => {
        await sleep(300);
        return defaultAnswer();
      });
    }
    await charging(t);
    const told = await charges(t, 45);
    assert.equal(told.filter(({ action }) => action === "MeterValues").length, 4);
    await stopped(t);
  }),

  tc("R-03", "Hostile: every answer twice, and another under a wrong id", SAMPLES, async (t) => {
    for (const action of ["StartTransaction", "MeterValues", "Authorize", "StatusNotification"]) {
      t.csms.on(action, (_request, { messageId, raw, defaultAnswer }) => {
        const answer = defaultAnswer();
        raw(JSON.stringify([3, "no-id-of-yours", answer]));
        raw(JSON.stringify([4, "no-id-of-yours-either", "InternalError", "", {}]));
        setImmediate(() => raw(JSON.stringify([3, messageId, answer])));
        return answer;
      });
    }
    await charging(t);
    await charges(t, 35);
    await stopped(t);
  }),

  tc("R-03", "Hostile: calls that cross the station's own", SAMPLES, async (t) => {
    const results: Promise<unknown>[] = [];
    for (const action of ["StartTransaction", "MeterValues", "Authorize", "StatusNotification"]) {
      t.csms.on(action, async (_request, { defaultAnswer }) => {
        results.push(t.csms.call(ID, "GetConfiguration", { key: ["ConnectionTimeOut"] }));
        await results.at(-1);
        return defaultAnswer();
      });
    }
    await charging(t);
    await charges(t, 25);
    await stopped(t);
    assert.ok((await Promise.all(results)).length > 3, "calls that crossed");
    assert.equal(t.takeAnswers(/^\[3,/), results.length);
  }),

  tc(
    "R-03",
    `Hostile: ${FLOOD} calls at once: answered once each, or the station comes back; charging goes on`,
    SAMPLES,
    async (t) => {
      await charging(t);
      const texts = Array.from({ length: FLOOD }, (_, i) =>
        JSON.stringify([2, `flood-${i}`, "GetConfiguration", { key: ["ConnectionTimeOut"] }]),
      );
      for (const text of texts) t.csms.raw(ID, text);
      const connects = (): number => t.csms.stations.get(ID)!.connects;
      let answers = 0;
      await t.until("an end of the flood", async () => {
        answers += t.takeAnswers(/^\[3,"flood-\d+"/);
        return answers === FLOOD || !(await t.state()).online || connects() > 1;
      });
      await t.online();
      answers += t.takeAnswers(/^\[3,"flood-\d+"/);
      assert.ok(answers === FLOOD || connects() === 2, `${answers} answers, ${connects()} connections`);
      assert.equal(await value(t, "ConnectionTimeOut"), "60");
      await charges(t, 25);
      await stopped(t);
    },
  ),

  tc("R-03", "Hostile: a central system that never answers: all is delivered in the end", SAMPLES, async (t) => {
    await charging(t);
    const back = t.mute("MeterValues");
    t.mute("Heartbeat");
    await charges(t, 90);
    await t.tap();
    await t.pass(3);
    await isCharging(t, false);
    assert.ok((await t.state()).queue.events >= 2, "events in the queue");
    back();
    t.answer("MeterValues", {});
    for (let i = 0; i < 300 && (await t.state()).queue.events > 0; i++) await t.advance(2);
    const told = await t.pass(2);
    assert.equal(stopOf(told).payload.transactionId, 1);
  }),

  tc("R-03", "Hostile: the connection is torn down after each value", SAMPLES, async (t) => {
    await charging(t);
    t.csms.on("MeterValues", (_request, { defaultAnswer }) => {
      setImmediate(() => t.csms.disconnect(ID, "reset"));
      return defaultAnswer();
    });
    await charges(t, 40);
    t.answer("MeterValues", {});
    for (let i = 0; i < 60 && (await t.state()).queue.events > 0; i++) await t.advance(1);
    await t.online();
    await t.pass(2);
    await t.tap();
    await t.expect(end("[Local] token=04A1B2C3"), optional("MeterValues 1 tx=1 Sample.Periodic"));
    await left(t);
    await plugged(t);
  }),
];
