/** OCPP 2.0.1 Part 2, E06.FR.16; TxCtrlr.ResumptionTimeout as in OCPP 2.1: power lost in a transaction. */
import assert from "node:assert/strict";
import { scenario, type Bench } from "./harness.ts";
import {
  calls,
  CARD,
  charging,
  mark,
  OTHER_CARD,
  pace,
  powerCycle,
  QUICK_RETRY,
  registered,
  setTo,
  told,
  transactionOf,
  written,
} from "./steps.ts";

/** A transaction that has charged for a while, all told to the CSMS; then the power is off for `seconds`. */
async function powerCut(bench: Bench, seconds: number): Promise<number> {
  await charging(bench);
  await pace(bench, 65);
  await bench.settled();
  const since = mark(bench);
  await bench.post("/power", { on: false });
  const { contactor, limitAmps } = (await bench.station.state()).evses[0];
  assert.deepEqual({ contactor, limitAmps }, { contactor: false, limitAmps: 0 }, "off means off");
  if (seconds > 0) await bench.advance(seconds);
  await bench.post("/power", { on: true });
  return since;
}

const resume = (seconds: number): { station: { set: Record<string, string> } } => ({
  station: { set: { "TxCtrlr.ResumptionTimeout": String(seconds) } },
});

describe("E-26: power lost in a transaction", () => {
  scenario("E-26: Ended PowerLoss after Accepted, seqNo continued, register of the last record", {}, async (bench) => {
    await registered(bench);
    const since = await powerCut(bench, 300);
    await registered(bench);
    assert.deepEqual(
      told(bench, since),
      [
        "BootNotification PowerUp",
        "StatusNotification 1 Occupied",
        "Ended 3 AbnormalCondition EVConnected PowerLoss offline Transaction.Begin Transaction.End",
      ].map((line) => line.replace(/ offline/, told(bench, since)[2]?.includes("offline") ? " offline" : "")),
    );
    const transaction = [...bench.csms.stations.get("CS001")!.transactions.values()];
    assert.equal(transaction.length, 1);
    assert.ok(transaction[0].ended);
    assert.ok(transaction[0].lastWh! >= 61, "not less than what was told before");
    assert.doesNotMatch(written(bench), /"(19|20[01])\d\d-/);
    const { contactor, transactionId } = (await bench.station.state()).evses[0];
    assert.deepEqual({ contactor, transactionId }, { contactor: false, transactionId: null });
    await charging(bench, 1, OTHER_CARD).catch(async () => undefined);
    assert.notEqual(await transactionOf(bench), null, "a new one can start");
  });

  scenario("E-26: the cable is gone when the power comes back", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await bench.post("/power", { on: false });
    await bench.post("/evse/1/unplug", { force: true });
    await bench.post("/power", { on: true });
    await registered(bench);
    assert.deepEqual(told(bench, since).slice(0, 2), ["BootNotification PowerUp", "StatusNotification 1 Available"]);
    assert.match(
      told(bench, since)[2],
      /^Ended 2 AbnormalCondition Idle PowerLoss (offline )?Transaction\.Begin Transaction\.End$/,
    );
  });

  scenario(
    "E-26: events that were not confirmed yet come first, nothing is lost or told twice",
    { station: { set: QUICK_RETRY } },
    async (bench) => {
      await registered(bench);
      await charging(bench);
      await bench.post("/network", { up: false });
      await pace(bench, 125);
      await bench.post("/evse/1/ev", { draw: false });
      await powerCycle(bench);
      await pace(bench, 5);
      await bench.post("/network", { up: true });
      await registered(bench);
      const all = calls(bench, 0, "TransactionEvent").map(({ payload }) => payload);
      assert.deepEqual(
        all.map(({ seqNo }) => seqNo),
        all.map((_, i) => i),
      );
      assert.deepEqual(
        told(bench)
          .slice(-4)
          .map((line) => line.replace(" offline", "")),
        [
          "Updated 2 MeterValuePeriodic Sample.Periodic",
          "Updated 3 MeterValuePeriodic Sample.Periodic",
          "Updated 4 ChargingStateChanged SuspendedEV",
          "Ended 5 AbnormalCondition EVConnected PowerLoss Transaction.Begin Transaction.End",
        ],
      );
      assert.doesNotMatch(written(bench), /"(19|20[01])\d\d-/);
    },
  );

  scenario("E-26: two power cuts before the CSMS is reached: one Ended", { station: { set: QUICK_RETRY } }, async (bench) => {
    await registered(bench);
    await charging(bench);
    await bench.post("/network", { up: false });
    for (let i = 0; i < 3; i++) {
      await powerCycle(bench);
      await pace(bench, 3);
    }
    await bench.post("/network", { up: true });
    await registered(bench);
    assert.deepEqual(
      told(bench)
        .filter((line) => line.startsWith("Ended"))
        .map((line) => line.replace(" offline", "")),
      ["Ended 2 AbnormalCondition EVConnected PowerLoss Transaction.Begin Transaction.End"],
    );
    assert.doesNotMatch(written(bench), /"(19|20[01])\d\d-/);
  });

  scenario("E-26: both EVSEs charge, one cut: both end", { station: { evses: 2 } }, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await charging(bench, 2, OTHER_CARD);
    await powerCycle(bench);
    await registered(bench);
    assert.deepEqual(
      told(bench)
        .filter((line) => line.includes("Ended"))
        .map((line) => line.replace(" offline", "")),
      [
        "Ended 2 AbnormalCondition EVConnected PowerLoss Transaction.Begin Transaction.End",
        "#2 Ended 2 AbnormalCondition EVConnected PowerLoss Transaction.Begin Transaction.End",
      ],
    );
  });

  for (const torn of [false, true]) {
    scenario(
      `E-26: the power fails ${torn ? "inside" : "before"} each of the next writes: never an event twice, never a gap`,
      {},
      async (bench) => {
        await registered(bench);
        for (let n = 1; n <= 4; n++) {
          await bench.post("/evse/1/ev", { draw: true });
          await bench.post("/evse/1/plug");
          await bench.settled();
          await bench.post("/power", { cutAfterFlashOps: n, torn });
          await bench.post("/tap", CARD);
          for (let i = 0; i < 70 && (await bench.station.state()).powered; i++) await pace(bench, 1);
          await bench.post("/power", { on: false });
          await bench.post("/power", { on: true });
          await registered(bench);
          await bench.post("/evse/1/unplug", { force: true });
          await bench.settled();
        }
        for (const transaction of bench.csms.stations.get("CS001")!.transactions.values()) {
          assert.ok(transaction.ended, `${transaction.id} has an end`);
          assert.deepEqual(
            transaction.events.map(({ seqNo }) => seqNo),
            transaction.events.map((_, i) => i),
            transaction.id,
          );
          assert.equal(transaction.events[0].eventType, "Started");
        }
      },
    );
  }
});

describe("TxCtrlr.ResumptionTimeout", () => {
  scenario("in time and the car still there: the same transaction goes on, seqNo continued", resume(600), async (bench) => {
    await registered(bench);
    const since = await powerCut(bench, 120);
    await registered(bench);
    await pace(bench, 2);
    await bench.settled();
    const { contactor, transactionId } = (await bench.station.state()).evses[0];
    assert.equal(contactor, true);
    const lines = told(bench, since);
    assert.deepEqual(lines.slice(0, 2), ["BootNotification PowerUp", "StatusNotification 1 Occupied"]);
    assert.ok(!lines.some((line) => /Ended|Started/.test(line)), lines.join("; "));
    await bench.post("/tap", CARD);
    await bench.settled();
    const ids = [...bench.csms.stations.get("CS001")!.transactions.values()];
    assert.deepEqual(
      ids.map(({ id, ended, stoppedReason }) => ({ id, ended, stoppedReason })),
      [{ id: transactionId, ended: true, stoppedReason: "Local" }],
    );
    assert.deepEqual(
      ids[0].events.map(({ seqNo }) => seqNo),
      ids[0].events.map((_, i) => i),
    );
  });

  scenario("too late: Ended PowerLoss", resume(60), async (bench) => {
    await registered(bench);
    const since = await powerCut(bench, 200);
    await registered(bench);
    await bench.settled();
    assert.match(
      told(bench, since).at(-1)!,
      /^Ended 3 AbnormalCondition EVConnected PowerLoss (offline )?Transaction\.Begin Transaction\.End$/,
    );
    assert.equal((await bench.station.state()).evses[0].contactor, false);
  });

  scenario("in time but the car is gone: Ended", resume(600), async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await bench.post("/power", { on: false });
    await bench.post("/evse/1/unplug", { force: true });
    await bench.post("/power", { on: true });
    await registered(bench);
    assert.match(
      told(bench, since).at(-1)!,
      /^Ended 2 AbnormalCondition Idle PowerLoss (offline )?Transaction\.Begin Transaction\.End$/,
    );
  });

  scenario(
    "the CSMS is not reached in time: ended, told later",
    { station: { set: { ...QUICK_RETRY, "TxCtrlr.ResumptionTimeout": "20" } } },
    async (bench) => {
      await registered(bench);
      await charging(bench);
      await bench.post("/network", { up: false });
      await powerCycle(bench);
      await pace(bench, 30);
      assert.equal((await bench.station.state()).evses[0].contactor, false);
      await bench.post("/network", { up: true });
      await registered(bench);
      const ended = told(bench).filter((line) => line.startsWith("Ended"));
      assert.equal(ended.length, 1);
      assert.match(ended[0], /^Ended 2 AbnormalCondition EVConnected PowerLoss/);
      assert.doesNotMatch(written(bench), /"(19|20[01])\d\d-/);
    },
  );

  scenario("set by the CSMS", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, "TxCtrlr.ResumptionTimeout", "900");
    await powerCut(bench, 30);
    await registered(bench);
    await pace(bench, 2);
    assert.equal((await bench.station.state()).evses[0].contactor, true);
  });
});
