/**
 * @overlay
 * OCPP 2.0.1 Part 2, K09 GetChargingProfiles with its reports, K10 ClearChargingProfile.
 */
import { beginCall } from "../kernel/call";
import { dateTime } from "../kernel/datetime";
import { find } from "../kernel/text";
import { type Cursor, item, member, message, scalar, space, valueEnd } from "../kernel/json";
import { opNumber } from "../kernel/overlay";
import { FRAGMENT, rpc, soon } from "../kernel/rpc";
import { charging, KINDS, PURPOSES } from "../station/charging";
import { Call } from "../station/calls";
import { settleProfiles } from "../station/profile";
import { clearProfiles, numberAt, purposeAt, tenths } from "../station/smart-charging";
import { Kind, liveProfiles, Profile, profileAt, Purpose, selectProfiles, slot, WATTS } from "../store/profiles";
import { transactionId } from "../store/replay";

/** ClearChargingProfile (K-09): what fits the id and every criterion goes. */
export function clearChargingProfile(p: Cursor): void {
  const criteria = member(p, "chargingProfileCriteria");
  clearProfiles(
    numberAt(criteria, "evseId"),
    purposeAt(criteria),
    numberAt(criteria, "stackLevel"),
    numberAt(p, "chargingProfileId"),
  );
}

/** GetChargingProfiles (K-08): one report at a time. */
export function getChargingProfiles(p: Cursor): void {
  const criteria = member(p, "chargingProfile");
  const list = member(criteria, "chargingProfileId");
  const sources = member(criteria, "chargingLimitSource");
  if (charging.wanted) {
    rpc.error = "GenericError";
    return;
  }
  const ids: number[] = [];
  for (let q = list < 0 ? -1 : item(list); q >= 0; q = item(space(valueEnd(q)))) {
    ids.push(parseFloat(scalar(q)));
  }
  settleProfiles();
  // All profiles here come from the CSMS.
  const found =
    sources >= 0 && find(message.text.substring(sources, valueEnd(sources)), '"CSO"') < 0
      ? []
      : selectProfiles(numberAt(p, "evseId"), purposeAt(criteria), numberAt(criteria, "stackLevel"), list < 0 ? undefined : ids);
  if (found.length) {
    charging.wanted = [numberAt(p, "requestId")!].concat(found);
    soon();
  }
  rpc.out += found.length ? '{"status":"Accepted"}' : '{"status":"NoProfiles"}';
}

/** `,"name":"time"` of a time of a profile, nothing when it has none. */
function timeMember(name: string, time: number): string {
  return time ? ',"' + name + '":"' + dateTime((time >>> 0) - 1) + '"' : "";
}

/** ReportChargingProfiles: one profile a message. `rpc.at` is the position of its record and, times 65,536, the period that is written next. */
export function reportChargingProfiles(): void {
  const wanted = charging.wanted!;
  const list = liveProfiles();
  const at = list[slot(list, wanted.splice(1, 1)[0]) + 1];
  if (wanted.length < 2) {
    charging.wanted = undefined;
  }
  if (!at) {
    soon(); // cleared since it was asked for
    return;
  }
  const n = profileAt(at);
  const flags = n[Profile.Flags];
  const kind = (flags >> 2) & 3;
  const id = (flags & 3) === Purpose.Tx && n[Profile.Evse] ? transactionId(n[Profile.Evse] - 1) : "";
  rpc.at = at;
  rpc.stream = opNumber(periodsNext);
  beginCall(Call.ReportChargingProfiles, "ReportChargingProfiles");
  rpc.out +=
    '{"requestId":' +
    wanted[0] +
    ',"chargingLimitSource":"CSO",' +
    (charging.wanted ? '"tbc":true,' : "") +
    '"evseId":' +
    n[Profile.Evse] +
    ',"chargingProfile":[{"id":' +
    n[Profile.Id] +
    ',"stackLevel":' +
    n[Profile.Level] +
    ',"chargingProfilePurpose":"' +
    PURPOSES.split(",")[flags & 3] +
    '","chargingProfileKind":"' +
    (kind === Kind.Daily || kind === Kind.Weekly ? 'Recurring","recurrencyKind":"' : "") +
    KINDS.split(",")[kind] +
    '"' +
    timeMember("validFrom", n[Profile.From]) +
    timeMember("validTo", n[Profile.To]) +
    (id ? ',"transactionId":"' + id + '"' : "") +
    ',"chargingSchedule":[{"id":' +
    n[Profile.ScheduleId] +
    timeMember("startSchedule", n[Profile.Start]) +
    (n[Profile.Duration] ? ',"duration":' + n[Profile.Duration] : "") +
    (n[Profile.MinRate] ? ',"minChargingRate":' + tenths(n[Profile.MinRate] - 1) : "") +
    ',"chargingRateUnit":"' +
    (flags & WATTS ? "W" : "A") +
    '","chargingSchedulePeriod":[';
}

/** The next periods of the profile that is reported. */
export function periodsNext(): void {
  const n = profileAt(rpc.at % 65536);
  const first = Math.floor(rpc.at / 65536);
  let start = 0;
  let next = 0;
  for (let k = Profile.Periods as number; k < n.length && rpc.out.length < FRAGMENT; k += 2) {
    start += n[k];
    if (next >= first) {
      rpc.out += (next ? ',{"startPeriod":' : '{"startPeriod":') + start + ',"limit":' + tenths(n[k + 1] >> 2);
      rpc.out += n[k + 1] & 3 ? ',"numberPhases":' + (n[k + 1] & 3) + "}" : "}";
    }
    next++;
  }
  rpc.at = (rpc.at % 65536) + next * 65536;
  if (Profile.Periods + next * 2 >= n.length) {
    rpc.out += "]}]}]}";
    rpc.stream = 0;
  }
}
