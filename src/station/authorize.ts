/**
 * @overlay
 * Who may charge: cards at the reader, remote starts, verdicts. OCPP 2.0.1 Part 2, C01, C02, C04, C09, C10, C12–C16, F01, E05; the order
 * in which a card finds its EVSE is that of docs/ARCHITECTURE.md, "A card is presented".
 *
 * A token is a text: one letter for its type (`TOKEN_TYPES` of the protocol rooms: A ISO14443, B ISO15693, C Central, E eMAID, K KeyCode,
 * L Local, M MacAddress, N NoAuthorization), then the idToken.
 */
import { Connection, connection } from "../kernel/connection";
import { EPOCH } from "../kernel/clock";
import { parseDateTime } from "../kernel/datetime";
import { variable } from "../kernel/overlay";
import { soon } from "../kernel/rpc";
import { Cause, Reason } from "../store/fact";
import { forgetToken } from "../store/append";
import { Context, journal } from "../store/journal";
import { setting, settingNumber, settingTrue } from "../store/settings";
import { bytes4, knownToken } from "../store/tokens";
import { endTransaction, evaluate, startsAt } from "./evaluate";
import { bookedFor, endBooking } from "./reservation";
import { Booking, evses, Field, Flag, pending, Permit, Pilot, Registration, station, Step } from "./evse";

/**
 * `pending.evse` of a card that found every EVSE in use, or, one less for each EVSE, that of its reader: it can only stop a transaction
 * (C-06), else nothing comes of it (C-05).
 */
const NOWHERE = -2;

/** Bytes of a token, with its type letter, that a record of the journal holds beside a transactionId; 36 characters of UTF-8 may be more. */
export const LONGEST_TOKEN = 57;

/** … and of one that is told without its type: 20 characters. */
export const LONGEST_TAG = 21;

/** What is known of a token that may charge everywhere (`src/store/tokens.ts`). */
const EVERYWHERE = "\xff";

/**
 * Can a transaction be begun on EVSE `evse` with `token` (`group` as in `bookedFor`)? 3: it is reserved for it, 2: a car is connected,
 * 1: none is yet, 0: no.
 */
function startable(evse: number, token: string, group: string): number {
  const v = evses.v;
  const at = evse * Field.Size;
  const pilot = v[at + Field.Pilot];
  const booked = bookedFor(evse, token, group);
  return (v[at + Field.Transaction] ? v[at + Field.Told] : journal.context[evse * Context.Size + Context.Begin]) || // interrupted, not decided
    v[at + Field.Permit] ||
    v[at + Field.Fault] ||
    v[at + Field.Flags] & Flag.Closed ||
    pilot > Pilot.C ||
    station.reset ||
    !booked
    ? 0
    : booked > 2
      ? 3
      : booked > 1 && v[at + Field.Plug] && pilot
        ? 2
        : 1;
}

/** The best EVSE of `mask` for a new transaction: one reserved for it, one with a car, else -1 when one is free, else NOWHERE. */
function choose(mask: number, token: string, group: string): number {
  let best = NOWHERE;
  let most = 0;
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const s = (mask >> evse) & 1 ? startable(evse, token, group) : 0;
    if (s > most) {
      most = s;
      best = s > 1 ? evse : -1;
    }
  }
  return best;
}

/** A card is at the reader of EVSE `reader` (-1 = the station's). */
export function card(token: string, reader: number): void {
  if (token.length > (station.simple ? LONGEST_TAG : LONGEST_TOKEN)) {
    return;
  }
  if (station.simple) {
    token = "A" + token.substr(1);
  }
  const name = token.toLowerCase();
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    if ((reader < 0 || reader === evse) && evses.tokens[evse].toLowerCase() === name && release(evse, Reason.Local, token)) {
      return;
    }
  }
  if (pending.step === Step.Ask || pending.step === Step.Asked || (pending.step === Step.Waiting && pending.remote)) {
    return;
  }
  const full = reader < 0 ? choose(255, token, "?") === NOWHERE : !startable(reader, token, "?");
  if (full && !(station.simple ? grouped() : busy())) {
    return;
  }
  pending.token = token;
  pending.group = "";
  pending.evse = full ? NOWHERE - 1 - reader : reader;
  pending.left = pending.remote = 0;
  ask();
}

