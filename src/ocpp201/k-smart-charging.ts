/**
 * @overlay
 * OCPP 2.0.1 Part 2, K. Smart charging: K01 SetChargingProfile, K05 the profile of a remote start, K08 GetCompositeSchedule.
 * Asking for profiles and clearing them is in `k-profiles.ts`.
 */
import { clock } from "../kernel/clock";
import { dateTime, parseDateTime } from "../kernel/datetime";
import { type Cursor, item, member, message, scalar, space, valueEnd } from "../kernel/json";
import { opNumber } from "../kernel/overlay";
import { FRAGMENT, rpc } from "../kernel/rpc";
import { charging } from "../station/charging";
import { evses } from "../station/evse";
import { limitsChanged, offerAt } from "../station/limit";
import { profileFault } from "../station/profile";
import { changeProfiles, Live, liveProfiles, PERIODS_MAX, Profile, Purpose, REMOTE, WATTS } from "../store/profiles";
import { transactionId } from "../store/replay";
import { KINDS, PURPOSES } from "./words";

/** A composite schedule reaches so far, seconds; the answer says so in its duration. */
const COMPOSITE_MAX = 604800;
/** Times that one event looks at. */
const STEPS = 20;

/** Member `name` of the object at `p` as a number, undefined when it is absent. */
export function numberAt(p: Cursor, name: string): number | undefined {
  const at = member(p, name);
  return at < 0 ? undefined : parseFloat(scalar(at));
}

/** Member `name` of the object at `p`, a date-time, as Unix time + 1; 0 when it is absent. After 2106 it is then. */
function timeAt(p: Cursor, name: string): number {
  return Math.min(parseDateTime(scalar(member(p, name))) + 1, 4294967295);
}

/** A decimal in tenths, which the standard allows one of. */
function tenthsOf(value: number): number {
  return Math.floor(value * 10 + 0.01);
}

/** Tenths as the standard writes them. */
export function tenths(n: number): string {
  return Math.floor(n / 10) + (n % 10 ? "." + (n % 10) : "");
}

/** Number of the purpose of the object at `p`, -1 for that of an external system; undefined without one. */
export function purposeAt(p: Cursor): number | undefined {
  const at = member(p, "chargingProfilePurpose");
  return at < 0 ? undefined : PURPOSES.split(",").indexOf(scalar(at));
}

/** The answer with its reason, or Accepted. */
function answerReason(reason: string): void {
  rpc.out += reason ? '{"status":"Rejected","statusInfo":{"reasonCode":"' + reason + '"}}' : '{"status":"Accepted"}';
}

/** The ChargingProfileType at `p` for EVSE `evse` as the numbers of `Profile`; a text is the reason why it is none. */
export function readProfile(p: Cursor, evse: number): Int32Array | string {
  const schedule = item(member(p, "chargingSchedule"));
  const list = member(schedule, "chargingSchedulePeriod");
  const recurrency = scalar(member(p, "recurrencyKind"));
  const word = scalar(member(p, "chargingProfileKind"));
  const kind = KINDS.split(",").indexOf(word === "Recurring" ? recurrency : word);
  const purpose = purposeAt(p)!;
  const id = numberAt(p, "id")!;
  const level = numberAt(p, "stackLevel")!;
  const scheduleId = numberAt(schedule, "id")!;
  const duration = numberAt(schedule, "duration");
  const rate = numberAt(schedule, "minChargingRate");
  let count = 0;
  for (let q = item(list); q >= 0; q = item(space(valueEnd(q)))) {
    count++;
  }
  if (count > PERIODS_MAX) {
    return "TooManyElements";
  }
  const n = new Int32Array(Profile.Periods + count * 2);
  n[Profile.Id] = id;
  n[Profile.Flags] = purpose + kind * 4 + (scalar(member(schedule, "chargingRateUnit")) === "W" ? WATTS : 0);
  n[Profile.Evse] = evse;
  n[Profile.Level] = level;
  n[Profile.From] = timeAt(p, "validFrom");
  n[Profile.To] = timeAt(p, "validTo");
  n[Profile.Start] = timeAt(schedule, "startSchedule");
  n[Profile.Duration] = duration || 0;
  n[Profile.MinRate] = rate === undefined ? 0 : tenthsOf(rate) + 1;
  n[Profile.ScheduleId] = scheduleId;
  if (
    purpose < 0 ||
    kind < 0 ||
    n[Profile.Id] !== id ||
    n[Profile.Evse] !== evse ||
    n[Profile.Level] !== level ||
    n[Profile.ScheduleId] !== scheduleId
  ) {
    return "InvalidProfile";
  }
  let fault =
    item(space(valueEnd(schedule))) >= 0 || (duration !== undefined && (duration < 1 || n[Profile.Duration] !== duration));
  let begin = 0;
  let k = Profile.Periods as number;
  for (let q = item(list); q >= 0; q = item(space(valueEnd(q)))) {
    const start = numberAt(q, "startPeriod")!;
    const phases = numberAt(q, "numberPhases");
    const limit = tenthsOf(numberAt(q, "limit")!) * 4 + (phases || 0);
    n[k++] = start - begin;
    n[k++] = limit;
    fault =
      fault ||
      n[k - 2] !== start - begin ||
      n[k - 1] !== limit ||
      (phases !== undefined && !(phases > 0 && phases < 4)) ||
      member(q, "phaseToUse") >= 0;
    begin = start;
  }
  return fault ? "InvalidSchedule" : n;
}

