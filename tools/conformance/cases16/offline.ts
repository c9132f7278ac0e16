/** OCPP 1.6, 3.7, 3.18 of the errata: transactions without connection, delivery (TX-20 … TX-26). */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { NO_ANSWER, rpcError, type Handler } from "../../csms/csms.ts";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder, type Told } from "../lines.ts";
import { type Rig } from "../rig.ts";
import {
  begin,
  charging,
  DATA,
  end,
  idOf,
  isCharging,
  left,
  linesOf,
  plugged,
  setTo,
  startOf,
  stopOf,
  stopped,
  timeOf,
} from "./moves.ts";

const OFFLINE: CaseOptions = { set: { AllowOfflineTxForUnknownId: "true", MeterValueSampleInterval: "20" } };
const ATTEMPTS = 3;
const INTERVAL = 5;
const TIMEOUT = 30;
const RETRIES: CaseOptions = {
  set: { TransactionMessageAttempts: String(ATTEMPTS), TransactionMessageRetryInterval: String(INTERVAL) },
};

/** Seconds in which four connectors with a sample a second write more than the journal holds. */
const SHORT_OF_MEMORY = 1150;

const refuse = (): never => {
  throw rpcError("InternalError");
};

/** `action` fails for the first `times`; gives the way back. */
function failing(t: Rig, action: string, times: number, fail: () => ReturnType<Handler>): () => void {
  let sends = 0;
  return t.handle(action, (_request, { defaultAnswer }) => (sends++ < times ? fail() : defaultAnswer()));
}

/** Each wait is `INTERVAL` times the number of sends before, counted from the failure; the same message each time. */
function assertResends(told: Told[], timeout: number): void {
  for (const { payload } of told) assert.deepEqual(payload, told[0].payload, "the same message");
  told.slice(1).forEach((one, i) => {
    const wait = (one.t - told[i].t) / 1000;
    const wanted = timeout + INTERVAL * (i + 1);
    assert.ok(Math.abs(wait - wanted) <= 2, `wait ${i + 1}: ${wait} s, not ${wanted} s`);
  });
}

/** Cable, card, some energy, card, cable, while there is no connection. */
async function wholeSession(t: Rig): Promise<void> {
  await t.draw(true);
  await t.plug();
  await t.tap();
  await t.advance(25);
  await t.tap();
  await t.unplug();
}

