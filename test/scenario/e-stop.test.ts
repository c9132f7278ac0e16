/** OCPP 2.0.1 Part 2, E05–E07, E09, E10: how a transaction ends: card, CSMS, unplugging, fault, an authorization taken back. */
import assert from "node:assert/strict";
import { scenario, type Bench } from "./harness.ts";
import {
  call,
  charging,
  fault,
  isBelievedLate,
  mark,
  OTHER_CARD,
  pace,
  registered,
  setTo,
  told,
  transactionOf,
  tap,
  tornOut,
} from "./steps.ts";

const FIXED = { station: { fixedCable: true } };
const HOLD = { station: { set: { "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false" } } };
const STARTED = "Started 0 Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin";
const CHARGING = "Updated 1 ChargingStateChanged Charging";

async function evse(bench: Bench, id = 1) {
  return (await bench.station.state()).evses[id - 1];
}

describe("E06, E07: stop", () => {
  for (const [cable, options] of [
    ["socket", {}],
    ["fixed cable", FIXED],
  ] as const) {
    scenario(`E-20: the same card (${cable}): Ended Local, cable free, Available after unplugging`, options, async (bench) => {
      await registered(bench);
      await charging(bench);
      const since = mark(bench);
      await tap(bench);
      assert.deepEqual(told(bench, since), [
        "Ended 2 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
      ]);
      const { contactor, limitAmps, locked } = await evse(bench);
      assert.deepEqual({ contactor, limitAmps, locked }, { contactor: false, limitAmps: 0, locked: false });
      await bench.post("/evse/1/unplug");
      await bench.settled();
      assert.deepEqual(told(bench, since).slice(1), ["StatusNotification 1 Available"]);
    });

    scenario(`E-22: the car's end is unplugged (${cable})`, options, async (bench) => {
      await registered(bench);
      await charging(bench);
      const since = mark(bench);
      await bench.post("/evse/1/unplug-ev");
      await bench.settled();
      const ended = "Ended 2 EVCommunicationLost Idle EVDisconnected Transaction.Begin Transaction.End";
      assert.equal((await evse(bench)).locked, false);
      assert.equal((await evse(bench)).contactor, false);
      if (cable === "socket") {
        assert.deepEqual(told(bench, since), [ended]);
        await bench.post("/evse/1/unplug");
        await bench.settled();
      }
      assert.deepEqual(told(bench, since).sort(), [ended, "StatusNotification 1 Available"]);
    });
  }

  scenario("E-21: RequestStopTransaction: Ended Remote", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    assert.deepEqual(await call(bench, "RequestStopTransaction", { transactionId: await transactionOf(bench) }), {
      status: "Accepted",
    });
    await bench.settled();
    assert.deepEqual(told(bench, since), ["Ended 2 RemoteStop EVConnected Remote Transaction.Begin Transaction.End"]);
    assert.equal((await evse(bench)).locked, false);
  });

  scenario("E-22: UnlockOnEVSideDisconnect false: locked until the card is shown, no other card opens", HOLD, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await bench.post("/evse/1/unplug-ev");
    await bench.settled();
    assert.equal((await evse(bench)).locked, true);
    await tap(bench, OTHER_CARD);
    assert.equal((await evse(bench)).locked, true);
    await pace(bench, 65);
    await tap(bench);
    assert.equal((await evse(bench)).locked, false);
    await bench.post("/evse/1/unplug");
    await bench.settled();
    assert.deepEqual(
      told(bench, since).filter((line) => !line.startsWith("Authorize")),
      ["Ended 2 EVCommunicationLost Idle EVDisconnected Transaction.Begin Transaction.End", "StatusNotification 1 Available"],
    );
  });

  scenario("E-22: a socket whose cable is torn out", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    assert.equal((await bench.station.post("/evse/1/unplug", {})).status, 409, "locked while charging");
    await bench.post("/evse/1/unplug", { force: true });
    await bench.settled();
    const first = tornOut(2);
    assert.deepEqual(told(bench, since).sort(), [
      `Ended ${2 + first.length} EVCommunicationLost Idle EVDisconnected Transaction.Begin Transaction.End`,
      "StatusNotification 1 Available",
      ...first,
    ]);
    await charging(bench, 1, OTHER_CARD);
  });

  for (const [code, reason] of [
    ["GroundFailure", "GroundFault"],
    ["OverCurrentFailure", "OvercurrentFault"],
    ["OverVoltage", "PowerQuality"],
    ["UnderVoltage", "PowerQuality"],
    ["HighTemperature", "Other"],
    ["InternalError", "Other"],
    ["OtherError", "Other"],
    ["PowerMeterFailure", "Other"],
    ["PowerSwitchFailure", "Other"],
    ["ConnectorLockFailure", "Other"],
    ["EVCommunicationError", "Other"],
    ["ReaderFailure", "Other"],
    ["ResetFailure", "Other"],
  ]) {
    scenario(
      `E-25, G-09: ${code}: Ended ${reason}, Faulted; cleared: the true state, no charging by itself`,
      {},
      async (bench) => {
        await registered(bench);
        await charging(bench);
        const since = mark(bench);
        await fault(bench, code);
        assert.equal((await evse(bench)).contactor, false, "energy off at once");
        await bench.settled();
        const lock = code === "ConnectorLockFailure" ? ["NotifyEvent"] : []; // G-08
        // A board that becomes hot offers less and less before it stops.
        const less = told(bench, since).filter((line) => line.includes("ChargingRateChanged"));
        assert.equal(less.length > 0, isBelievedLate(code));
        assert.deepEqual(told(bench, since).sort(), [
          `Ended ${2 + less.length} AbnormalCondition EVConnected ${reason} Transaction.Begin Transaction.End`,
          ...lock,
          "StatusNotification 1 Faulted",
          ...less,
        ]);
        await fault(bench, null, code);
        await bench.settled();
        assert.deepEqual(told(bench, since).slice(2 + lock.length + less.length), ["StatusNotification 1 Occupied", ...lock]);
        assert.equal((await evse(bench)).contactor, false);
      },
    );
  }
});