/** A token that may do so ends the transaction of EVSE `evse` or opens its socket. False: there is nothing to end and nothing to open. */
function release(evse: number, reason: Reason, token: string): boolean {
  const v = evses.v;
  const at = evse * Field.Size;
  const permit = v[at + Field.Permit];
  if (v[at + Field.Transaction] && permit && permit !== Permit.Over) {
    // C-04: without a question.
    endTransaction(evse, Cause.StopAuthorized, reason, token);
  } else if (station.simple && permit === Permit.Granted) {
    v[at + Field.Permit] = v[at + Field.LockWanted] = v[at + Field.Left] = 0; // AU-09: taken back
  } else if (v[at + Field.LockWanted] && (!permit || permit === Permit.Over)) {
    v[at + Field.LockWanted] = 0;
  } else {
    return false;
  }
  evaluate(evse);
  return true;
}

/** Is a transaction running, or a cable still locked for somebody (B-54)? */
export function busy(): boolean {
  for (let at = 0; at < evses.v.length; at += Field.Size) {
    if (evses.v[at + Field.Transaction] || evses.v[at + Field.LockWanted]) {
      return true;
    }
  }
  return false;
}

/** Does a transaction run, or wait a cable, whose token is of a group? */
function grouped(): number {
  let all = 0;
  for (let at = 0; at < evses.v.length; at += Field.Size) {
    if (evses.v[at + Field.Transaction] || evses.v[at + Field.LockWanted]) {
      all |= evses.v[at + Field.Group];
    }
  }
  return all;
}

/** Is the pending token good? List and cache know, or the CSMS is asked, or the station decides alone. */
function ask(): void {
  pending.step = Step.Ask;
  if (!settingTrue(variable("AuthCtrlr.Enabled"))) {
    verdict(EVERYWHERE);
  } else if (connection.state !== Connection.Open || station.registration !== Registration.Accepted) {
    verdictOffline();
  } else {
    const known = knownToken(pending.token);
    if (
      known &&
      settingTrue(
        known.charCodeAt(1)
          ? variable("AuthCtrlr.LocalPreAuthorize")
          : known[0] === "L"
            ? variable("LocalAuthListCtrlr.DisablePostAuthorize")
            : variable("AuthCacheCtrlr.DisablePostAuthorize"),
      )
    ) {
      verdict(known.substr(1));
    } else {
      soon();
    }
  }
}

/** C13, C15: the CSMS cannot be asked. A token that is known as bad is refused in any case (C-11). */
export function verdictOffline(): void {
  const known = knownToken(pending.token);
  if (known && (!known.charCodeAt(1) || settingTrue(variable("AuthCtrlr.LocalAuthorizeOffline")))) {
    verdict(known.substr(1));
  } else {
    verdict(settingTrue(variable("AuthCtrlr.OfflineTxForUnknownIdEnabled")) ? EVERYWHERE : "");
  }
}

/** What is `known` about the pending token, as `src/store/tokens.ts` writes it, decides. */
export function verdict(known: string): void {
  const mask = known ? known.charCodeAt(0) : 0;
  let evse = pending.evse;
  pending.step = Step.Idle;
  pending.mask = mask;
  if (known.length > 9) {
    pending.group = known.substr(9);
  }
  const group = groupCheck(pending.group);
  const master = setting(variable("AuthCtrlr.MasterPassGroupId"));
  const passes = master && pending.group.substr(1).toLowerCase() === master.toLowerCase();
  if (mask && !pending.remote && (passes || evse <= NOWHERE)) {
    // C09: one of the group stops; C16: the master pass stops everything.
    for (let i = 0; i < evses.tokens.length; i++) {
      if (
        (evse === -1 || evse === NOWHERE || evse === NOWHERE - 1 - i) &&
        (mask >> i) & 1 &&
        (passes || (group && evses.v[i * Field.Size + Field.Group] === group))
      ) {
        release(i, passes ? Reason.MasterPass : Reason.Local, pending.token);
      }
    }
  }
  // C-07: a master pass starts nothing.
  if (mask && !passes && evse > NOWHERE && mayCharge()) {
    if (evse < 0) {
      evse = evses.tokens.length > 1 ? choose(mask, pending.token, pending.group) : 0;
    }
    if (evse === -1 && startsAt("Authorized")) {
      // E-14: the transaction begins before its car comes, at any EVSE.
      for (evse = 0; !((mask >> evse) & 1) || !startable(evse, pending.token, pending.group); evse++);
      evses.v[evse * Field.Size + Field.Unknown] = mask;
    }
    if (evse === -1) {
      pending.step = Step.Waiting;
      pending.left = settingNumber(variable("TxCtrlr.EVConnectionTimeOut"));
      return;
    }
    if (evse >= 0 && startable(evse, pending.token, pending.group)) {
      grant(evse);
      evaluate(evse);
    }
  }
  pending.token = "";
}

