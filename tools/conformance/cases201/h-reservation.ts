/** OCPP 2.0.1 Part 2, H01–H04: reservation. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { notApplicable, tc, type Case } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import { charging, END, left, plugged, remoteStart, TWO } from "./moves.ts";

const AA_1 = { idToken: "AA000001", type: "ISO14443" };

function reserve(t: Rig, expected: string, more: Payload = {}, seconds = 3600): Promise<Payload> {
  const expiryDateTime = new Date(t.station.now() + seconds * 1000).toISOString();
  return t.call("ReserveNow", { id: 5, expiryDateTime, idToken: CARD, evseId: 1, ...more }, expected);
}

async function reserved(t: Rig, more: Payload = {}, seconds = 3600): Promise<void> {
  await reserve(t, "Accepted", more, seconds);
  await t.expect("SN 1 Reserved");
}

export const RESERVATION: Case[] = [
  tc("H-01", "A free EVSE: Accepted, SN Reserved; the same id replaces", TWO, async (t) => {
    await reserved(t);
    await reserve(t, "Accepted", { idToken: OTHER });
    await t.expect(optional("SN 1 Reserved"));
    await t.draw(true);
    await t.plug();
    await t.tap(OTHER, 1);
    const told = await t.pass(3);
    assert.ok(
      told.some(({ line }) => /^Started .* reservation=5 /.test(line)),
      told.map(({ line }) => line).join(" / "),
    );
  }),

  tc("H-01", "Occupied, Reserved, Faulted, Unavailable: told so", TWO, async (t) => {
    await plugged(t, 2);
    await reserve(t, "Occupied", { evseId: 2 });
    await reserved(t);
    await reserve(t, "Occupied", { id: 6, idToken: OTHER });
    await t.call("CancelReservation", { reservationId: 5 }, "Accepted");
    await t.expect("SN 1 Available");
    await t.post("/evse/1/fault", { code: "OtherError" });
    await t.expect("SN 1 Faulted");
    await reserve(t, "Faulted");
    await t.post("/evse/1/fault", { code: null });
    await t.expect("SN 1 Available");
    await t.call("ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 1 } }, "Accepted");
    await t.expect("SN 1 Unavailable");
    await reserve(t, "Unavailable");
  }),

  tc("H-01", "Rejected: expiry in the past, EVSE unknown, no EVSE when only specific ones can be", TWO, async (t) => {
    await reserve(t, "Rejected", {}, -60);
    await reserve(t, "Rejected", { evseId: 9 });
    await t.silence(2);
  }),

  tc(
    "H-01",
    "No evseId and NonEvseSpecific not true: Rejected",
    { ...TWO, set: { "ReservationCtrlr.NonEvseSpecific": "false" } },
    (t) => reserve(t, "Rejected", { evseId: undefined }).then(() => undefined),
  ),

  tc("H-01", "Disabled: Rejected", { set: { "ReservationCtrlr.Enabled": "false" } }, (t) =>
    reserve(t, "Rejected").then(() => undefined),
  ),

  notApplicable(
    "H-02",
    "Without EVSE: Reserved only when as many are free as are reserved",
    "ReservationCtrlr.NonEvseSpecific is false: a reservation names its EVSE",
  ),

  tc("H-03", "The token consumes it: the event carries the reservation, once", {}, async (t) => {
    await reserved(t);
    await t.draw(true);
    await t.plug();
    await t.expect(optional("SN 1 Occupied"));
    await t.tap();
    await t.expect(
      "Authorize 04A1B2C3",
      anyOrder(
        optional("SN 1 Occupied"),
        "Started Authorized EVConnected evse=1 token=04A1B2C3 reservation=5 Transaction.Begin",
        "Updated ChargingStateChanged Charging",
      ),
    );
    await t.tap();
    await t.expect(`Ended StopAuthorized EVConnected [Local] token=04A1B2C3 ${END}`);
    await left(t);
  }),

  tc("H-03", "A token of the group consumes it, too", {}, async (t) => {
    await reserved(t, { idToken: OTHER, groupIdToken: { idToken: "GROUP-AA", type: "Central" } });
    await t.draw(true);
    await t.plug();
    await t.tap(AA_1);
    const told = (await t.pass(3)).map(({ line }) => line);
    assert.ok(
      told.includes("Started Authorized EVConnected evse=1 token=AA000001 reservation=5 Transaction.Begin"),
      told.join(" / "),
    );
  }),

  tc("H-03", "Another token, card or remote: refused; another cable changes nothing", {}, async (t) => {
    await reserved(t);
    await t.draw(true);
    await t.plug();
    await t.silence(2);
    await t.tap(OTHER);
    await t.expect(optional("Authorize 0499887766"));
    await remoteStart(t, "Rejected");
    await t.silence(2);
    assert.equal((await t.evse()).contactor, false);
  }),

  tc("H-03", "Expiry: ReservationStatusUpdate Expired, SN Available", {}, async (t) => {
    await reserved(t, {}, 20);
    await t.expectWithin(25, anyOrder("ReservationStatusUpdate 5 Expired", "SN 1 Available"));
    await charging(t, 1, OTHER);
  }),

  tc("H-03", "The EVSE fails or becomes Unavailable: ReservationStatusUpdate Removed", TWO, async (t) => {
    await reserved(t);
    await t.post("/evse/1/fault", { code: "OtherError" });
    await t.expect(anyOrder("ReservationStatusUpdate 5 Removed", "SN 1 Faulted"));
    await t.post("/evse/1/fault", { code: null });
    await t.expect("SN 1 Available");
    await reserve(t, "Accepted", { id: 6, evseId: 2 });
    await t.expect("SN 2 Reserved");
    await t.call("ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 2 } }, "Accepted");
    await t.expect(anyOrder("ReservationStatusUpdate 6 Removed", "SN 2 Unavailable"));
  }),

  tc("H-04", "CancelReservation: Accepted and SN Available; unknown: Rejected", {}, async (t) => {
    await t.call("CancelReservation", { reservationId: 5 }, "Rejected");
    await reserved(t);
    await t.call("CancelReservation", { reservationId: 6 }, "Rejected");
    await t.call("CancelReservation", { reservationId: 5 }, "Accepted");
    await t.expect("SN 1 Available");
    await t.call("CancelReservation", { reservationId: 5 }, "Rejected");
  }),

  tc("H-04", "Reservations survive a power loss", {}, async (t) => {
    await reserved(t);
    await t.powerCycle();
    await t.booted("PowerUp", "Reserved");
    await t.call("CancelReservation", { reservationId: 5 }, "Accepted");
    await t.expect("SN 1 Available");
  }),
];