describe("E05: the CSMS takes the authorization back", () => {
  /** The answer to the first event with a token refuses it. */
  function refuseStart(bench: Bench): void {
    bench.csms.on("TransactionEvent", (request) => (request.idToken ? { idTokenInfo: { status: "Blocked" } } : {}));
  }

  scenario("E-30: StopTxOnInvalidId true: Ended DeAuthorized; locked until the card is shown", {}, async (bench) => {
    await registered(bench);
    refuseStart(bench);
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await bench.settled();
    const since = mark(bench);
    await tap(bench);
    const lines = told(bench, since);
    assert.deepEqual(lines.slice(0, 2), ["Authorize 04A1B2C3", STARTED]);
    assert.match(lines.at(-1)!, /^Ended \d Deauthorized EVConnected DeAuthorized Transaction\.Begin Transaction\.End$/);
    assert.ok(lines.length <= 4);
    const { contactor, locked } = await evse(bench);
    assert.deepEqual({ contactor, locked }, { contactor: false, locked: true });
    await tap(bench, OTHER_CARD);
    assert.equal((await evse(bench)).locked, true, "not by another card");
  });

  scenario("E-30: … and the card unlocks", {}, async (bench) => {
    await registered(bench);
    refuseStart(bench);
    await bench.post("/evse/1/plug");
    await tap(bench);
    const since = mark(bench);
    await tap(bench);
    assert.equal((await evse(bench)).locked, false);
    assert.deepEqual(told(bench, since), []);
  });

  scenario("E-32: StopTxOnInvalidId false: energy off, SuspendedEVSE; the card ends it", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, "TxCtrlr.StopTxOnInvalidId", "false");
    refuseStart(bench);
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await bench.settled();
    const since = mark(bench);
    await tap(bench);
    assert.match(told(bench, since).at(-1)!, /^Updated \d ChargingStateChanged SuspendedEVSE$/);
    const { contactor, limitAmps, transactionId } = await evse(bench);
    assert.deepEqual(
      { contactor, limitAmps, running: transactionId !== null },
      { contactor: false, limitAmps: 0, running: true },
    );
    for (const draw of [false, true]) {
      await bench.post("/evse/1/ev", { draw });
      await bench.settled();
      assert.equal((await evse(bench)).contactor, false);
    }
    assert.match(told(bench, since).at(-1)!, /SuspendedEVSE$/, "suspension by the station wins (E-07)");
    await tap(bench);
    assert.match(
      told(bench, since).at(-1)!,
      /^Ended \d StopAuthorized EVConnected Local token=04A1B2C3 Transaction\.Begin Transaction\.End$/,
    );
  });

  scenario("E-33: no idTokenInfo, or a bad one on an event without token, changes nothing", {}, async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", (request) => (request.idToken ? {} : { idTokenInfo: { status: "Invalid" } }));
    await charging(bench);
    await pace(bench, 61);
    await bench.settled();
    assert.equal((await evse(bench)).contactor, true);
    assert.deepEqual(told(bench).slice(-3), [STARTED, CHARGING, "Updated 2 MeterValuePeriodic Sample.Periodic"]);
  });

  scenario("E-33: a bad status for an ended transaction does nothing to the next one", {}, async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", (request) => (request.eventType === "Ended" ? { idTokenInfo: { status: "Invalid" } } : {}));
    await charging(bench);
    await tap(bench);
    await tap(bench, OTHER_CARD);
    assert.equal((await evse(bench)).contactor, true);
  });
});
