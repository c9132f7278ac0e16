/**
 * @overlay
 * OCPP 1.6, 5.16 SetChargingProfile, 5.2 ClearChargingProfile, 5.7 GetCompositeSchedule (SC-01 … SC-09).
 */
import { answer } from "../kernel/call";
import { clock } from "../kernel/clock";
import { type Cursor, member, message } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { evses, Field } from "../station/evse";
import { profileFault } from "../station/profile";
import { clearProfiles, composite, keepProfile, numberAt, purposeAt, readProfile } from "../station/smart-charging";
import { Kind, Profile, Purpose } from "../store/profiles";
import { evseOf } from "./transactions";

/**
 * The ChargingProfile at `p` as `readProfile` gives it, with what 1.6 leaves open: startSchedule is nothing to a relative schedule; an absolute one
 * without it begins with the transaction, that of the station now.
 */
export function profile16(p: Cursor, connector: number): Int32Array | string {
  const n = readProfile(p, connector, "chargingProfileId");
  if (typeof n !== "string") {
    const kind = (n[Profile.Flags] >> 2) & 3;
    if (kind === Kind.Relative) {
      n[Profile.Start] = 0;
    } else if (kind === Kind.Absolute && !n[Profile.Start]) {
      if (n[Profile.Flags] & 3) {
        n[Profile.Flags] += Kind.Relative * 4;
      } else {
        n[Profile.Start] = clock.boot + clock.up + 1;
      }
    }
  }
  return n;
}

/** SetChargingProfile. transactionId need not be there. */
export function setChargingProfile(p: Cursor): void {
  const connector = numberAt(p, "connectorId")!;
  const profile = member(p, "csChargingProfiles");
  if (connector < 0 || connector > evses.tokens.length) {
    rpc.error = "P";
    return;
  }
  const n = profile16(profile, connector);
  const given = numberAt(profile, "transactionId");
  message.text = ""; // long, and read: the profiles need the room
  let status = "Rejected";
  if (typeof n !== "string") {
    const ids = [n[0]];
    if (
      !profileFault(n, ids) &&
      ((n[Profile.Flags] & 3) !== Purpose.Tx ||
        (given === undefined ? evses.v[(connector - 1) * Field.Size + Field.Transaction] : evseOf("" + given) === connector - 1))
    ) {
      keepProfile(n, ids);
      status = "Accepted";
    }
  }
  answer(status);
}

/** ClearChargingProfile: an id is the only criterion. */
export function clearChargingProfile(p: Cursor): void {
  const id = numberAt(p, "id");
  if (id === undefined) {
    clearProfiles(numberAt(p, "connectorId"), purposeAt(p), numberAt(p, "stackLevel"));
  } else {
    clearProfiles(undefined, undefined, undefined, id);
  }
}

/** GetCompositeSchedule. */
export function getCompositeSchedule(p: Cursor): void {
  if (composite(p, numberAt(p, "connectorId")!, '"connectorId":', '"chargingSchedule":{')) {
    answer("Rejected");
  }
}
