/** OCPP 2.0.1 Part 2, E04, E08, E11–E14: offline, events that are not confirmed, status of a transaction. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { NO_ANSWER, rpcError, type Handler } from "../../csms/csms.ts";
import { tc, type Case } from "../case.ts";
import { anyOrder } from "../lines.ts";
import { type Rig } from "../rig.ts";
import { charging, END, idOf, left, plugged, setTo, stopped } from "./moves.ts";

const OFFLINE = { set: { "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true", "SampledDataCtrlr.TxUpdatedInterval": "20" } };
const MOST_ATTEMPTS = 3;
const INTERVAL = 5;
const TIMEOUT = 30;
const RETRIES = {
  set: {
    "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": String(MOST_ATTEMPTS),
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": String(INTERVAL),
  },
};
/** Seconds in which four EVSEs with a sample a second write more than the journal holds. */
const SHORT_OF_MEMORY = 1150;
const STARTED = "Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin";
const ENERGY = "Updated ChargingStateChanged Charging";

/** The first `times` sends of Started fail. Gives the times of all. */
async function failing(t: Rig, times: number, fail: () => ReturnType<Handler>): Promise<number[]> {
  let sends = 0;
  const back = t.handle("TransactionEvent", ({ eventType }, { defaultAnswer }) =>
    eventType === "Started" && sends++ < times ? fail() : defaultAnswer(),
  );
  await plugged(t);
  await t.tap();
  const all = Math.min(times + 1, MOST_ATTEMPTS);
  const told = await t.expectWithin(200, "Authorize 04A1B2C3", ...Array.from({ length: all }, () => STARTED), ENERGY);
  await t.silence(TIMEOUT + INTERVAL * 4);
  back();
  const started = told.filter(({ payload }) => payload.eventType === "Started");
  for (const { payload } of started) assert.deepEqual(payload, started[0].payload, "the same event");
  return started.map((one) => one.t / 1000);
}

/** Each wait is `INTERVAL` times the number of sends before, counted from the failure. */
function assertWaits(times: number[], timeout: number): void {
  times.slice(1).forEach((time, i) => {
    const wait = time - times[i];
    const wanted = timeout + INTERVAL * (i + 1);
    assert.ok(Math.abs(wait - wanted) <= 2, `wait ${i + 1}: ${wait} s, not ${wanted} s`);
  });
}

const refuse = (): never => {
  throw rpcError("InternalError");
};