export const OFFLINE_TRANSACTIONS: Case[] = [
  tc("TC_036", "The connection is lost while charging: energy flows on, values come afterwards in order", OFFLINE, async (t) => {
    await charging(t);
    await t.offline(25, async () => {
      await t.advance(20);
      await isCharging(t, true);
    });
    const told = await t.expect("MeterValues 1 tx=1 Sample.Periodic", "MeterValues 1 tx=1 Sample.Periodic");
    const times = told.map(({ payload }) => Date.parse((payload.meterValue as { timestamp: string }[])[0].timestamp));
    assert.equal(times[1] - times[0], 20_000);
    await stopped(t);
  }),

  tc("TC_037_1", "Start offline: StartTransaction with its time, then Charging", OFFLINE, async (t) => {
    await plugged(t);
    let began = 0;
    await t.offline(10, async () => {
      await t.tap();
      await t.advance(1);
      began = t.station.now();
    });
    const told = await t.expect(begin());
    assert.ok(Math.abs(timeOf(startOf(told)) - began) < 3000, "the original time");
    await stopped(t);
  }),

  tc("TC_038", "End offline: StopTransaction with its time, then the status", {}, async (t) => {
    await charging(t);
    let ended = 0;
    await t.offline(10, async () => {
      await t.tap();
      await t.advance(1);
      ended = t.station.now();
    });
    const told = await t.expect(end("[Local] token=04A1B2C3"));
    assert.ok(Math.abs(timeOf(stopOf(told)) - ended) < 3000, "the original time");
    await left(t);
  }),

  tc("TC_039", "The whole transaction offline: Start, values, Stop with the id of the answer", OFFLINE, async (t) => {
    t.answer("StartTransaction", { transactionId: 77 });
    await t.offline(3, () => wholeSession(t));
    await t.expect("Start 1 04A1B2C3", "MeterValues 1 tx=77 Sample.Periodic", `Stop tx=77 [Local] token=04A1B2C3 ${DATA}`);
  }),

  tc("TX-20", "Two transactions offline, in order, each with its id", OFFLINE, async (t) => {
    await t.offline(2, async () => {
      for (let i = 0; i < 2; i++) {
        await wholeSession(t);
        await t.advance(2);
      }
    });
    const one = (id: number): string[] => [
      "Start 1 04A1B2C3",
      `MeterValues 1 tx=${id} Sample.Periodic`,
      `Stop tx=${id} [Local] token=04A1B2C3 ${DATA}`,
    ];
    await t.expect(...one(1), ...one(2));
  }),

  tc("TX-20", "What comes new waits until the queue is empty; other messages may overtake", OFFLINE, async (t) => {
    await setTo(t, "TransactionMessageRetryInterval", "30");
    const back = failing(t, "StartTransaction", 1, refuse);
    await plugged(t);
    await t.tap();
    await t.expect("Authorize 04A1B2C3", begin());
    await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
    await t.expect("Heartbeat");
    await t.tap();
    await t.expect("SN 1 Finishing");
    await t.expectWithin(40, "Start 1 04A1B2C3", `Stop tx=1 [Local] token=04A1B2C3 ${DATA}`);
    back();
  }),

  tc(
    "TX-22",
    "Nothing of a transaction is sent before its Start is answered",
    {
      set: { MeterValueSampleInterval: "5" },
    },
    async (t) => {
      let answer: () => void = () => undefined;
      t.handle(
        "StartTransaction",
        (_request, { defaultAnswer }) => new Promise((resolve) => (answer = () => resolve(defaultAnswer()))),
      );
      await plugged(t);
      await t.tap();
      await t.expect("Authorize 04A1B2C3", begin());
      await t.silence(8);
      answer();
      const told = await t.pass(3);
      assert.ok(linesOf(told).includes("MeterValues 1 tx=1 Sample.Periodic"), linesOf(told).join(" / "));
      await t.tap();
      await t.pass(3);
    },
  ),

  tc(
    "TX-23",
    "Start is given up: values and Stop go with transactionId -1",
    {
      ...RETRIES,
      outOfOrder: true,
    },
    async (t) => {
      failing(t, "StartTransaction", 99, refuse);
      await plugged(t);
      await t.tap();
      const told = await t.expectWithin(
        40,
        "Authorize 04A1B2C3",
        anyOrder("Start 1 04A1B2C3", "SN 1 Charging"),
        "Start 1 04A1B2C3",
        "Start 1 04A1B2C3",
      );
      assertResends(
        told.filter(({ action }) => action === "StartTransaction"),
        0,
      );
      await t.silence(INTERVAL * 4);
      await setTo(t, "MeterValueSampleInterval", "5");
      await t.expectWithin(7, "MeterValues 1 tx=-1 Sample.Periodic");
      await t.tap();
      await t.expect(end("[Local] token=04A1B2C3"));
      assert.equal(Number.isNaN(idOf(t)), true);
    },
  ),

  tc("TX-24", "Stop, CALLERROR: again after interval × sends, at most TransactionMessageAttempts times", RETRIES, async (t) => {
    await charging(t);
    failing(t, "StopTransaction", 99, refuse);
    await t.tap();
    const stop = `Stop tx=1 [Local] token=04A1B2C3 ${DATA}`;
    const told = await t.expectWithin(40, anyOrder(stop, "SN 1 Finishing"), stop, stop);
    assertResends(
      told.filter(({ action }) => action === "StopTransaction"),
      0,
    );
    await t.silence(INTERVAL * 4);
    assert.equal((await t.state()).queue.events, 0, "dropped");
  }),

  tc("TX-24", "Stop, no answer: the timeout counts as a failure; after an answer no more", RETRIES, async (t) => {
    await charging(t);
    failing(t, "StopTransaction", 1, () => NO_ANSWER);
    await t.tap();
    const stop = `Stop tx=1 [Local] token=04A1B2C3 ${DATA}`;
    const told = await t.expectWithin(60, anyOrder(stop, "SN 1 Finishing"), stop);
    assertResends(
      told.filter(({ action }) => action === "StopTransaction"),
      TIMEOUT,
    );
    await t.silence(20);
  }),

  tc("TX-24", "A lost connection uses up no attempt", RETRIES, async (t) => {
    await charging(t);
    const back = t.mute("StopTransaction");
    const stop = `Stop tx=1 [Local] token=04A1B2C3 ${DATA}`;
    await t.tap();
    await t.expect(anyOrder(stop, "SN 1 Finishing"));
    for (let i = 0; i < 4; i++) {
      if (i === 3) back();
      await t.post("/network", { drop: true });
      await t.online();
      await t.expect(stop);
    }
  }),

  tc(
    "TX-25",
    "Memory short: values go first, StartTransaction and StopTransaction never",
    {
      evses: 4,
      outOfOrder: true,
      slow: true,
      set: { AllowOfflineTxForUnknownId: "true", MeterValueSampleInterval: "1" },
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
      // Some thousand messages: as long as the queue becomes shorter.
      for (let waiting = Infinity; ; await t.advance(1)) {
        const { events } = (await t.state()).queue;
        if (events === 0 || events === waiting) break;
        waiting = events;
        await sleep(5000);
      }
      const told = await t.pass(1);
      const of = (action: string): number => told.filter((one) => one.action === action).length;
      assert.deepEqual([of("StartTransaction"), of("StopTransaction")], [4, 4]);
      assert.ok(of("MeterValues") < 4 * SHORT_OF_MEMORY && of("MeterValues") > 100, `${of("MeterValues")} values`);
    },
  ),

  tc("TX-26", "The queue is on flash: offline, then without power", OFFLINE, async (t) => {
    await charging(t);
    await t.post("/network", { up: false });
    await t.advance(20);
    await t.tap();
    await t.advance(2);
    await t.powerCycle();
    await t.post("/network", { up: true });
    await t.expectWithin(
      20,
      "BootNotification",
      anyOrder("SN 0 Available", "SN 1 Finishing|Preparing"),
      "MeterValues 1 tx=1 Sample.Periodic",
      `Stop tx=1 [Local] token=04A1B2C3 ${DATA}`,
    );
  }),

  tc("TX-21", "Start offline, power lost before the connection is back: Start, then Stop with its id", OFFLINE, async (t) => {
    await plugged(t);
    await t.post("/network", { up: false });
    await t.tap();
    await t.advance(5);
    await t.powerCycle();
    await t.post("/network", { up: true });
    await t.expectWithin(
      20,
      "BootNotification",
      anyOrder("SN 0 Available", "SN 1 Finishing|Preparing"),
      "Start 1 04A1B2C3",
      `Stop tx=1 PowerLoss ${DATA}`,
    );
  }),
];
