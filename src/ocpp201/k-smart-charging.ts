/**
 * @overlay
 * OCPP 2.0.1 Part 2, K. Smart charging: K01 SetChargingProfile, K08 GetCompositeSchedule.
 * Asking for profiles and clearing them is in `k-profiles.ts`.
 */
import { type Cursor, member, message, scalar } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { profileFault } from "../station/profile";
import { composite, keepProfile, numberAt, readProfile } from "../station/smart-charging";
import { Profile, Purpose } from "../store/profiles";
import { transactionId } from "../store/replay";

/** The answer with its reason, or Accepted. */
function answerReason(reason: string): void {
  rpc.out += reason ? '{"status":"Rejected","statusInfo":{"reasonCode":"' + reason + '"}}' : '{"status":"Accepted"}';
}

/** SetChargingProfile (K-02, K-03). */
export function setChargingProfile(p: Cursor): void {
  const evse = numberAt(p, "evseId")!;
  const profile = member(p, "chargingProfile");
  const n = readProfile(profile, evse, "id");
  const given = scalar(member(profile, "transactionId"));
  message.text = ""; // long, and read: the profiles need the room
  let reason = typeof n === "string" ? n : profileFault(n);
  if (typeof n !== "string" && !reason) {
    if ((n[Profile.Flags] & 3) === Purpose.Tx && given !== transactionId(evse - 1)) {
      reason = given ? "UnknownTxId" : "MissingParam";
    } else {
      keepProfile(n, [n[0]]);
    }
  }
  answerReason(reason);
}

/** GetCompositeSchedule (K-06). */
export function getCompositeSchedule(p: Cursor): void {
  const reason = composite(p, numberAt(p, "evseId")!, '"schedule":{"evseId":', "");
  if (reason) {
    answerReason(reason);
  }
}
