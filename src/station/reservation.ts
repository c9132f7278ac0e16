/**
 * @overlay
 * Reservations, one an EVSE (OCPP 2.0.1 H, OCPP 1.6 5.3 and 5.13). Number, state and end stand in `evses.v`; the tokens stay on flash.
 *
 * Kept in one setting: of each EVSE, in lines, state, number, end, token and group (with the letters of their types), an EVSE from the next
 * by a tab. What has ended stays with state and number until the CSMS has been told.
 */
import { evaluate } from "./evaluate";
import { Booking, evses, Field } from "./evse";
import { keep, setting } from "../store/settings";
import { variable } from "../kernel/overlay";

/** Longest token and group that are kept, with their letters. */
const LONGEST = 75;

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

/** Reserve EVSE `evse` under number `id` for `tokens`, as they are kept. One of the same number is replaced. */
export function book(evse: number, id: number, until: number, tokens: string): boolean {
  const at = evse * Field.Size;
  if (tokens.length > LONGEST || !keepBooking(evse, Booking.Held + "\n" + id + "\n" + until + "\n" + tokens)) {
    return false;
  }
  const before = bookedAt(id);
  if (before >= 0 && before !== evse) {
    endBooking(before, Booking.None);
  }
  evses.v[at + Field.Booking] = Booking.Held;
  evses.v[at + Field.ReservationId] = id;
  evses.v[at + Field.BookedUntil] = until;
  evaluate(evse);
  return true;
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
