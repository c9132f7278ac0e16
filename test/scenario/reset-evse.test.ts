/** OCPP 2.0.1 Part 2, B11, B12: Reset of one EVSE. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, calls, CARD, charging, get, mark, OTHER_CARD, pace, registered, told } from "./steps.ts";

const TWO = { station: { evses: 2 } };

async function reset(bench: Bench, type: string, where: Payload): Promise<unknown> {
  return (await call(bench, "Reset", { type, ...where })).status;
}

describe("B11, B12: Reset of one EVSE", () => {
  const boots = (bench: Bench): number => calls(bench, 0, "BootNotification").length;

  scenario("B-53, TC_B_25: idle: Accepted, its status, no BootNotification", TWO, async (bench) => {
    await registered(bench);
    assert.deepEqual(await get(bench, "EVSE.AllowReset@1", "EVSE.AllowReset@2"), ["Accepted true", "Accepted true"]);
    await charging(bench, 1);
    for (const type of ["OnIdle", "Immediate"]) {
      const since = mark(bench);
      assert.equal(await reset(bench, type, { evseId: 2 }), "Accepted");
      await bench.settled();
      assert.deepEqual(told(bench, since), ["StatusNotification 2 Available"]);
    }
    await pace(bench, 5);
    assert.equal(boots(bench), 1);
    assert.equal((await bench.station.state()).evses[0].contactor, true, "the other one charges");
  });

  scenario(
    "B-53, TC_B_26: OnIdle in a transaction: Scheduled; after its end its status, no BootNotification",
    TWO,
    async (bench) => {
      await registered(bench);
      await charging(bench, 1);
      const since = mark(bench);
      assert.equal(await reset(bench, "OnIdle", { evseId: 1 }), "Scheduled");
      assert.equal(await reset(bench, "OnIdle", { evseId: 1 }), "Scheduled");
      await pace(bench, 3);
      await bench.post("/tap", CARD);
      await bench.settled();
      await pace(bench, 1);
      await bench.settled();
      assert.deepEqual(told(bench, since), [
        "Ended 2 StopAuthorized EVConnected Local token=04A1B2C3 Transaction.Begin Transaction.End",
        "StatusNotification 1 Occupied",
      ]);
      await bench.post("/tap", CARD);
      await bench.settled();
      assert.equal((await bench.station.state()).evses[0].contactor, true, "it takes cards again");
      assert.equal(boots(bench), 1);
    },
  );

  scenario("B-53, TC_B_27: Immediate in a transaction: Accepted, Ended ImmediateReset, its status", TWO, async (bench) => {
    await registered(bench);
    await charging(bench, 1);
    await charging(bench, 2, OTHER_CARD);
    const since = mark(bench);
    assert.equal(await reset(bench, "OnIdle", { evseId: 2 }), "Scheduled");
    assert.equal(await reset(bench, "Immediate", { evseId: 2 }), "Accepted");
    await bench.settled();
    assert.deepEqual(told(bench, since).sort(), [
      "#2 Ended 2 ResetCommand EVConnected ImmediateReset Transaction.Begin Transaction.End",
      "StatusNotification 2 Occupied",
    ]);
    await pace(bench, 5);
    assert.equal(boots(bench), 1);
    const { evses } = await bench.station.state();
    assert.deepEqual(
      evses.map(({ contactor }) => contactor),
      [true, false],
    );
    await bench.post("/tap", OTHER_CARD);
    await bench.settled();
    assert.equal((await bench.station.state()).evses[1].contactor, true, "the schedule is gone with the reset");
  });

  scenario("B-53: a permit that waits for its cable is gone; B-54: a locked cable makes it wait", {}, async (bench) => {
    await registered(bench);
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.equal(await reset(bench, "OnIdle", { evseId: 1 }), "Accepted");
    await bench.post("/evse/1/plug");
    await bench.settled();
    assert.equal(calls(bench, 0, "TransactionEvent").length, 0);
    bench.csms.on("TransactionEvent", (request) => (request.idToken ? { idTokenInfo: { status: "Blocked" } } : {}));
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.equal((await bench.station.state()).evses[0].locked, true);
    assert.equal(await reset(bench, "OnIdle", { evseId: 1 }), "Scheduled");
    await pace(bench, 3);
    const since = mark(bench);
    await bench.post("/tap", CARD);
    await pace(bench, 1);
    await bench.settled();
    assert.deepEqual(told(bench, since), ["StatusNotification 1 Occupied"]);
  });

  scenario("B-53, B-55: Unavailable and Reserved stay so", TWO, async (bench) => {
    await registered(bench);
    await call(bench, "ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 1 } });
    const expiryDateTime = new Date(bench.station.now() + 600_000).toISOString();
    await call(bench, "ReserveNow", { id: 1, expiryDateTime, idToken: CARD, evseId: 2 });
    await bench.settled();
    const since = mark(bench);
    for (const evseId of [1, 2]) assert.equal(await reset(bench, "Immediate", { evseId }), "Accepted");
    await bench.settled();
    assert.deepEqual(told(bench, since), ["StatusNotification 1 Unavailable", "StatusNotification 2 Reserved"]);
  });

  scenario("B-53, TC_B_28, TC_B_29: unknown EVSE: Rejected", TWO, async (bench) => {
    await registered(bench);
    for (const evseId of [0, 3, 9, -1]) {
      for (const type of ["OnIdle", "Immediate"]) assert.equal(await reset(bench, type, { evseId }), "Rejected");
    }
    await pace(bench, 5);
    assert.equal(boots(bench), 1);
  });
});
