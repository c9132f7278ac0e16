/**
 * @overlay
 * Requests that are answered in the same words by both protocols: ClearCache (OCPP 2.0.1 C11, OCPP 1.6 5.4) and UnlockConnector
 * (F05; 5.18), whose answer waits for the lock.
 */
import { answer } from "../kernel/call";
import { clock } from "../kernel/clock";
import { variable } from "../kernel/overlay";
import { rpc, soon } from "../kernel/rpc";
import { find } from "../kernel/text";
import { settingTrue } from "../store/settings";
import { clearCache } from "../store/tokens";
import { evaluate } from "./evaluate";
import { evses, Field, LOCK_TIMEOUT } from "./evse";

/** ClearCache. */
export function clear(): void {
  const enabled = settingTrue(variable("AuthCacheCtrlr.Enabled"));
  if (enabled) {
    clearCache();
  }
  answer(enabled ? "Accepted" : "Rejected");
}

/** Open the lock of EVSE `evse`; the answer is held until it has moved. */
export function unlock(evse: number): void {
  const at = evse * Field.Size;
  if (!rpc.held) {
    rpc.held = at + "," + (clock.up + LOCK_TIMEOUT) + rpc.out;
    rpc.out = "";
    evses.v[at + Field.LockWanted] = 0;
    evaluate(evse);
  } else if (find(rpc.held, rpc.out) >= 0) {
    rpc.error = "InternalError"; // the same CALL again (RPC-10)
  } else {
    answer("UnlockFailed"); // one at a time
  }
}

/** The answer that waited for a lock, as soon as it has opened, or its time is up, or it is needed again. */
export function unlockAnswer(): void {
  const held = rpc.held!;
  const at = parseInt(held);
  const locked = evses.v[at + Field.Locked];
  if (!locked || evses.v[at + Field.LockWanted] || clock.up >= parseInt(held.substr(held.indexOf(",") + 1))) {
    rpc.held = undefined;
    rpc.out = held.substr(held.indexOf("["));
    answer(locked ? "UnlockFailed" : "Unlocked");
    soon();
  }
}
