/**
 * @overlay
 * Which charging profiles the station takes, and when they end: OCPP 2.0.1 Part 2, K01, K04, K05. Knows no protocol; the reasons are words of 2.0.1.
 */
import { clock } from "../kernel/clock";
import { Cause } from "../store/fact";
import {
  changeProfiles,
  Kind,
  LEVEL_MAX,
  Live,
  liveProfiles,
  Profile,
  PROFILES_MAX,
  Purpose,
  REMOTE,
  profileAt,
  slot,
} from "../store/profiles";
import { transactionId } from "../store/replay";
import { evses, Field, pending } from "./evse";

/**
 * Why the profile of these numbers is not taken, "" when it is (K-02). Another one of its purpose, stackLevel and EVSE is a reason (2.0.1), or is
 * added to `replaced` (1.6); this holds the id of the profile itself. A TxProfile learns whose transaction it is for.
 */
export function profileFault(n: Int32Array, replaced?: number[]): string {
  const flags = n[Profile.Flags];
  const purpose = flags & 3;
  const relative = ((flags >> 2) & 3) === Kind.Relative;
  const evse = n[Profile.Evse];
  if (!(evse >= 0 && evse <= evses.tokens.length)) {
    return "UnknownEvse";
  }
  if (purpose === Purpose.StationMax ? evse || relative : purpose === Purpose.Tx && !evse && !(flags & REMOTE)) {
    return "InvalidProfile";
  }
  if (!(n[Profile.Level] >= 0 && n[Profile.Level] <= LEVEL_MAX)) {
    return "InvalidStackLevel";
  }
  let fault = relative === (n[Profile.Start] !== 0);
  for (let k = Profile.Periods as number; k < n.length; k += 2) {
    const phases = n[k + 1] & 3;
    fault =
      fault ||
      (k === Profile.Periods ? n[k] !== 0 : n[k] < 1) ||
      n[k + 1] < 0 ||
      // Phases cannot be switched off: a limit for fewer than there are cannot be kept.
      (phases > 0 && phases < evses.phases);
  }
  if (fault) {
    return "InvalidSchedule";
  }
  const list = settleProfiles();
  const own = slot(list, n[Profile.Id]);
  for (let i = Live.First as number; list[i + 1]; i += 2) {
    const other = profileAt(list[i + 1]);
    if (
      i !== own &&
      other[Profile.Level] === n[Profile.Level] &&
      (other[Profile.Flags] & 3) === purpose &&
      !((flags | other[Profile.Flags]) & REMOTE) &&
      (other[Profile.Evse] === evse || (!replaced && purpose === Purpose.TxDefault && !(other[Profile.Evse] && evse)))
    ) {
      if (!replaced) {
        return "DuplicateProfile";
      }
      replaced.push(list[i]);
    }
  }
  if (own === Live.First + PROFILES_MAX * 2 && !(replaced && replaced[1] !== undefined)) {
    return "TooManyElements";
  }
  if (purpose !== Purpose.Tx || flags & REMOTE) {
    return "";
  }
  const id = transactionId(evse - 1);
  n[Profile.Transaction] = E.CRC32(id);
  return id ? "" : "TxNotFound";
}

/**
 * Profiles whose time or whose transaction is over go; those of a remote start whose transaction runs become its own; those of a
 * transaction that has moved go with it. The living profiles.
 */
export function settleProfiles(): Int32Array {
  const v = evses.v;
  let list = liveProfiles();
  const gone: number[] = [];
  for (let i = Live.First as number; list[i + 1]; i += 2) {
    const n = profileAt(list[i + 1]);
    const tx = n[Profile.Transaction];
    const remote = n[Profile.Flags] & REMOTE;
    const over = clock.boot && n[Profile.To] && n[Profile.To] >>> 0 <= clock.boot + clock.up + 1;
    if (!over && (n[Profile.Flags] & 3) !== Purpose.Tx) {
      continue;
    }
    let alive = remote > 0 && pending.remote > 0 && pending.step > 0 && pending.remoteStartId === tx;
    for (let evse = 0; evse < evses.tokens.length; evse++) {
      const at = evse * Field.Size;
      const own = E.CRC32(transactionId(evse)) | 0;
      if (
        remote
          ? v[at + Field.Permit] && v[at + Field.Cause] === Cause.RemoteStart && v[at + Field.RemoteStartId] === tx
          : own === tx
      ) {
        alive = true;
        if (v[at + Field.Transaction] && (remote || n[Profile.Evse] !== evse + 1)) {
          n[Profile.Flags] -= remote;
          n[Profile.Evse] = evse + 1;
          n[Profile.Transaction] = own;
          changeProfiles([list[i]], n);
          list = liveProfiles();
          i = Live.First - 2; // once more
          break;
        }
      }
    }
    if (over || !alive) {
      gone.push(list[i]);
    }
  }
  if (gone.length) {
    changeProfiles(gone);
    return liveProfiles();
  }
  return list;
}
