/** OCPP 1.6, 3.12, 5.3, 5.13: reservation of a connector (RV-01 … RV-05). */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import {
  calls,
  car,
  CARD,
  mark,
  offlineFor,
  OTHER_CARD,
  pace,
  powerCycle,
  QUICK_RETRY,
  registered,
  tap,
  timeIn,
} from "./steps.ts";
import { on16, status16, statuses16, told16 } from "./steps16.ts";

const ONE = on16({ station: { set: QUICK_RETRY } });
const TWO = on16({ station: { evses: 2, set: QUICK_RETRY } });
/** Cards that the CSMS answers with the parent GROUP-AA. */
const MEMBER = { idToken: "AA000001", type: "ISO14443" };

/** ReserveNow for `CARD` on connector 1 unless `more` says otherwise, to end in `seconds`: the status. */
async function reserve(bench: Bench, more: Payload = {}, seconds = 600): Promise<unknown> {
  const expiryDate = await timeIn(bench, seconds);
  return status16(bench, "ReserveNow", { connectorId: 1, expiryDate, idTag: CARD.idToken, reservationId: 7, ...more });
}

const cancel = (bench: Bench, reservationId: number): Promise<unknown> => status16(bench, "CancelReservation", { reservationId });

const starts = (bench: Bench): unknown[] =>
  calls(bench, 0, "StartTransaction").map(({ payload }) => [payload.connectorId, payload.reservationId]);

/** The last status that was told of each connector. */
const now = (bench: Bench, connectors = 2): unknown[] =>
  Array.from({ length: connectors }, (_, i) => statuses16(bench, i + 1).at(-1));

describe("1.6, 5.13, 5.3: ReserveNow, CancelReservation", () => {
  scenario("RV-01, RV-05, TC_051, TC_052: Reserved; cancelled: Available; unknown: Rejected", TWO, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    assert.equal(await reserve(bench, { connectorId: 2 }), "Accepted");
    assert.equal(await cancel(bench, 8), "Rejected");
    assert.equal(await cancel(bench, 7), "Accepted");
    assert.equal(await cancel(bench, 7), "Rejected");
    assert.deepEqual(told16(bench, since), ["Status 2 Reserved", "Status 2 Available"]);
    await car(bench, 2);
    await tap(bench);
    assert.deepEqual(starts(bench), [[2, undefined]], "no reservation any more");
  });

  scenario("RV-01, RV-03, RV-05: Rejected: connector 0, unknown, past, switched off", TWO, async (bench) => {
    await registered(bench);
    for (const connectorId of [0, 3, -1]) assert.equal(await reserve(bench, { connectorId }), "Rejected");
    assert.equal(await reserve(bench, {}, -1), "Rejected", "past");
    assert.equal(await reserve(bench, { idTag: "a\nb" }), "Rejected", "no identifier");
    assert.deepEqual(now(bench), ["Available", "Available"]);
  });

  scenario(
    "RV-01, TC_048_4: profile off: Rejected as an answer",
    on16({ station: { set: { "ReservationCtrlr.Enabled": "false" } } }),
    async (bench) => {
      await registered(bench);
      assert.equal(await reserve(bench), "Rejected");
    },
  );

  scenario("RV-01, TC_048_1, TC_048_2, TC_048_3: Occupied, Faulted, Unavailable", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await reserve(bench), "Accepted");
    assert.equal(await reserve(bench, { reservationId: 8 }), "Occupied", "reserved under another number");
    const other = { connectorId: 2, reservationId: 8 };
    await car(bench, 2);
    assert.equal(await reserve(bench, other), "Occupied", "Preparing");
    await tap(bench, OTHER_CARD);
    assert.equal(await reserve(bench, other), "Occupied", "Charging");
    await tap(bench, OTHER_CARD);
    assert.equal(await reserve(bench, other), "Occupied", "Finishing");
    await bench.post("/evse/2/unplug");
    await bench.post("/evse/2/fault", { code: "OtherError" });
    await bench.settled();
    assert.equal(await reserve(bench, other), "Faulted");
    await bench.post("/evse/2/fault", { code: null });
    assert.equal(await status16(bench, "ChangeAvailability", { connectorId: 2, type: "Inoperative" }), "Accepted");
    assert.equal(await reserve(bench, other), "Unavailable");
  });

  scenario("RV-02: the same number replaces, also at another connector", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await reserve(bench), "Accepted");
    assert.equal(await reserve(bench, { idTag: OTHER_CARD.idToken }), "Accepted");
    const since = mark(bench);
    assert.equal(await reserve(bench, { connectorId: 2 }), "Accepted");
    assert.deepEqual(told16(bench, since).sort(), ["Status 1 Available", "Status 2 Reserved"]);
  });
});