export const DELIVERY: Case[] = [
  tc(
    "TC_E_40",
    "The connection is lost while charging: events in order, offline true, then new ones without",
    OFFLINE,
    async (t) => {
      await charging(t);
      await t.offline(25, async () => {
        await t.draw(false);
        await t.advance(3);
        await t.draw(true);
      });
      const told = await t.expect(
        "Updated ChargingStateChanged SuspendedEV offline",
        "Updated ChargingStateChanged Charging offline",
        "Updated MeterValuePeriodic [Charging] offline Sample.Periodic",
      );
      const times = told.map(({ payload }) => Date.parse(String(payload.timestamp)));
      assert.equal(times[1] - times[0], 3000, "each has its own time");
      await stopped(t);
    },
  ),

  tc("TC_E_43", "The whole transaction offline: all events, one id, seqNo complete", OFFLINE, async (t) => {
    await t.offline(3, async () => {
      await t.draw(true);
      await t.plug();
      await t.tap();
      await t.advance(25);
      await t.tap();
      await t.unplug();
    });
    const told = await t.expect(
      "Started Authorized EVConnected offline evse=1 token=04A1B2C3 Transaction.Begin",
      "Updated ChargingStateChanged Charging offline",
      "Updated MeterValuePeriodic [Charging] offline Sample.Periodic",
      `Ended StopAuthorized EVConnected [Local] offline token=04A1B2C3 ${END}`,
    );
    assert.deepEqual(
      told.map(({ payload }) => payload.seqNo),
      [0, 1, 2, 3],
    );
    assert.equal(new Set(told.map(idOf)).size, 1);
  }),

  tc("TC_E_44", "The end of a transaction offline", {}, async (t) => {
    await charging(t);
    await t.offline(5, () => t.tap());
    await t.expect(`Ended StopAuthorized EVConnected [Local] offline token=04A1B2C3 ${END}`);
    await left(t);
  }),

  tc("E-40", "The events are on flash: offline, then without power", OFFLINE, async (t) => {
    await charging(t);
    await t.post("/network", { up: false });
    await t.draw(false);
    await t.advance(2);
    await t.tap();
    await t.advance(2);
    await t.powerCycle();
    await t.post("/network", { up: true });
    await t.expectWithin(
      20,
      "BootNotification PowerUp",
      "SN 1 Occupied",
      "Updated ChargingStateChanged SuspendedEV offline",
      `Ended StopAuthorized EVConnected [Local] offline token=04A1B2C3 ${END}`,
    );
  }),

  tc("E-40", "An event under way when the line drops comes again, with offline", {}, async (t) => {
    await charging(t);
    t.mute("TransactionEvent");
    await t.draw(false);
    await t.expect("Updated ChargingStateChanged SuspendedEV");
    await t.post("/network", { drop: true });
    t.answer("TransactionEvent", {});
    await t.online();
    await t.expect("Updated ChargingStateChanged SuspendedEV offline");
  }),

  tc(
    "TC_E_41",
    "No answer: sent again after MessageAttemptInterval × sends, at most MessageAttempts times",
    RETRIES,
    async (t) => {
      assertWaits(await failing(t, 9, () => NO_ANSWER), TIMEOUT);
    },
  ),
  tc("TC_E_42", "No answer, then one: no more sends", RETRIES, async (t) => {
    assertWaits(await failing(t, 1, () => NO_ANSWER), TIMEOUT);
  }),
  tc(
    "TC_E_50",
    "CALLERROR: sent again after MessageAttemptInterval × sends, at most MessageAttempts times",
    RETRIES,
    async (t) => {
      assertWaits(await failing(t, 9, refuse), 0);
    },
  ),
  tc("TC_E_51", "CALLERROR, then an answer: no more sends", RETRIES, async (t) => {
    assertWaits(await failing(t, 1, refuse), 0);
  }),

  tc("E-43", "Later events wait for the one that fails; time offline uses up no attempt", RETRIES, async (t) => {
    await charging(t);
    t.mute("TransactionEvent");
    await t.draw(false);
    await t.expect("Updated ChargingStateChanged SuspendedEV");
    await t.draw(true);
    for (let i = 0; i < 4; i++) {
      await t.post("/network", { drop: true });
      await t.online();
      await t.expect("Updated ChargingStateChanged SuspendedEV offline");
    }
    t.answer("TransactionEvent", {});
    await t.post("/network", { drop: true });
    await t.online();
    await t.expect("Updated ChargingStateChanged SuspendedEV offline", "Updated ChargingStateChanged Charging offline");
  }),

  tc(
    "E-44",
    "While an event waits for its next send, other messages go; nothing but events is kept for later",
    RETRIES,
    async (t) => {
      await setTo(t, "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]", "60");
      t.csms.on("TransactionEvent", refuse);
      await plugged(t);
      await t.tap();
      await t.expect("Authorize 04A1B2C3", STARTED);
      await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
      await t.expect("Heartbeat");
      t.answer("TransactionEvent", {});
      await t.offline(3, () => t.advance(10));
      await t.expectWithin(
        70,
        STARTED.replace("EVConnected", "EVConnected [offline]"),
        "Updated ChargingStateChanged Charging [offline]",
      );
    },
  ),

  tc(
    "E-42",
    "Memory short: samples go first, begins and ends never",
    {
      evses: 4,
      outOfOrder: true,
      slow: true,
      set: { ...OFFLINE.set, "SampledDataCtrlr.TxUpdatedInterval": "1", "OCPPCommCtrlr.OfflineThreshold": "80000" },
    },
    async (t) => {
      const cards = [1, 2, 3, 4].map((n) => ({ idToken: `0400000${n}`, type: "ISO14443" }));
      await t.post("/network", { up: false });
      for (const [i, card] of cards.entries()) {
        await t.draw(true, i + 1);
        await t.plug(i + 1);
        await t.tap(card);
        await t.advance(1);
      }
      await t.advance(SHORT_OF_MEMORY);
      for (const card of cards) await t.tap(card);
      await t.advance(2);
      t.options.tolerate = ["StatusNotification", "SecurityEventNotification"];
      await t.post("/network", { up: true });
      await t.online(60);
      // Some thousand events: as long as the queue becomes shorter.
      for (let left = Infinity; ; await t.advance(1)) {
        const { events } = (await t.state()).queue;
        if (events === 0 || events === left) break;
        left = events;
        await sleep(5000);
      }
      const events = await t.pass(1);
      const of = (type: string): number => events.filter(({ payload }) => payload.eventType === type).length;
      assert.deepEqual([of("Started"), of("Ended")], [4, 4]);
      assert.ok(of("Updated") < 4 * SHORT_OF_MEMORY && of("Updated") > 100, `${of("Updated")} samples`);
      assert.equal((await t.state()).queue.events, 0);
    },
  ),

  tc("E-41", "Two transactions offline: begins and ends of both, in order", OFFLINE, async (t) => {
    await t.offline(2, async () => {
      for (let i = 0; i < 2; i++) {
        await t.draw(true);
        await t.plug();
        await t.tap();
        await t.advance(3);
        await t.tap();
        await t.unplug();
        await t.advance(2);
      }
    });
    const one = (n: string): string[] => [
      `${n}Started Authorized EVConnected offline evse=1 token=04A1B2C3 Transaction.Begin`,
      `${n}Updated ChargingStateChanged Charging offline`,
      `${n}Ended StopAuthorized EVConnected [Local] offline token=04A1B2C3 ${END}`,
    ];
    await t.expect(...one(""), ...one("#2 "));
    await t.expect(anyOrder());
  }),
];
