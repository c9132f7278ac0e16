/**
 * @overlay
 * Charging profiles as messages have them, and the composite schedule: OCPP 2.0.1 Part 2, K01, K05, K08, K10; OCPP 1.6, 3.13, 5.2, 5.7, 5.16.
 * Both protocols have the same members but for the names that are given here.
 */
import { clock } from "../kernel/clock";
import { dateTime, parseDateTime } from "../kernel/datetime";
import { type Cursor, item, member, message, scalar, space, valueEnd } from "../kernel/json";
import { opNumber } from "../kernel/overlay";
import { FRAGMENT, rpc } from "../kernel/rpc";
import {
  changeProfiles,
  Live,
  liveProfiles,
  PERIODS_MAX,
  Profile,
  Purpose,
  REMOTE,
  selectProfiles,
  WATTS,
} from "../store/profiles";
import { charging, KINDS, PURPOSES } from "./charging";
import { evses } from "./evse";
import { limitsChanged, offerAt } from "./limit";
import { profileFault, settleProfiles } from "./profile";

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
  return at < 0 ? undefined : PURPOSES.split(",").indexOf(scalar(at)) % 3;
}

/** The ChargingProfile at `p` for EVSE `evse` as the numbers of `Profile`; its id is member `name`. A text is the reason why it is none. */
export function readProfile(p: Cursor, evse: number, name: string): Int32Array | string {
  let schedule = member(p, "chargingSchedule");
  const several = message.text[schedule] === "[";
  if (several) {
    schedule = item(schedule);
  }
  const list = member(schedule, "chargingSchedulePeriod");
  const recurrency = scalar(member(p, "recurrencyKind"));
  const word = scalar(member(p, "chargingProfileKind"));
  const kind = KINDS.split(",").indexOf(word === "Recurring" ? recurrency : word);
  const purpose = purposeAt(p)!;
  const id = numberAt(p, name)!;
  const level = numberAt(p, "stackLevel")!;
  const scheduleId = numberAt(schedule, "id") || 0;
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
    (several && item(space(valueEnd(schedule))) >= 0) ||
    (duration !== undefined && (duration < 1 || n[Profile.Duration] !== duration));
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

/** The profile of `readProfile` is that of a remote start: its numbers, or the reason why it is not taken. `id`: transactionId in it. */
export function remoteProfile(n: Int32Array | string, remoteStartId: number, id: Cursor): Int32Array | string {
  if (typeof n === "string") {
    return n;
  }
  if ((n[Profile.Flags] & 3) !== Purpose.Tx || id >= 0) {
    return "InvalidProfile";
  }
  n[Profile.Flags] |= REMOTE;
  n[Profile.Transaction] = remoteStartId;
  return profileFault(n) || n;
}

/** The profile of these numbers is kept and in force, in place of those of `ids`, the first of which is its own. */
export function keepProfile(n: Int32Array, ids: number[]): void {
  changeProfiles(ids, n);
  limitsChanged();
}

/** The profiles that fit all that is not undefined go; the answer. */
export function clearProfiles(evse?: number, purpose?: number, level?: number, id?: number): void {
  settleProfiles();
  const ids = selectProfiles(evse, purpose, level, id === undefined ? undefined : [id]);
  if (ids.length) {
    changeProfiles(ids);
    limitsChanged();
  }
  rpc.out += ids.length ? '{"status":"Accepted"}' : '{"status":"Unknown"}';
}

/**
 * GetCompositeSchedule at `p`: the answer is a stream, whose members stand behind `before` (ending with the EVSE) and `between`; else the reason why there is none.
 * `rpc.at` is the request and, times 4,096, the EVSE and, times 65,536, the second that is looked at next.
 */
export function composite(p: Cursor, evse: number, before: string, between: string): string {
  const duration = numberAt(p, "duration")!;
  if (!(evse >= 0 && evse <= evses.tokens.length && duration > 0)) {
    return duration > 0 ? "UnknownEvse" : "ValueTooLow";
  }
  charging.base = clock.up;
  rpc.at = p + evse * 4096;
  rpc.stream = opNumber(compositeNext);
  rpc.out +=
    '{"status":"Accepted",' +
    before +
    evse +
    ',"scheduleStart":"' +
    dateTime(clock.boot + clock.up) +
    '",' +
    between +
    '"duration":' +
    Math.min(duration, COMPOSITE_MAX) +
    ',"chargingRateUnit":"' +
    (scalar(member(p, "chargingRateUnit")) || "A") +
    '","chargingSchedulePeriod":[';
  return "";
}

/** The next periods of the composite schedule; equal neighbours are one, so it begins with the second before. */
export function compositeNext(): void {
  const p = rpc.at % 4096;
  const from = Math.floor(rpc.at / 65536);
  const duration = Math.min(numberAt(p, "duration")!, COMPOSITE_MAX);
  const watts = scalar(member(p, "chargingRateUnit")) === "W";
  const list = liveProfiles();
  list[Live.Unit] = watts ? 1 : 0;
  list[Live.Base] = charging.base;
  let second = from ? from - 1 : 0;
  let last = -1;
  for (let step = 0; rpc.out.length < FRAGMENT && step < STEPS && second < duration; step++) {
    const r = offerAt(list, (Math.floor(rpc.at / 4096) & 15) - 1, charging.base + second);
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
  rpc.at += (second - from) * 65536;
  if (second >= duration) {
    rpc.out += "]}}";
    rpc.stream = 0;
  }
}
