/** OCPP 2.0.1 Part 2, H: reservation of an EVSE. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { CONNECTOR_TYPE, scenario, type Bench } from "./harness.ts";
import { cancel, GROUP, MEMBER, reserve, updates } from "./reservations.ts";
import {
  call,
  calls,
  car,
  CARD,
  get,
  mark,
  offlineFor,
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

describe("H01, H02: ReserveNow, CancelReservation", () => {
  scenario("H-01, TC_H_01: a free EVSE: Accepted, Reserved; H-04: cancelled: Available", TWO, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    assert.equal(await reserve(bench, { evseId: 2, connectorType: CONNECTOR_TYPE }), "Accepted");
    assert.deepEqual(await get(bench, "Connector.AvailabilityState@2.1"), ["Accepted Reserved"]);
    assert.equal(await cancel(bench, 8), "Rejected");
    assert.equal(await cancel(bench, 7), "Accepted");
    assert.equal(await cancel(bench, 7), "Rejected");
    assert.deepEqual(told(bench, since), ["StatusNotification 2 Reserved", "StatusNotification 2 Available"]);
  });

  scenario("H-01: Rejected: no EVSE named, unknown, past, another connector, disabled, no identifier", TWO, async (bench) => {
    await registered(bench);
    assert.deepEqual(
      await get(bench, "ReservationCtrlr.Available", "ReservationCtrlr.Enabled", "ReservationCtrlr.NonEvseSpecific"),
      ["Accepted true", "Accepted true", "Accepted false"],
    );
    for (const more of [
      { evseId: undefined },
      { evseId: 0 },
      { evseId: 3 },
      { connectorType: "cCCS2" },
      { idToken: { idToken: "a\nb", type: "Central" } },
      { idToken: { idToken: "\u20ac", type: "Central" } },
    ]) {
      assert.equal(await reserve(bench, more), "Rejected", JSON.stringify(more));
    }
    assert.equal(await reserve(bench, {}, -1), "Rejected", "past");
    await setTo(bench, "ReservationCtrlr.Enabled", "false");
    assert.equal(await reserve(bench), "Rejected", "disabled");
    await setTo(bench, "ReservationCtrlr.Enabled", "true");
    assert.equal(await reserve(bench), "Accepted");
    assert.deepEqual(await statuses(bench), ["Reserved", "Available"]);
  });

  scenario("H-01: Occupied, Faulted, Unavailable", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await reserve(bench), "Accepted");
    assert.equal(await reserve(bench, { id: 8 }), "Occupied", "reserved under another number");
    await car(bench, 2);
    assert.equal(await reserve(bench, { id: 8, evseId: 2 }), "Occupied");
    await bench.post("/evse/2/fault", { code: "OtherError" });
    await bench.settled();
    assert.equal(await reserve(bench, { id: 8, evseId: 2 }), "Faulted");
    await bench.post("/evse/2/fault", { code: null });
    await call(bench, "ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 2 } });
    await bench.settled();
    assert.equal(await reserve(bench, { id: 8, evseId: 2 }), "Unavailable");
  });

  scenario("H-01: the same number replaces: token and EVSE", TWO, async (bench) => {
    await registered(bench);
    assert.equal(await reserve(bench), "Accepted");
    assert.equal(await reserve(bench, { idToken: OTHER_CARD }), "Accepted");
    await tap(bench, CARD);
    assert.equal(await reserve(bench, { evseId: 2 }), "Accepted");
    assert.deepEqual(await statuses(bench), ["Available", "Reserved"]);
    assert.equal(await cancel(bench, 7), "Accepted");
    assert.deepEqual(await statuses(bench), ["Available", "Available"]);
    assert.deepEqual(updates(bench), []);
  });

  scenario("H-01: any number: negative, 0, the largest", {}, async (bench) => {
    await registered(bench);
    for (const id of [-2147483648, -1, 0, 2147483647]) {
      assert.equal(await reserve(bench, { id }), "Accepted");
      assert.equal(await reserve(bench, { id: 5 }), "Occupied");
      assert.equal(await cancel(bench, id), "Accepted");
    }
  });
});

describe("H04: end of a reservation", () => {
  scenario("H-03, TC_H_07: its time is over: ReservationStatusUpdate Expired, Available", {}, async (bench) => {
    await registered(bench);
    assert.equal(await reserve(bench, { expiryDateTime: "9999-12-31T23:59:59Z" }), "Accepted");
    assert.equal(await reserve(bench, {}, 5), "Accepted");
    const since = mark(bench);
    await pace(bench, 3);
    assert.deepEqual(told(bench, since), []);
    await pace(bench, 3);
    await bench.settled();
    assert.deepEqual(told(bench, since).sort(), ["ReservationStatusUpdate", "StatusNotification 1 Available"]);
    assert.deepEqual(updates(bench), ["7 Expired"]);
    assert.equal(await cancel(bench, 7), "Rejected");
    assert.equal(await reserve(bench), "Accepted");
  });

  scenario("H-03: with a cable in: Occupied afterwards", {}, async (bench) => {
    await registered(bench);
    await reserve(bench, {}, 5);
    await car(bench);
    await pace(bench, 6);
    await bench.settled();
    assert.deepEqual(await statuses(bench), ["Occupied"]);
  });

  scenario("H-03: expired offline: told after the reconnect, once", { station: { set: QUICK_RETRY } }, async (bench) => {
    await registered(bench);
    await reserve(bench, {}, 5);
    await offlineFor(bench, 10);
    await bench.settled();
    assert.deepEqual(updates(bench), ["7 Expired"]);
    await offlineFor(bench, 10);
    await bench.settled();
    assert.deepEqual(updates(bench), ["7 Expired"]);
  });

  for (const [what, remove] of [
    ["Faulted", (bench: Bench) => bench.post("/evse/1/fault", { code: "GroundFailure" })],
    [
      "Unavailable",
      async (bench: Bench) =>
        void (await call(bench, "ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 1 } })),
    ],
  ] as [string, (bench: Bench) => Promise<void>][]) {
    scenario(`H-03: the EVSE becomes ${what}: ReservationStatusUpdate Removed`, {}, async (bench) => {
      await registered(bench);
      await reserve(bench);
      const since = mark(bench);
      await remove(bench);
      await bench.settled();
      assert.deepEqual(told(bench, since).sort(), ["ReservationStatusUpdate", `StatusNotification 1 ${what}`]);
      assert.deepEqual(updates(bench), ["7 Removed"]);
      assert.equal(await cancel(bench, 7), "Rejected");
    });
  }

  scenario("H-04, B-55, TC_B_24: survives power loss and reset, with its token", TWO, async (bench) => {
    await registered(bench);
    await reserve(bench, { evseId: 2, id: -3, groupIdToken: GROUP });
    await powerCycle(bench);
    await paceUntil(bench, "boot", () => calls(bench, 0, "BootNotification").length > 1);
    await registered(bench);
    await call(bench, "Reset", { type: "Immediate" });
    await paceUntil(bench, "boot", () => calls(bench, 0, "BootNotification").length > 2);
    await registered(bench);
    assert.deepEqual(await statuses(bench), ["Available", "Reserved"]);
    await tap(bench, MEMBER);
    assert.deepEqual(await statuses(bench), ["Available", "Available"], "used");
    await car(bench, 2);
    assert.notEqual(await transactionOf(bench, 2), null);
  });

  scenario("H-03, H-04: expired while the power was off: told as soon as the clock is known", {}, async (bench) => {
    await registered(bench);
    await reserve(bench, {}, 5);
    await bench.post("/power", { on: false });
    await bench.advance(10);
    await bench.post("/power", { on: true });
    await paceUntil(bench, "boot", () => calls(bench, 0, "BootNotification").length > 1);
    await registered(bench);
    await pace(bench, 2);
    await bench.settled();
    assert.deepEqual(updates(bench), ["7 Expired"]);
    assert.deepEqual(await statuses(bench), ["Available"]);
  });

  scenario("H-04: an end that was not told survives power loss", { station: { set: QUICK_RETRY } }, async (bench) => {
    await registered(bench);
    await reserve(bench, {}, 5);
    await bench.post("/network", { up: false });
    await pace(bench, 10);
    await powerCycle(bench);
    await pace(bench, 2);
    await bench.post("/network", { up: true });
    await paceUntil(bench, "boot", () => calls(bench, 0, "BootNotification").length > 1);
    await registered(bench);
    assert.deepEqual(updates(bench), ["7 Expired"]);
    await powerCycle(bench);
    await paceUntil(bench, "boot", () => calls(bench, 0, "BootNotification").length > 2);
    await registered(bench);
    assert.deepEqual(updates(bench), ["7 Expired"]);
  });

  scenario("H-01: the longest tokens on every EVSE fit the settings", { station: { evses: 8 } }, async (bench) => {
    await registered(bench);
    const long = (n: number): Payload => ({ idToken: String(n).repeat(36), type: "ISO14443" });
    for (let round = 0; round < 3; round++) {
      for (let n = 1; n <= 8; n++) {
        assert.equal(
          await reserve(bench, { id: -2147483640 - n, evseId: n, idToken: long(n), groupIdToken: long(n) }),
          "Accepted",
        );
      }
    }
    await powerCycle(bench);
    await paceUntil(bench, "boot", () => calls(bench, 0, "BootNotification").length > 1);
    await registered(bench);
    assert.deepEqual(new Set(await statuses(bench)), new Set(["Reserved"]));
  });
});
