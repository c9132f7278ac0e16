/**
 * @overlay
 * OCPP 2.0.1 Part 2, H. Reservation of an EVSE: H01 reserve, H02 cancel, H04 end. The use of one (H03) is in src/station/authorize.ts.
 */
import { answer, beginCall } from "../kernel/call";
import { type Cursor, member, scalar } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { Booking, evses, Field } from "../station/evse";
import { cancel, reserve } from "../station/reservation";
import { Call, IN_FLIGHT } from "../station/calls";
import { readIdToken } from "./c-authorization";

/** ReserveNow (H-01). */
export function reserveNow(p: Cursor): void {
  const type = member(p, "connectorType");
  const group = member(p, "groupIdToken");
  answer(
    type < 0 || scalar(type) === (evses.fixed ? "cType2" : "sType2")
      ? reserve(
          parseInt(scalar(member(p, "evseId"))) - 1,
          parseInt(scalar(member(p, "id"))),
          scalar(member(p, "expiryDateTime")),
          readIdToken(member(p, "idToken")) + "\n" + (group < 0 ? "" : readIdToken(group)),
        )
      : "Rejected",
  );
}

/** CancelReservation (H-04). */
export function cancelReservation(p: Cursor): void {
  answer(cancel(parseInt(scalar(member(p, "reservationId")))));
}

/** ReservationStatusUpdate for the reservation of EVSE `evse`, which has ended. */
export function reservationStatusUpdate(evse: number): void {
  const at = evse * Field.Size + Field.Booking;
  beginCall(Call.Notice, "ReservationStatusUpdate");
  rpc.out +=
    '{"reservationId":' +
    evses.v[at + Field.ReservationId - Field.Booking] +
    ',"reservationUpdateStatus":"' +
    (evses.v[at] === Booking.Expired ? "Expired" : "Removed") +
    '"}';
  evses.v[at] += IN_FLIGHT;
}