/** Check of a group: the text itself need not be kept for a comparison. */
function groupCheck(group: string): number {
  return E.CRC32(group.toLowerCase()) | 0;
}

/** B-09: a station that was never accepted offers no energy. B-08: one that cannot ask again after a power failure stays accepted. */
function mayCharge(): boolean {
  return (
    station.registration === Registration.Accepted ||
    (!station.registration && connection.state !== Connection.Open && settingTrue(variable("Board.Registered")))
  );
}

/** C-08: without authorization a car that is plugged in charges. */
export function autostart(evse: number): void {
  if (!settingTrue(variable("AuthCtrlr.Enabled")) && mayCharge() && startable(evse, "N", "")) {
    pending.token = "N";
    pending.group = "";
    pending.mask = 255;
    pending.remote = 0;
    grant(evse);
  }
}

/** The pending token may charge at EVSE `evse`, if it is one of its own (C-03), within EVConnectionTimeOut when no car is there yet. */
export function grant(evse: number): void {
  if (!((pending.mask >> evse) & 1)) {
    return;
  }
  const v = evses.v;
  const at = evse * Field.Size;
  if (v[at + Field.Booking] === Booking.Held) {
    endBooking(evse, Booking.Used);
  }
  evses.tokens[evse] = pending.token;
  v[at + Field.Permit] = Permit.Granted;
  v[at + Field.Left] = settingNumber(variable("TxCtrlr.EVConnectionTimeOut"));
  v[at + Field.Told] = 0;
  v[at + Field.Cause] = pending.remote ? Cause.RemoteStart : Cause.Authorized;
  v[at + Field.RemoteStartId] = pending.remoteStartId;
  v[at + Field.Group] = groupCheck(pending.group);
  pending.step = Step.Idle;
  pending.token = "";
  pending.left = 0;
}

/**
 * RequestStartTransaction: `evse` 0-based, -1 = the station chooses. False when it is not possible now (F-02).
 * @inline
 */
export function remoteStart(evse: number, token: string, remoteStartId: number, group: string): boolean {
  // F-03: an accepted one keeps its place; the next is refused.
  if (pending.step === Step.Ask || pending.step === Step.Asked || (pending.step === Step.Waiting && pending.remote)) {
    return false;
  }
  if (evse < 0) {
    evse = choose(255, token, group);
  } else if (!(evse < evses.tokens.length) || !startable(evse, token, group)) {
    return false;
  }
  if (evse === NOWHERE) {
    return false;
  }
  pending.token = token;
  pending.group = group;
  pending.evse = evse;
  pending.left = 0;
  pending.remote = 1;
  pending.remoteStartId = remoteStartId;
  // C-09: a Central token and no token at all are never asked about.
  if (token[0] !== "C" && token[0] !== "N" && settingTrue(variable("AuthCtrlr.AuthorizeRemoteStart"))) {
    ask();
  } else {
    verdict(EVERYWHERE);
  }
  return true;
}

/** What is known about a token (`src/store/tokens.ts`): the EVSEs where it may charge, a date-time or "", its group or "". */
export function tokenInfo(mask: number, expiry: string, group: string): string {
  const until = expiry ? Math.max(1, Math.min(2147483647, parseDateTime(expiry) - EPOCH)) : 0;
  return String.fromCharCode(mask) + bytes4(until) + "\0\0\0\0" + group;
}

/** `known` is what the CSMS says late about the token of the transaction that runs on EVSE `evse`. */
export function lateVerdict(evse: number, known: string): void {
  if (known.length > 9) {
    evses.v[evse * Field.Size + Field.Group] = groupCheck(known.substr(9));
  }
  if (!((known.charCodeAt(0) >> evse) & 1) && evses.v[evse * Field.Size + Field.Permit] !== Permit.Over) {
    deauthorize(evse);
  }
}

/** The CSMS takes the authorization of the transaction on EVSE `evse` back (E05.FR.02, E05.FR.10). */
function deauthorize(evse: number): void {
  const at = evse * Field.Size;
  if (settingTrue(variable("TxCtrlr.StopTxOnInvalidId"))) {
    endTransaction(evse, Cause.Deauthorized, Reason.DeAuthorized, "");
  } else {
    const most = settingNumber(variable("TxCtrlr.MaxEnergyOnInvalidId"));
    evses.v[at + Field.Permit] = Permit.Withdrawn;
    evses.v[at + Field.EnergyStop] = most && evses.v[at + Field.WattHours] + most;
    forgetToken(evse);
  }
  evaluate(evse);
}
