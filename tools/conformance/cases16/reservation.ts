/** OCPP 1.6, 3.9, 5.1, 5.13: reservation (RV). */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { notApplicable, tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import {
  AA_1,
  begin,
  charging,
  end,
  isCharging,
  isoTime,
  left,
  linesOf,
  plugged,
  remoteStart,
  session,
  startOf,
  stopped,
  TWO,
  value,
} from "./moves.ts";

const OFF: CaseOptions = { set: { "ReservationCtrlr.Enabled": "false" } };
const NO_ZERO = "ReserveConnectorZeroSupported is false: a reservation names its connector";

function reserve(t: Rig, expected: string | string[], more: Payload = {}, seconds = 3600): Promise<Payload> {
  const request = { connectorId: 1, expiryDate: isoTime(t, seconds), idTag: CARD.idToken, reservationId: 5, ...more };
  return t.call("ReserveNow", request, expected);
}

async function reserved(t: Rig, more: Payload = {}, seconds = 3600): Promise<void> {
  await reserve(t, "Accepted", more, seconds);
  await t.expect(`SN ${String(more.connectorId ?? 1)} Reserved`);
}

const cancel = (t: Rig, reservationId: number, expected: string): Promise<Payload> =>
  t.call("CancelReservation", { reservationId }, expected);

const RESERVED_START = "Start 1 04A1B2C3 reservation=5";

export const RESERVATION: Case[] = [
  tc("TC_046_1", "Reserved; the cable, then the card: StartTransaction with the reservation", {}, async (t) => {
    await reserved(t);
    await t.draw(true);
    await t.plug();
    await t.expect(optional("SN 1 Preparing"));
    await t.tap();
    await t.expect(optional("Authorize 04A1B2C3"), optional("SN 1 Preparing"), anyOrder(RESERVED_START, "SN 1 Charging"));
    await stopped(t);
    await left(t);
    await session(t, OTHER);
  }),

  tc("TC_046_2", "Reserved; the card, then the cable: Preparing, StartTransaction with the reservation", {}, async (t) => {
    await reserved(t);
    await t.tap();
    await t.expect(optional("Authorize 04A1B2C3"), "SN 1 Preparing");
    await t.draw(true);
    await t.plug();
    await t.expect(anyOrder(RESERVED_START, "SN 1 Charging"));
    await stopped(t);
    await left(t);
  }),

  tc("TC_047", "Reserved until expiryDate, then Available", {}, async (t) => {
    await reserved(t, {}, 20);
    await t.silence(15);
    await t.expectWithin(10, "SN 1 Available");
    await session(t, OTHER);
  }),

  tc("TC_048_1", "Faulted: Faulted", {}, async (t) => {
    await t.post("/evse/1/fault", { code: "OtherError" });
    await t.expect("SN 1 Faulted OtherError");
    await reserve(t, "Faulted");
  }),

  tc("TC_048_2", "In use or reserved: Occupied", TWO, async (t) => {
    await plugged(t, 2);
    await reserve(t, "Occupied", { connectorId: 2 });
    await reserved(t);
    await reserve(t, "Occupied", { reservationId: 6, idTag: OTHER.idToken });
    await cancel(t, 5, "Accepted");
    await t.expect("SN 1 Available");
    await charging(t);
    await reserve(t, "Occupied");
    await stopped(t);
    await reserve(t, "Occupied");
  }),

  tc("TC_048_3", "Unavailable: Unavailable", {}, async (t) => {
    await t.call("ChangeAvailability", { connectorId: 1, type: "Inoperative" }, "Accepted");
    await t.expect("SN 1 Unavailable");
    await reserve(t, "Unavailable");
  }),

  tc("TC_048_4", "Reservations are off: Rejected as an answer", OFF, async (t) => {
    await reserve(t, "Rejected");
    await t.silence(2);
  }),

  notApplicable("TC_049", "Connector 0: SN Reserved when only one is free", NO_ZERO),
  ...(
    [
      ["TC_050_1", "Faulted"],
      ["TC_050_2", "Occupied"],
      ["TC_050_3", "Unavailable"],
    ] as const
  ).map(([id, status]) => notApplicable(id, `Connector 0, all ${status}: ${status}`, NO_ZERO)),

  tc("TC_050_4", "Connector 0 is not offered for reservation: Rejected as an answer", TWO, async (t) => {
    assert.notEqual(await value(t, "ReserveConnectorZeroSupported"), "true");
    await reserve(t, "Rejected", { connectorId: 0 });
    await t.silence(2);
  }),

  tc("TC_051", "CancelReservation: Accepted, Available; a later start has no reservation", {}, async (t) => {
    await reserved(t);
    await cancel(t, 5, "Accepted");
    await t.expect("SN 1 Available");
    await session(t);
  }),

  tc("TC_052", "CancelReservation of an unknown one: Rejected", {}, async (t) => {
    await cancel(t, 5, "Rejected");
    await reserved(t);
    await cancel(t, 6, "Rejected");
    await t.silence(2);
    await cancel(t, 5, "Accepted");
    await t.expect("SN 1 Available");
    await cancel(t, 5, "Rejected");
  }),

  tc("TC_053", "Reserved for a parent: a card of it starts with the reservation", {}, async (t) => {
    await reserved(t, { idTag: OTHER.idToken, parentIdTag: "GROUP-AA" });
    await t.draw(true);
    await t.plug();
    await t.expect(optional("SN 1 Preparing"));
    await t.tap(AA_1);
    await t.expect("Authorize AA000001", optional("SN 1 Preparing"), anyOrder("Start 1 AA000001 reservation=5", "SN 1 Charging"));
    await t.tap(AA_1);
    await t.expect(end("[Local] token=AA000001"));
  }),

  tc("RV-02", "The same reservationId: replaced", {}, async (t) => {
    await reserved(t);
    await reserve(t, "Accepted", { idTag: OTHER.idToken });
    await t.expect(optional("SN 1 Reserved"));
    await t.tap(OTHER);
    await t.expect(optional("Authorize 0499887766"), "SN 1 Preparing");
    await t.draw(true);
    await t.plug();
    await t.expect(anyOrder("Start 1 0499887766 reservation=5", "SN 1 Charging"));
  }),

  tc("RV-02", "The same reservationId at another connector: the old one Available, the new one Reserved", TWO, async (t) => {
    await reserved(t);
    await reserve(t, "Accepted", { connectorId: 2 });
    await t.expect(anyOrder("SN 1 Available", "SN 2 Reserved"));
    await cancel(t, 5, "Accepted");
    await t.expect("SN 2 Available");
  }),

  tc("RV-04", "Another card or token: refused, no StartTransaction", {}, async (t) => {
    await reserved(t);
    await t.draw(true);
    await t.plug();
    await t.pass(2);
    await t.tap(OTHER);
    await t.expect(optional("Authorize 0499887766"));
    await remoteStart(t, "Rejected", { idTag: OTHER.idToken });
    await t.silence(3);
    await isCharging(t, false);
  }),

  tc("RV-04", "A remote start with the token uses it", { set: { AuthorizeRemoteTxRequests: "false" } }, async (t) => {
    await reserved(t);
    await remoteStart(t, "Accepted", { idTag: CARD.idToken });
    await t.expect("SN 1 Preparing");
    await t.draw(true);
    await t.plug();
    const told = await t.expect(anyOrder(RESERVED_START, "SN 1 Charging"));
    assert.equal(startOf(told).payload.reservationId, 5);
  }),

  tc("RV-05", "expiryDate in the past: Rejected", {}, async (t) => {
    await reserve(t, "Rejected", {}, -60);
    await t.silence(2);
  }),

  tc("RV-05", "Faulted or Unavailable ends it", TWO, async (t) => {
    await reserved(t);
    await t.post("/evse/1/fault", { code: "OtherError" });
    await t.expect("SN 1 Faulted OtherError");
    await t.post("/evse/1/fault", { code: null });
    await t.expect("SN 1 Available");
    await reserved(t, { reservationId: 6, connectorId: 2 });
    await t.call("ChangeAvailability", { connectorId: 2, type: "Inoperative" }, "Accepted");
    await t.expect("SN 2 Unavailable");
    await t.call("ChangeAvailability", { connectorId: 2, type: "Operative" }, "Accepted");
    await t.expect("SN 2 Available");
    await cancel(t, 6, "Rejected");
  }),

  tc("RV-05", "A reservation survives a power loss", {}, async (t) => {
    await reserved(t);
    await t.powerCycle();
    const told = await t.booted("PowerUp", "Reserved");
    assert.ok(linesOf(told).includes("SN 1 Reserved"), linesOf(told).join(" / "));
    await cancel(t, 5, "Accepted");
    await t.expect("SN 1 Available");
  }),

  tc("RV-01", "A connector that does not exist: Rejected", {}, async (t) => {
    await reserve(t, ["Rejected"], { connectorId: 9 });
    await t.silence(2);
  }),

  tc("RV-05", "Used by its token it is gone: the next start has none", {}, async (t) => {
    await reserved(t);
    await t.tap();
    await t.expect(optional("Authorize 04A1B2C3"), "SN 1 Preparing");
    await t.draw(true);
    await t.plug();
    await t.expect(anyOrder(RESERVED_START, "SN 1 Charging"));
    await cancel(t, 5, "Rejected");
    await stopped(t);
    await t.tap(OTHER);
    await t.expect("Authorize 0499887766", optional("SN 1 Preparing"), begin(1, OTHER.idToken));
  }),
];