/** SetChargingProfile (K-02, K-03). */
export function setChargingProfile(p: Cursor): void {
  const evse = numberAt(p, "evseId")!;
  const profile = member(p, "chargingProfile");
  const n = readProfile(profile, evse);
  const given = scalar(member(profile, "transactionId"));
  message.text = ""; // long, and read: the profiles need the room
  let reason = typeof n === "string" ? n : profileFault(n);
  if (typeof n !== "string" && !reason) {
    if ((n[Profile.Flags] & 3) === Purpose.Tx) {
      const id = transactionId(evse - 1);
      reason = !given ? "MissingParam" : !id ? "TxNotFound" : given === id ? "" : "UnknownTxId";
      n[Profile.Transaction] = E.CRC32(id);
    }
    if (!reason) {
      changeProfiles([n[0]], n);
      limitsChanged();
    }
  }
  answerReason(reason);
}

/** The profile at `p` of a remote start on EVSE `evse` (0 = any): its numbers, or the reason why it is not taken (F-04). */
export function remoteProfile(p: Cursor, evse: number, remoteStartId: number): Int32Array | string {
  const n = readProfile(p, evse);
  if (typeof n === "string") {
    return n;
  }
  if ((n[Profile.Flags] & 3) !== Purpose.Tx || member(p, "transactionId") >= 0) {
    return "InvalidProfile";
  }
  n[Profile.Flags] |= REMOTE;
  n[Profile.Transaction] = remoteStartId;
  return profileFault(n) || n;
}

/** The remote start was accepted: its profile is kept, and with its transaction in force. */
export function keepRemoteProfile(n: Int32Array): void {
  changeProfiles([n[0]], n);
  limitsChanged();
}

/** GetCompositeSchedule (K-06): the answer is a stream. `rpc.at` is the request and, times 4,096, the second that is looked at next. */
export function getCompositeSchedule(p: Cursor): void {
  const evse = numberAt(p, "evseId")!;
  const duration = numberAt(p, "duration")!;
  if (!(evse >= 0 && evse <= evses.tokens.length && duration > 0)) {
    answerReason(duration > 0 ? "UnknownEvse" : "ValueTooLow");
    return;
  }
  charging.base = clock.up;
  rpc.at = p;
  rpc.stream = opNumber(compositeNext);
  rpc.out +=
    '{"status":"Accepted","schedule":{"evseId":' +
    evse +
    ',"duration":' +
    Math.min(duration, COMPOSITE_MAX) +
    ',"scheduleStart":"' +
    dateTime(clock.boot + clock.up) +
    '","chargingRateUnit":"' +
    (scalar(member(p, "chargingRateUnit")) || "A") +
    '","chargingSchedulePeriod":[';
}

/** The next periods of the composite schedule; equal neighbours are one, so it begins with the second before. */
export function compositeNext(): void {
  const p = rpc.at % 4096;
  const from = Math.floor(rpc.at / 4096);
  const evse = numberAt(p, "evseId")! - 1;
  const duration = Math.min(numberAt(p, "duration")!, COMPOSITE_MAX);
  const watts = scalar(member(p, "chargingRateUnit")) === "W";
  const list = liveProfiles();
  list[Live.Unit] = watts ? 1 : 0;
  list[Live.Base] = charging.base;
  let second = from ? from - 1 : 0;
  let last = -1;
  for (let step = 0; rpc.out.length < FRAGMENT && step < STEPS && second < duration; step++) {
    const r = offerAt(list, evse, charging.base + second);
    const limit = watts ? r[0] : Math.floor(r[0] / 100);
    if (limit !== last && second >= from) {
      rpc.out +=
        (second ? ',{"startPeriod":' : '{"startPeriod":') +
        second +
        ',"limit":' +
        tenths(limit) +
        (evses.phases < 3 ? ',"numberPhases":' + evses.phases + "}" : "}");
    }
    last = limit;
    second += r[1];
  }
  rpc.at = p + second * 4096;
  if (second >= duration) {
    rpc.out += "]}}";
    rpc.stream = 0;
  }
}
