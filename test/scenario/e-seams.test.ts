/**
 * OCPP 2.0.1 Part 2, C and E: where a card, a car, a lock, a lost line and a lost power meet (conformance C-13, E-14, E-20, E-22, E-26, E-30,
 * E-31, E-32, F-03, J-08).
 */
import assert from "node:assert/strict";
import { scenario, type Bench } from "./harness.ts";
import { call, CARD, charging, mark, OTHER_CARD, pace, powerCycle, QUICK_RETRY, registered, tap, told } from "./steps.ts";

const evse = async (bench: Bench, id = 1) => (await bench.station.state()).evses[id - 1];

describe("C, E: where things meet", () => {
  scenario("C-13, E-20: a waiting card does not take a car that has just finished", { station: { evses: 2 } }, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await tap(bench, OTHER_CARD);
    const since = mark(bench);
    await tap(bench);
    assert.equal(told(bench, since).length, 1, told(bench, since).join("\n"));
    assert.equal((await evse(bench)).contactor, false);
    await bench.post("/evse/2/plug");
    await bench.settled();
    assert.match(told(bench, since).at(-2)!, /^#2 Started 0 CablePluggedIn EVConnected evse=2 token=0499887766 /);
  });

  scenario("E-20: a permit that comes while the lock opens closes it before the contactor", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    await tap(bench);
    const frames = mark(bench);
    await tap(bench);
    assert.ok(told(bench, frames).some((line) => line.includes("Started 0 Authorized")));
    const { contactor, locked } = await evse(bench);
    assert.deepEqual({ contactor, locked }, { contactor: true, locked: true });
  });

  scenario(
    "C-11: a card that was to be asked about when the line was lost does not block the next, nor charge later",
    { station: { set: QUICK_RETRY } },
    async (bench) => {
      await registered(bench);
      // The StatusNotification is unanswered, so the Authorize waits.
      await bench.post("/network", { stall: true });
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await bench.post("/network", { up: false });
      await bench.post("/network", { stall: false });
      await pace(bench, 3);
      const since = mark(bench);
      await bench.post("/network", { up: true });
      await pace(bench, 5);
      await bench.settled();
      assert.ok(!told(bench, since).some((line) => line.startsWith("Authorize")), told(bench, since).join("\n"));
      assert.equal((await evse(bench)).transactionId, null);
      await tap(bench);
      assert.ok(told(bench, since).some((line) => line.startsWith("Started")));
    },
  );

  const resuming = { station: { set: { ...QUICK_RETRY, "TxCtrlr.ResumptionTimeout": "600" } } };
  scenario(
    "E-26, E-22: the car leaves while its interrupted transaction waits: it ends, and the next car pays nothing",
    resuming,
    async (bench) => {
      await registered(bench);
      await charging(bench);
      await bench.post("/network", { up: false });
      await powerCycle(bench);
      await pace(bench, 3);
      await bench.post("/evse/1/unplug", { force: true });
      await pace(bench, 2);
      await bench.post("/evse/1/plug");
      await pace(bench, 2);
      const since = mark(bench);
      await bench.post("/network", { up: true });
      await pace(bench, 5);
      await bench.settled();
      const frames = told(bench, since);
      assert.ok(
        frames.some((line) => /^Ended \d EVCommunicationLost Idle EVDisconnected offline /.test(line)),
        frames.join("\n"),
      );
      assert.equal((await evse(bench)).contactor, false);
      assert.equal((await evse(bench)).transactionId, null);
    },
  );

  scenario(
    "E-23, E-26: power lost after the stop, stop point EVConnected: no energy afterwards",
    { station: { set: { ...resuming.station.set, "TxCtrlr.TxStopPoint": "EVConnected" } } },
    async (bench) => {
      await registered(bench);
      await charging(bench);
      await tap(bench);
      await powerCycle(bench);
      await registered(bench);
      await bench.settled();
      assert.equal((await evse(bench)).contactor, false);
      assert.equal((await evse(bench)).transactionId, null);
    },
  );

  scenario(
    "E-32, E-26: power lost after the authorization was withdrawn: no energy afterwards",
    { station: { set: { ...resuming.station.set, "TxCtrlr.StopTxOnInvalidId": "false" } } },
    async (bench) => {
      await registered(bench);
      bench.csms.on("TransactionEvent", (request) => (request.idToken ? { idTokenInfo: { status: "Invalid" } } : {}));
      await bench.post("/evse/1/plug");
      await bench.post("/evse/1/ev", { draw: true });
      await tap(bench);
      assert.equal((await evse(bench)).contactor, false);
      await powerCycle(bench);
      await registered(bench);
      await bench.settled();
      assert.equal((await evse(bench)).contactor, false);
    },
  );

  const early = { "TxCtrlr.TxStartPoint": "Authorized", "TxCtrlr.TxStopPoint": "Authorized" };
  scenario(
    "E-14, E-30: a verdict about a transaction that has found its EVSE meanwhile",
    { station: { evses: 2, set: { ...QUICK_RETRY, ...early, "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true" } } },
    async (bench) => {
      await registered(bench);
      bench.csms.on("TransactionEvent", (request) => (request.idToken ? { idTokenInfo: { status: "Blocked" } } : {}));
      await bench.post("/network", { up: false });
      await pace(bench, 1);
      await bench.post("/tap", CARD);
      await bench.post("/evse/2/ev", { draw: true });
      await bench.post("/evse/2/plug");
      await pace(bench, 2);
      assert.equal((await evse(bench, 2)).contactor, true);
      await bench.post("/network", { up: true });
      await pace(bench, 4);
      await bench.settled();
      assert.equal((await evse(bench, 2)).contactor, false);
      assert.ok(
        told(bench).some((line) => / Deauthorized EVConnected DeAuthorized/.test(line)),
        told(bench).join("\n"),
      );
    },
  );

  scenario(
    "C-03, J-08: a token for one EVSE does not charge at another, and no foreign register is told",
    { station: { evses: 2, set: { ...early, "SampledDataCtrlr.TxUpdatedInterval": "5" } } },
    async (bench) => {
      await registered(bench);
      bench.csms.on("Authorize", () => ({ idTokenInfo: { status: "Accepted", evseId: [1] } }));
      await tap(bench);
      await pace(bench, 12);
      await bench.post("/evse/2/ev", { draw: true });
      await bench.post("/evse/2/plug");
      await bench.settled();
      assert.equal((await evse(bench, 2)).contactor, false);
      assert.ok(!told(bench).some((line) => line.includes("Sample.Periodic")), told(bench).join("\n"));
    },
  );

  scenario("F-03: an accepted remote start that waits keeps its place", { station: { evses: 2 } }, async (bench) => {
    await registered(bench);
    const start = (remoteStartId: number, evseId?: number) =>
      call(bench, "RequestStartTransaction", { idToken: CARD, remoteStartId, ...(evseId ? { evseId } : {}) });
    assert.equal((await start(1)).status, "Accepted");
    assert.equal((await start(2, 2)).status, "Rejected");
    const since = mark(bench);
    await bench.post("/evse/1/plug");
    await bench.settled();
    assert.ok(
      told(bench, since).some((line) => line.includes("remote=1")),
      told(bench, since).join("\n"),
    );
  });

  scenario(
    "G-08, E-31: stopped while its lock closes: no alarm, the transaction stays as it was",
    { station: { set: { "TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected" } } },
    async (bench) => {
      await registered(bench);
      await bench.post("/evse/1/lock", { fail: true });
      await bench.post("/evse/1/plug");
      await tap(bench);
      const since = mark(bench);
      await tap(bench);
      await pace(bench, 8);
      const frames = told(bench, since);
      assert.ok(!frames.includes("NotifyEvent") && !frames.some((line) => line.includes("AbnormalCondition")), frames.join("\n"));
    },
  );
});