describe("1.6, 3.12: use and end of a reservation", () => {
  scenario("RV-04, TC_046_1: another tag is refused; its own: Preparing, plug, Start with the number", ONE, async (bench) => {
    await registered(bench);
    await reserve(bench);
    let since = mark(bench);
    await tap(bench, OTHER_CARD);
    await car(bench);
    assert.deepEqual(
      told16(bench, since).filter((line) => line !== `Authorize ${OTHER_CARD.idToken}`),
      [],
    );
    await bench.post("/evse/1/unplug");
    await bench.settled();
    since = mark(bench);
    await tap(bench);
    await car(bench);
    assert.deepEqual(
      told16(bench, since).filter((line) => !line.startsWith("Authorize")),
      ["Status 1 Preparing", "Status 1 Charging", `Start 1 ${CARD.idToken} 0 7`],
    );
    await tap(bench);
    await bench.post("/evse/1/unplug");
    await bench.settled();
    assert.deepEqual(now(bench, 1), ["Available"]);
    await car(bench);
    await tap(bench, OTHER_CARD);
    assert.deepEqual(starts(bench), [
      [1, 7],
      [1, undefined],
    ]);
  });

  scenario("RV-04, TC_046_2: plug first, then its own tag", ONE, async (bench) => {
    await registered(bench);
    await reserve(bench);
    await car(bench);
    await tap(bench);
    assert.deepEqual(starts(bench), [[1, 7]]);
  });

  scenario("RV-04, TC_053: a tag of the same parent, in any case of its letters", ONE, async (bench) => {
    await registered(bench);
    await reserve(bench, { parentIdTag: "group-aa" });
    await car(bench);
    await tap(bench, OTHER_CARD);
    assert.deepEqual(starts(bench), []);
    await tap(bench, MEMBER);
    assert.deepEqual(starts(bench), [[1, 7]]);
  });

  scenario("RV-04: remote start of another tag: Rejected; of its own: Accepted", ONE, async (bench) => {
    await registered(bench);
    await reserve(bench);
    const remote = (idTag: string): Promise<unknown> => status16(bench, "RemoteStartTransaction", { connectorId: 1, idTag });
    assert.equal(await remote(OTHER_CARD.idToken), "Rejected");
    assert.equal(await remote(CARD.idToken), "Accepted");
    await car(bench);
    assert.deepEqual(starts(bench), [[1, 7]]);
  });

  scenario("RV-04: two connectors: its tag goes to its own, another one to the other", TWO, async (bench) => {
    await registered(bench);
    await reserve(bench, { connectorId: 2 });
    await car(bench, 1);
    await car(bench, 2);
    await tap(bench);
    await tap(bench, OTHER_CARD);
    assert.deepEqual(starts(bench), [
      [2, 7],
      [1, undefined],
    ]);
  });

  scenario("RV-05, TC_047: its time is over: Available, and nothing else is told", ONE, async (bench) => {
    await registered(bench);
    await reserve(bench, {}, 5);
    const since = mark(bench);
    await pace(bench, 7);
    await bench.settled();
    assert.deepEqual(told16(bench, since), ["Status 1 Available"]);
    assert.equal(await cancel(bench, 7), "Rejected");
    assert.equal(await reserve(bench), "Accepted");
  });

  scenario("RV-05: Faulted or Unavailable end it", TWO, async (bench) => {
    await registered(bench);
    await reserve(bench);
    await reserve(bench, { connectorId: 2, reservationId: 8 });
    await bench.post("/evse/1/fault", { code: "GroundFailure" });
    await bench.settled();
    await status16(bench, "ChangeAvailability", { connectorId: 2, type: "Inoperative" });
    assert.deepEqual(now(bench), ["Faulted", "Unavailable"]);
    await bench.post("/evse/1/fault", { code: null });
    await bench.settled();
    await status16(bench, "ChangeAvailability", { connectorId: 2, type: "Operative" });
    assert.deepEqual(now(bench), ["Available", "Available"]);
    assert.deepEqual([await cancel(bench, 7), await cancel(bench, 8)], ["Rejected", "Rejected"]);
    assert.equal(await reserve(bench), "Accepted", "a new one can be made");
  });

  scenario("RV-05: survives power loss; one that ends without a connection frees the connector", TWO, async (bench) => {
    await registered(bench);
    await reserve(bench, { connectorId: 2, reservationId: -3 });
    await reserve(bench, {}, 20);
    await powerCycle(bench);
    await registered(bench);
    assert.deepEqual(now(bench), ["Reserved", "Reserved"]);
    await offlineFor(bench, 30);
    await bench.settled();
    assert.deepEqual(now(bench), ["Available", "Reserved"]);
    assert.equal(await reserve(bench), "Accepted");
    await car(bench, 2);
    await tap(bench, OTHER_CARD);
    assert.deepEqual(starts(bench), []);
    assert.equal(await cancel(bench, -3), "Accepted");
  });
});
