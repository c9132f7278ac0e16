/** OCPP 2.0.1 Part 2, H03: use of a reservation. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { cancel, GROUP, MEMBER, reserve, updates } from "./reservations.ts";
import {
  call,
  calls,
  car,
  CARD,
  mark,
  OTHER_CARD,
  pace,
  paceUntil,
  powerCycle,
  QUICK_RETRY,
  registered,
  setTo,
  statuses,
  tap,
  told,
  transactionOf,
} from "./steps.ts";

const TWO = { station: { evses: 2 } };

/** Transaction events that carry a reservation's number. */
function carried(bench: Bench): string[] {
  return calls(bench, 0, "TransactionEvent")
    .filter(({ payload }) => payload.reservationId !== undefined)
    .map(({ payload }) => `${String(payload.eventType)} ${String(payload.reservationId)}`);
}

describe("H03: use of a reservation", () => {
  scenario("H-03: its token: used; the EVSE is free again afterwards", {}, async (bench) => {
    await registered(bench);
    await reserve(bench);
    const since = mark(bench);
    await tap(bench, CARD);
    assert.deepEqual(told(bench, since), ["Authorize 04A1B2C3", "StatusNotification 1 Available"]);
    await car(bench);
    assert.notEqual(await transactionOf(bench), null);
    await tap(bench, CARD);
    await bench.post("/evse/1/unplug");
    await bench.settled();
    assert.deepEqual(await statuses(bench), ["Available"]);
    assert.deepEqual(carried(bench), ["Started 7"]);
    assert.equal(await cancel(bench, 7), "Rejected");
    await car(bench);
    await tap(bench, OTHER_CARD);
    assert.notEqual(await transactionOf(bench), null);
    assert.deepEqual(updates(bench), []);
    assert.deepEqual(carried(bench), ["Started 7"]);
  });

  scenario("H-03: a foreign cable: still Reserved; a foreign token: refused; then its token", {}, async (bench) => {
    await registered(bench);
    await reserve(bench);
    const since = mark(bench);
    await car(bench);
    await tap(bench, OTHER_CARD);
    assert.equal(await transactionOf(bench), null);
    assert.deepEqual(told(bench, since), []);
    await tap(bench, { ...CARD, idToken: CARD.idToken.toLowerCase() });
    assert.notEqual(await transactionOf(bench), null);
    assert.deepEqual(await statuses(bench), ["Occupied"]);
  });

  scenario("H-03: two EVSEs: its token goes to its own, a foreign one to the other", TWO, async (bench) => {
    await registered(bench);
    await car(bench, 2);
    await reserve(bench);
    await tap(bench, OTHER_CARD);
    assert.deepEqual([await transactionOf(bench, 1), (await transactionOf(bench, 2)) !== null], [null, true]);
    await tap(bench, CARD);
    assert.deepEqual(await statuses(bench), ["Available", "Occupied"]);
    await car(bench, 1);
    assert.notEqual(await transactionOf(bench, 1), null);
  });

  scenario("H-03: a card accepted before it was reserved does not take it", TWO, async (bench) => {
    await registered(bench);
    await tap(bench, OTHER_CARD);
    await reserve(bench);
    await car(bench, 1);
    assert.equal(await transactionOf(bench, 1), null);
    await car(bench, 2);
    assert.notEqual(await transactionOf(bench, 2), null);
  });

  scenario("H-03, TC_H_19: a token of its group, known from the CSMS", {}, async (bench) => {
    await registered(bench);
    await reserve(bench, { groupIdToken: GROUP });
    await car(bench);
    await tap(bench, OTHER_CARD);
    assert.equal(await transactionOf(bench), null, "no member");
    assert.deepEqual(await statuses(bench), ["Reserved"]);
    await tap(bench, MEMBER);
    assert.notEqual(await transactionOf(bench), null);
  });

  scenario("H-03, F-02: remote start for another token: Rejected; for its own or its group: Accepted", {}, async (bench) => {
    await registered(bench);
    const start = async (more: Payload): Promise<unknown> =>
      (await call(bench, "RequestStartTransaction", { remoteStartId: 1, evseId: 1, ...more })).status;
    await reserve(bench, { groupIdToken: GROUP });
    await car(bench);
    assert.equal(await start({ idToken: OTHER_CARD }), "Rejected");
    assert.equal(await start({ idToken: OTHER_CARD, groupIdToken: { ...GROUP, idToken: "other" } }), "Rejected");
    assert.equal(await start({ idToken: OTHER_CARD, groupIdToken: GROUP }), "Accepted");
    await bench.settled();
    assert.notEqual(await transactionOf(bench), null);
  });

  scenario("H-03: used, but nobody plugs in: free for all after EVConnectionTimeOut", {}, async (bench) => {
    await registered(bench);
    await reserve(bench);
    await tap(bench, CARD);
    await pace(bench, 61);
    await car(bench);
    await tap(bench, OTHER_CARD);
    assert.notEqual(await transactionOf(bench), null);
    assert.deepEqual(carried(bench), []);
  });

  for (const [point, kind] of [
    ["EVConnected", "Started"],
    ["Authorized", "Started"],
  ]) {
    scenario(
      `H-03, E-04: start point ${point}: a foreign car begins nothing; ${kind} carries the number once`,
      {},
      async (bench) => {
        await registered(bench);
        await setTo(bench, "TxCtrlr.TxStartPoint", point);
        await reserve(bench, { id: 0 });
        await car(bench);
        assert.equal(await transactionOf(bench), null);
        assert.deepEqual(await statuses(bench), ["Reserved"]);
        await tap(bench, CARD);
        assert.deepEqual(carried(bench), [`${kind} 0`]);
        assert.equal((await bench.station.state()).evses[0].contactor, true);
      },
    );
  }

  scenario("H-03, E-04: the number survives power loss with the event", { station: { set: QUICK_RETRY } }, async (bench) => {
    await registered(bench);
    await reserve(bench, { id: -2147483648 });
    await car(bench);
    await bench.post("/tap", CARD);
    await bench.settled();
    await powerCycle(bench);
    await paceUntil(bench, "boot", () => calls(bench, 0, "BootNotification").length > 1);
    await registered(bench);
    assert.deepEqual([...new Set(carried(bench))], ["Started -2147483648"]);
  });
});
