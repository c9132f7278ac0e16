/** OCPP 2.0.1 Part 2, F05: UnlockConnector. */
import assert from "node:assert/strict";
import { NO_ANSWER, type Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, CARD, charging, ID, mark, pace, refusal, registered, told, written } from "./steps.ts";

const where = (evseId = 1, connectorId = 1): Payload => ({ evseId, connectorId });

async function unlock(bench: Bench, evseId = 1, connectorId = 1): Promise<unknown> {
  return (await call(bench, "UnlockConnector", where(evseId, connectorId))).status;
}

/** A cable that stays locked although its transaction has ended: the CSMS takes the card's authorization back. */
async function lockedCable(bench: Bench): Promise<void> {
  bench.csms.on("TransactionEvent", (request) => (request.idToken ? { idTokenInfo: { status: "Blocked" } } : {}));
  await bench.post("/evse/1/plug");
  await bench.post("/tap", CARD);
  await bench.settled();
  assert.equal((await bench.station.state()).evses[0].locked, true);
}

describe("F05: UnlockConnector", () => {
  scenario("F-06, TC_F_05: an authorized transaction there: OngoingAuthorizedTransaction, nothing moves", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    assert.equal(await unlock(bench), "OngoingAuthorizedTransaction");
    await pace(bench, 2);
    const [{ locked, contactor }] = (await bench.station.state()).evses;
    assert.deepEqual({ locked, contactor }, { locked: true, contactor: true });
    assert.deepEqual(told(bench, since), []);
  });

  scenario("F-06, TC_F_06: a cable that is still locked: Unlocked", {}, async (bench) => {
    await registered(bench);
    await lockedCable(bench);
    assert.equal(await unlock(bench), "Unlocked");
    assert.equal((await bench.station.state()).evses[0].locked, false);
    await bench.post("/evse/1/unplug");
  });

  scenario("F-06, TC_F_07: no cable, or an open lock: Unlocked", { station: { evses: 2, fixedCable: false } }, async (bench) => {
    await registered(bench);
    await bench.post("/evse/2/plug");
    await bench.settled();
    const since = mark(bench);
    assert.equal(await unlock(bench, 1), "Unlocked");
    assert.equal(await unlock(bench, 2), "Unlocked");
    await bench.settled();
    assert.deepEqual(told(bench, since), []);
  });

  scenario(
    "F-06: the lock is stuck: UnlockFailed after its time, other requests are answered before",
    { allowViolations: true },
    async (bench) => {
      await registered(bench);
      await lockedCable(bench);
      await bench.post("/evse/1/lock", { fail: true });
      const answer = unlock(bench);
      await bench.quiet();
      const since = mark(bench);
      bench.csms.raw(ID, '[2,"second","UnlockConnector",{"evseId":1,"connectorId":1}]');
      bench.csms.raw(ID, '[2,"third","DataTransfer",{"vendorId":"x"}]');
      await bench.quiet();
      await pace(bench, 5);
      assert.equal(await answer, "UnlockFailed");
      assert.deepEqual(written(bench, since).split("\n").slice(0, 2), [
        '[3,"second",{"status":"UnlockFailed"}]', // one at a time
        '[3,"third",{"status":"UnknownVendorId"}]',
      ]);
      assert.equal((await bench.station.state()).evses[0].locked, true);
      await bench.post("/evse/1/lock", { fail: false });
      assert.equal(await unlock(bench), "Unlocked");
    },
  );

  scenario("F-06, RPC-03: answered while a CALL of the station is open", { allowViolations: true }, async (bench) => {
    await registered(bench);
    await lockedCable(bench);
    bench.csms.on("StatusNotification", () => NO_ANSWER);
    await bench.post("/evse/1/fault", { code: "OtherError" });
    await pace(bench, 1);
    assert.equal(await unlock(bench), "Unlocked");
    assert.deepEqual(bench.csms.violations, []);
  });

  scenario("F-06: the connection breaks while the lock moves: the next request is answered", {}, async (bench) => {
    await registered(bench);
    await lockedCable(bench);
    await bench.post("/evse/1/lock", { fail: true });
    const answer = unlock(bench).catch(() => "lost");
    await bench.quiet();
    await bench.post("/network", { drop: true });
    assert.equal(await answer, "lost");
    await bench.post("/evse/1/lock", { fail: false });
    await registered(bench);
    for (let i = 0; i < 30 && !(await bench.station.state()).online; i++) await pace(bench, 1);
    await bench.quiet();
    assert.equal(await unlock(bench), "Unlocked");
  });

  scenario("F-06, TC_F_10: unknown EVSE or connector: UnknownConnector", {}, async (bench) => {
    await registered(bench);
    for (const [evseId, connectorId] of [
      [0, 1],
      [2, 1],
      [1, 0],
      [1, 2],
      [-1, 1],
    ]) {
      assert.equal(await unlock(bench, evseId, connectorId), "UnknownConnector");
    }
  });

  scenario("F-06: a fixed cable has no lock: NotSupported", { station: { fixedCable: true } }, async (bench) => {
    await registered(bench);
    assert.equal(await refusal(bench, "UnlockConnector", where()), "NotSupported");
  });
});
