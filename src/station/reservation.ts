/**
 * @overlay
 * Reservations, one an EVSE (OCPP 2.0.1 H, OCPP 1.6 5.3 and 5.13). Number, state and end stand in `evses.v`; the tokens stay on flash.
 *
 * Kept in one setting: of each EVSE, in lines, state, number, end, token and group (with the letters of their types), an EVSE from the next
 * by a tab. What has ended stays with state and number until the CSMS has been told.
 */
import { EPOCH } from "../kernel/clock";
import { parseDateTime, stationTime } from "../kernel/datetime";
import { variable } from "../kernel/overlay";
import { plain } from "../kernel/text";
import { keep, setting, settingTrue } from "../store/settings";
import { evaluate } from "./evaluate";
import { Booking, evses, Field, Registration, station, Status } from "./evse";

/** Longest token and group that are kept, with their letters. */
const LONGEST = 75;

/** Latest end that is kept: what fits 32 bits, in the year 2088. */
const LATEST = 2147483647;

/** What is kept of EVSE `evse`, part by part. */
function kept(evse: number): string[] {
  return (setting(variable("Board.Reservations")).split("\t")[evse] || "").split("\n");
}

/** Keep `text` of EVSE `evse`. */
function keepBooking(evse: number, text: string): boolean {
  const all = setting(variable("Board.Reservations")).split("\t");
  while (all.length <= evse) {
    all.push("");
  }
  all[evse] = text;
  return keep(variable("Board.Reservations"), all.join("\t"));
}

/** At boot: what was reserved still is. */
export function restoreBooking(evse: number): void {
  const part = kept(evse);
  const at = evse * Field.Size;
  // One of a number: a power cut may have left the old one beside the new one.
  if (part[0] && bookedAt(parseInt(part[1])) < 0) {
    evses.v[at + Field.Booking] = parseInt(part[0]);
    evses.v[at + Field.ReservationId] = parseInt(part[1]);
    evses.v[at + Field.BookedUntil] = parseInt(part[2]);
  }
}

/** EVSE that is reserved under number `id`, -1 when none is. */
export function bookedAt(id: number): number {
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const at = evse * Field.Size;
    if (evses.v[at + Field.Booking] === Booking.Held && evses.v[at + Field.ReservationId] === id) {
      return evse;
    }
  }
  return -1;
}

/**
 * Reserve EVSE `evse` until the date-time `expiry` under number `id` for `tokens`, as they are kept: token and group. One of the same number is
 * replaced. The answer's status.
 */
export function reserve(evse: number, id: number, expiry: string, tokens: string): string {
  const until = Math.min(parseDateTime(expiry) - EPOCH, LATEST);
  if (
    !settingTrue(variable("ReservationCtrlr.Enabled")) ||
    station.registration !== Registration.Accepted ||
    !(evse >= 0 && evse < evses.tokens.length) ||
    until <= stationTime()
  ) {
    return "Rejected";
  }
  const at = evse * Field.Size;
  const state = evses.v[at + Field.Status];
  const booking = evses.v[at + Field.Booking];
  if (state >= Status.Unavailable) {
    return state === Status.Faulted ? "Faulted" : "Unavailable";
  }
  if (
    evses.v[at + Field.Permit] ||
    state === Status.Occupied ||
    booking > Booking.Used ||
    (booking === Booking.Held && evses.v[at + Field.ReservationId] !== id)
  ) {
    return "Occupied";
  }
  const part = tokens.split("\n");
  if (
    part.length > 2 ||
    !plain(part.join("")) ||
    tokens.length > LONGEST ||
    !keepBooking(evse, Booking.Held + "\n" + id + "\n" + until + "\n" + tokens)
  ) {
    return "Rejected";
  }
  const before = bookedAt(id);
  if (before >= 0 && before !== evse) {
    endBooking(before, Booking.None);
  }
  evses.v[at + Field.Booking] = Booking.Held;
  evses.v[at + Field.ReservationId] = id;
  evses.v[at + Field.BookedUntil] = until;
  evaluate(evse);
  return "Accepted";
}

/** The reservation of number `id` is cancelled; the answer's status. */
export function cancel(id: number): string {
  const evse = bookedAt(id);
  if (evse >= 0) {
    endBooking(evse, Booking.None);
  }
  return evse < 0 ? "Rejected" : "Accepted";
}

/** The reservation of EVSE `evse` ends: `state` says how, `None` that nobody is to be told. */
export function endBooking(evse: number, state: Booking): void {
  const at = evse * Field.Size;
  const held = evses.v[at + Field.Booking] === Booking.Held;
  evses.v[at + Field.Booking] = state;
  evses.v[at + Field.BookedUntil] = 0;
  keepBooking(evse, state > Booking.Used ? state + "\n" + evses.v[at + Field.ReservationId] + "\n0" : "");
  if (held && (state === Booking.None || state === Booking.Expired)) {
    evaluate(evse); // the others come from there
  }
}

/**
 * May `token` charge at EVSE `evse`, as far as its reservation is concerned? `group`: of the token; "?" while it is not known, which may turn
 * out to be the right one. 3: it is reserved for it, 2: it is for everybody, 1: it may be reserved for it, 0: no.
 */
export function bookedFor(evse: number, token: string, group: string): number {
  if (evses.v[evse * Field.Size + Field.Booking] !== Booking.Held) {
    return 2;
  }
  const part = kept(evse);
  const theirs = (part[4] || "").toLowerCase();
  return part[3].toLowerCase() === token.toLowerCase() || (theirs && theirs === group.toLowerCase())
    ? 3
    : theirs && group === "?"
      ? 1
      : 0;
}
