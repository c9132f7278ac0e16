/** Reservations of OCPP 2.0.1 for the scenarios. */
import type { Payload } from "../../tools/csms/csms.ts";
import type { Bench } from "./harness.ts";
import { call, calls, CARD, timeIn } from "./steps.ts";

/** Cards that the CSMS answers with the group GROUP-AA. */
export const MEMBER = { idToken: "AA000001", type: "ISO14443" };
export const GROUP = { idToken: "group-aa", type: "Central" };

/** ReserveNow for `CARD` on EVSE 1 unless `more` says otherwise, to end in `seconds`: the status. */
export async function reserve(bench: Bench, more: Payload = {}, seconds = 600): Promise<unknown> {
  const { status } = await call(bench, "ReserveNow", {
    id: 7,
    expiryDateTime: await timeIn(bench, seconds),
    idToken: CARD,
    evseId: 1,
    ...more,
  });
  await bench.settled();
  return status;
}

/** CancelReservation: the status. */
export async function cancel(bench: Bench, reservationId: number): Promise<unknown> {
  const { status } = await call(bench, "CancelReservation", { reservationId });
  await bench.settled();
  return status;
}

/** What the station has told of reservations that ended: number and status. */
export function updates(bench: Bench): unknown[] {
  return calls(bench, 0, "ReservationStatusUpdate").map(
    ({ payload }) => `${String(payload.reservationId)} ${String(payload.reservationUpdateStatus)}`,
  );
}
