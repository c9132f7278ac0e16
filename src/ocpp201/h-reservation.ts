/**
 * @overlay
 * OCPP 2.0.1 Part 2, H. Reservation of an EVSE: H01 reserve, H02 cancel, H04 end. The use of one (H03) is in src/station/authorize.ts.
 */
import { beginCall } from "../kernel/call";
import { EPOCH } from "../kernel/clock";
import { parseDateTime, stationTime } from "../kernel/datetime";
import { type Cursor, member, scalar } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { plain } from "../kernel/text";
import { Booking, evses, Field, Registration, station, Status } from "../station/evse";
import { book, bookedAt, endBooking } from "../station/reservation";
import { settingTrue } from "../store/settings";
import { answer } from "./answer";
import { readIdToken } from "./c-authorization";
import { Call, IN_FLIGHT } from "./words";

/** Latest end that is kept: what fits 32 bits, in the year 2088. */
const LATEST = 2147483647;

/** ReserveNow (H-01). */
export function reserveNow(p: Cursor): void {
  const id = parseInt(scalar(member(p, "id")));
  const evse = parseInt(scalar(member(p, "evseId"))) - 1;
  const type = member(p, "connectorType");
  const group = member(p, "groupIdToken");
  const until = Math.min(parseDateTime(scalar(member(p, "expiryDateTime"))) - EPOCH, LATEST);
  let status = "Rejected";
  if (
    settingTrue(variable("ReservationCtrlr.Enabled")) &&
    station.registration === Registration.Accepted &&
    evse >= 0 &&
    evse < evses.tokens.length &&
    until > stationTime() &&
    (type < 0 || scalar(type) === (evses.fixed ? "cType2" : "sType2"))
  ) {
    const v = evses.v;
    const at = evse * Field.Size;
    const state = v[at + Field.Status];
    const booking = v[at + Field.Booking];
    if (state >= Status.Unavailable) {
      status = state === Status.Faulted ? "Faulted" : "Unavailable";
    } else if (
      v[at + Field.Permit] ||
      state === Status.Occupied ||
      booking > Booking.Used ||
      (booking === Booking.Held && v[at + Field.ReservationId] !== id)
    ) {
      status = "Occupied";
    } else {
      const token = readIdToken(member(p, "idToken"));
      const theirs = group < 0 ? "" : readIdToken(group);
      if (plain(token + theirs) && book(evse, id, until, token + "\n" + theirs)) {
        status = "Accepted";
      }
    }
  }
  answer(status);
}

/** CancelReservation (H-04). */
export function cancelReservation(p: Cursor): void {
  const evse = bookedAt(parseInt(scalar(member(p, "reservationId"))));
  if (evse >= 0) {
    endBooking(evse, Booking.None);
  }
  answer(evse < 0 ? "Rejected" : "Accepted");
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
