/** OCPP 2.0.1 Part 2, E01–E10, J: start, suspension, two at once, and what the frames of a transaction hold. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, calls, charging, mark, OTHER_CARD, pace, registered, told, transactionOf, tap } from "./steps.ts";

const TWO = { station: { evses: 2 } };
const FIXED = { station: { fixedCable: true } };
const STARTED = "Started 0 Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin";
const CHARGING = "Updated 1 ChargingStateChanged Charging";

async function evse(bench: Bench, id = 1) {
  return (await bench.station.state()).evses[id - 1];
}

describe("E02, E03: start", () => {
  for (const [cable, options] of [
    ["socket", {}],
    ["fixed cable", FIXED],
  ] as const) {
    scenario(`E-10: cable first (${cable}): plug in, card, energy`, options, async (bench) => {
      await registered(bench);
      await bench.post("/evse/1/plug");
      await bench.settled();
      assert.deepEqual(told(bench).slice(2), ["StatusNotification 1 Occupied"]);
      assert.equal((await evse(bench)).limitAmps, 0);
      await tap(bench);
      await bench.post("/evse/1/ev", { draw: true, amps: 10 });
      await bench.settled();
      assert.deepEqual(told(bench).slice(3), [
        "Authorize 04A1B2C3",
        STARTED,
        "Updated 1 ChargingStateChanged SuspendedEV",
        "Updated 2 ChargingStateChanged Charging",
      ]);
      const { contactor, limitAmps, amps, locked } = await evse(bench);
      assert.deepEqual(
        { contactor, limitAmps, amps, locked },
        { contactor: true, limitAmps: 16, amps: 10, locked: cable === "socket" },
      );
      assert.equal(calls(bench, 0, "TransactionEvent")[0].payload.transactionInfo instanceof Object, true);
      assert.equal(
        (await evse(bench)).transactionId,
        (calls(bench, 0, "TransactionEvent")[0].payload.transactionInfo as Payload).transactionId,
      );
    });

    scenario(`E-11: card first (${cable}): no TransactionEvent before the cable`, options, async (bench) => {
      await registered(bench);
      await bench.post("/evse/1/ev", { draw: true });
      await tap(bench);
      assert.deepEqual(told(bench).slice(2), ["Authorize 04A1B2C3"]);
      await bench.post("/evse/1/plug");
      await bench.settled();
      assert.deepEqual(told(bench).slice(3), [
        "StatusNotification 1 Occupied",
        "Started 0 CablePluggedIn EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
        CHARGING,
      ]);
    });
  }

  scenario("E-12: remote start, cable first and remote first", {}, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await bench.settled();
    const request = { remoteStartId: 4711, idToken: { idToken: "APP", type: "Central" }, evseId: 1 };
    for (const first of ["cable", "remote"]) {
      const since = mark(bench);
      assert.deepEqual(await call(bench, "RequestStartTransaction", request), { status: "Accepted" });
      await bench.settled();
      if (first === "remote") {
        assert.deepEqual(told(bench, since), []);
        await bench.post("/evse/1/ev", { draw: true });
        await bench.post("/evse/1/plug");
        await bench.settled();
      }
      assert.deepEqual(
        told(bench, since).map((line) => line.replace("#2 ", "")),
        [
          ...(first === "remote" ? ["StatusNotification 1 Occupied"] : []),
          "Started 0 RemoteStart EVConnected evse=1 token=APP remote=4711 Transaction.Begin",
          CHARGING,
        ],
      );
      await call(bench, "RequestStopTransaction", { transactionId: await transactionOf(bench) });
      await bench.settled();
      await bench.post("/evse/1/unplug");
      await bench.settled();
    }
  });

  scenario("E-16: the car is not ready, stops asking, asks again", {}, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/plug");
    await tap(bench);
    for (const draw of [true, false, true]) {
      await bench.post("/evse/1/ev", { draw });
      await bench.settled();
      assert.equal((await evse(bench)).contactor, draw);
    }
    assert.deepEqual(told(bench).slice(5), [
      "Updated 1 ChargingStateChanged SuspendedEV",
      "Updated 2 ChargingStateChanged Charging",
      "Updated 3 ChargingStateChanged SuspendedEV",
      "Updated 4 ChargingStateChanged Charging",
    ]);
  });

  scenario(
    "E-17: remote start without a cable: dropped after EVConnectionTimeOut, no TransactionEvent",
    { station: { set: { "TxCtrlr.EVConnectionTimeOut": "15" } } },
    async (bench) => {
      await registered(bench);
      const since = mark(bench);
      const request = { remoteStartId: 1, idToken: { idToken: "APP", type: "Central" }, evseId: 1 };
      assert.deepEqual(await call(bench, "RequestStartTransaction", request), { status: "Accepted" });
      await pace(bench, 17);
      await bench.post("/evse/1/ev", { draw: true });
      await bench.post("/evse/1/plug");
      await bench.settled();
      assert.deepEqual(told(bench, since), ["StatusNotification 1 Occupied"]);
      assert.deepEqual(await call(bench, "RequestStartTransaction", request), { status: "Accepted" });
      await bench.settled();
      assert.equal((await evse(bench)).contactor, true);
    },
  );

  scenario("G-08: the socket lock fails: no charging, no TransactionEvent; mended: it works", {}, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/lock", { fail: true });
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await tap(bench);
    await pace(bench, 10);
    await bench.settled();
    assert.deepEqual(calls(bench, 0, "TransactionEvent"), []);
    assert.equal((await evse(bench)).contactor, false);
    await bench.post("/evse/1/lock", { fail: false });
    await tap(bench);
    assert.equal((await evse(bench)).contactor, true);
    assert.equal((await evse(bench)).locked, true);
  });
});

describe("E01: two EVSEs at once", () => {
  scenario("E-02, E-06: interleaved transactions, each with its own id, seqNo and registers", TWO, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await charging(bench, 1);
    await pace(bench, 30);
    await charging(bench, 2, OTHER_CARD);
    await pace(bench, 61);
    await bench.post("/evse/1/ev", { draw: false });
    await bench.settled();
    await tap(bench, OTHER_CARD);
    await tap(bench);
    assert.deepEqual(told(bench, since), [
      "StatusNotification 1 Occupied",
      "Authorize 04A1B2C3",
      STARTED,
      CHARGING,
      "StatusNotification 2 Occupied",
      "Authorize 0499887766",
      "#2 Started 0 Authorized EVConnected evse=2 token=0499887766 Transaction.Begin",
      "#2 Updated 1 ChargingStateChanged Charging",
      "Updated 2 MeterValuePeriodic Sample.Periodic",
      "#2 Updated 2 MeterValuePeriodic Sample.Periodic",
      "Updated 3 ChargingStateChanged SuspendedEV",
      "#2 Ended 3 StopAuthorized EVConnected Local token=0499887766 Transaction.Begin Transaction.End",
      "Ended 4 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
    ]);
    for (const transaction of bench.csms.stations.get("CS001")!.transactions.values()) {
      const id = transaction.evse;
      const used = transaction.lastWh! - transaction.startWh!;
      // 16 A at 230 V, one phase: 3,680 W.
      const seconds = id === 1 ? 91 : 61;
      assert.ok(Math.abs(used - (3680 * seconds) / 3600) <= 3, `EVSE ${id}: ${used} Wh in ${seconds} s`);
    }
  });
});

describe("J: values in the events", () => {
  scenario(
    "E-03, J-01, J-05 … J-07: times are those of the events, registers rise, units and contexts are right",
    {},
    async (bench) => {
      await registered(bench);
      await charging(bench);
      await pace(bench, 125);
      await tap(bench);
      const events = calls(bench, 0, "TransactionEvent").map(({ payload }) => payload);
      let register = -1;
      const began = (events[0].meterValue as { sampledValue: Payload[] }[])[0].sampledValue[0].value;
      let time = "";
      for (const event of events) {
        assert.ok((event.timestamp as string) >= time, "in order of time");
        time = event.timestamp as string;
        for (const { timestamp, sampledValue } of (event.meterValue ?? []) as { timestamp: string; sampledValue: Payload[] }[]) {
          assert.ok(timestamp <= time);
          for (const { value, context, measurand = "Energy.Active.Import.Register", unitOfMeasure } of sampledValue) {
            if (event.eventType === "Ended" && context === "Transaction.Begin") {
              assert.deepEqual([measurand, value, timestamp], ["Energy.Active.Import.Register", began, events[0].timestamp]);
              continue;
            }
            const unit = (unitOfMeasure as Payload | undefined)?.unit ?? "Wh";
            if (measurand === "Energy.Active.Import.Register") {
              assert.equal(unit, "Wh");
              assert.ok((value as number) >= register);
              register = value as number;
            } else if (measurand === "Power.Active.Import") {
              assert.deepEqual([unit, value], ["W", 3680]);
            } else assert.deepEqual([measurand, unit, value], ["Current.Import", "A", 16]);
          }
        }
      }
      assert.ok(Math.abs(register - (3680 * 125) / 3600) <= 3);
      assert.equal(events.filter(({ triggerReason }) => triggerReason === "MeterValuePeriodic").length, 2);
    },
  );

  scenario("E-03: numberOfPhasesUsed is told when energy starts", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const start = calls(bench, 0, "TransactionEvent").find(
      ({ payload }) => (payload.transactionInfo as Payload).chargingState === "Charging",
    );
    assert.equal(start?.payload.numberOfPhasesUsed, 1);
  });
});
