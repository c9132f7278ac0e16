/** A CSMS that is hostile or slow: the station keeps charging, metering and recording. OCPP 2.0.1 Part 4, 4. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { NO_ANSWER, type Payload } from "../../csms/csms.ts";
import { tc, type Case, type CaseOptions } from "../case.ts";
import type { Told } from "../lines.ts";
import { ID, type Rig } from "../rig.ts";
import { charging, get, plugged, stopped } from "./moves.ts";

const SAMPLES: CaseOptions = { set: { "SampledDataCtrlr.TxUpdatedInterval": "10" }, allowFaults: true };
const FLOOD = 200;

/** The transaction charges, its meter counts, and the events that have come are without gap; gives how many. */
async function charges(t: Rig, seconds: number): Promise<Told[]> {
  const before = (await t.evse()).meterWh;
  const told = await t.pass(seconds);
  const { contactor, meterWh } = await t.evse();
  assert.equal(contactor, true);
  assert.ok(meterWh - before >= (seconds - 2) * (3680 / 3600) - 1, `${meterWh - before} Wh in ${seconds} s`);
  return told;
}

/** What the station sent of the transaction, each event once. */
function numbers(told: Told[]): number[] {
  return [...new Set(told.filter(({ action }) => action === "TransactionEvent").map(({ payload }) => Number(payload.seqNo)))];
}

const gapless = (list: number[]): void => assert.deepEqual(list, list.map((_, i) => list[0] + i), "seqNo"); // prettier-ignore

export const HOSTILE: Case[] = [
  tc("RPC-03", "Hostile: answers that come late", SAMPLES, async (t) => {
    t.csms.on("TransactionEvent", async (_request, { defaultAnswer }) => {
      await sleep(300);
      return defaultAnswer();
    });
    await charging(t);
    const told = await charges(t, 45);
    gapless(numbers([...told, await stopped(t)]));
  }),

  tc("RPC-04", "Hostile: every answer twice, and another under a wrong id", SAMPLES, async (t) => {
    for (const action of ["TransactionEvent", "Authorize", "StatusNotification"]) {
      t.csms.on(action, (_request, { messageId, raw, defaultAnswer }) => {
        const answer = defaultAnswer();
        raw(JSON.stringify([3, "no-id-of-yours", answer]));
        raw(JSON.stringify([4, "no-id-of-yours-either", "InternalError", "", {}]));
        setImmediate(() => raw(JSON.stringify([3, messageId, answer])));
        return answer;
      });
    }
    await charging(t);
    gapless(numbers([...(await charges(t, 35)), await stopped(t)]));
  }),

  tc("RPC-04", "Hostile: answers that are no answers", SAMPLES, async (t) => {
    await charging(t);
    const answers = [
      "[]",
      '[3,"ID"]',
      '[3,"ID",7]',
      '[3,"ID",{"idTokenInfo":{"status":"Nonsense"}}]',
      '[4,"ID"]',
      "[3",
      '[3,"ID",{',
    ];
    let turn = 0;
    const back = t.handle("TransactionEvent", (_request, { messageId, raw }) => {
      raw(answers[turn++ % answers.length].replace("ID", messageId));
      return NO_ANSWER;
    });
    await charges(t, 60);
    back();
    await charges(t, 200);
    assert.equal((await t.state()).queue.events, 0);
    t.takeAnswers(/^\[4,"-1","RpcFrameworkError"/);
    t.options.outOfOrder = true;
  }),

  tc("RPC-03", "Hostile: calls that cross the station's own", SAMPLES, async (t) => {
    const results: Promise<Payload>[] = [];
    for (const action of ["TransactionEvent", "Authorize", "StatusNotification"]) {
      t.csms.on(action, async (_request, { defaultAnswer }) => {
        const request = { getVariableData: [{ component: { name: "OCPPCommCtrlr" }, variable: { name: "OfflineThreshold" } }] };
        results.push(t.csms.call(ID, "GetVariables", request));
        await results.at(-1);
        return defaultAnswer();
      });
    }
    await charging(t);
    gapless(numbers([...(await charges(t, 25)), await stopped(t)]));
    for (const result of await Promise.all(results)) {
      assert.equal((result.getVariableResult as Payload[])[0].attributeStatus, "Accepted");
    }
    assert.equal(t.takeAnswers(/^\[3,/), results.length);
  }),

  tc(
    "RPC-10",
    `Hostile: ${FLOOD} calls at once: answered once each, or the station comes back; charging goes on`,
    SAMPLES,
    async (t) => {
      await charging(t);
      const items = { getVariableData: [{ component: { name: "TxCtrlr" }, variable: { name: "TxStopPoint" } }] };
      const texts = Array.from({ length: FLOOD }, (_, i) => JSON.stringify([2, `flood-${i}`, "GetVariables", items]));
      // A station that is short of memory may drop the connection: what it has answered it has answered once and in order, and it comes back.
      for (const text of texts) t.csms.raw(ID, text);
      const connects = (): number => t.csms.stations.get(ID)!.connects;
      let answered = 0;
      await t.until("an end of the flood", async () => {
        answered += t.takeAnswers(/^\[3,"flood-\d+"/);
        return answered === FLOOD || !(await t.state()).online || connects() > 1;
      });
      await t.online();
      answered += t.takeAnswers(/^\[3,"flood-\d+"/);
      assert.ok(answered === FLOOD || connects() === 2, `${answered} answers, ${connects()} connections`);
      assert.deepEqual(await get(t, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
      gapless(numbers([...(await charges(t, 25)), await stopped(t)]));
    },
  ),

  tc(
    "RPC-04",
    "Hostile: a CSMS that never answers: charging, metering and recording go on; all is delivered in the end",
    SAMPLES,
    async (t) => {
      await charging(t);
      const back = t.mute("TransactionEvent");
      t.mute("Heartbeat");
      await charges(t, 90);
      await t.tap();
      await t.pass(3);
      assert.equal((await t.evse()).contactor, false, "the card stops without the CSMS");
      assert.ok((await t.state()).queue.events >= 3);
      back();
      t.answer("TransactionEvent", {});
      for (let i = 0; i < 300 && (await t.state()).queue.events > 0; i++) await t.advance(2);
      const told = await t.pass(2);
      assert.equal(told.at(-1)?.payload.eventType, "Ended");
      gapless(numbers(told));
      t.options.outOfOrder = true;
    },
  ),

  tc("RPC-02", "Hostile: the connection is torn down after each event", SAMPLES, async (t) => {
    await plugged(t);
    t.csms.on("TransactionEvent", (_request, { defaultAnswer }) => {
      setImmediate(() => t.csms.disconnect(ID, "reset"));
      return defaultAnswer();
    });
    await t.tap();
    const told = [...(await t.pass(3)), ...(await charges(t, 40))];
    t.answer("TransactionEvent", {});
    for (let i = 0; i < 60 && (await t.state()).queue.events > 0; i++) await t.advance(1);
    await t.online();
    await t.tap();
    const rest = await t.pass(3);
    gapless(numbers([...told, ...rest]));
    assert.deepEqual(await get(t, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
  }),
];
