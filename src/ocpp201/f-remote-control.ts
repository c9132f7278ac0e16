/**
 * @overlay
 * OCPP 2.0.1 Part 2, F. Remote control: F01, F02 remote start, F03 remote stop, F06 trigger.
 */
import { type Cursor, member, scalar } from "../kernel/json";
import { rpc, soon } from "../kernel/rpc";
import { remoteStart } from "../station/authorize";
import { evaluate, endTransaction, recordFact } from "../station/evaluate";
import { evses, Field, pending, Registration, station } from "../station/evse";
import { Cause, Has, Reason } from "../store/fact";
import { transactionId } from "../store/replay";
import { readIdToken } from "./c-authorization";
import { keepRemoteProfile, remoteProfile } from "./k-smart-charging";
import { ASKED } from "./words";

/** RequestStartTransaction (F-01, F-02; F-04: with a charging profile for its transaction). */
export function requestStartTransaction(p: Cursor): void {
  const at = member(p, "evseId");
  const group = member(p, "groupIdToken");
  const evse = at < 0 ? -1 : parseInt(scalar(at)) - 1;
  // Transactions that wait for somebody to authorize them (F01.FR.13).
  let open = 0;
  for (let i = 0; i < evses.tokens.length; i++) {
    open |= evses.v[i * Field.Size + Field.Transaction] << i;
  }
  const profile = member(p, "chargingProfile");
  const remoteStartId = parseInt(scalar(member(p, "remoteStartId")));
  const n = profile < 0 ? "" : remoteProfile(profile, evse + 1, remoteStartId);
  const accepted =
    (profile < 0 || typeof n !== "string") &&
    station.registration === Registration.Accepted &&
    (at < 0 || evse >= 0) &&
    remoteStart(evse, readIdToken(member(p, "idToken")), remoteStartId, group < 0 ? "" : readIdToken(group));
  if (accepted && typeof n !== "string") {
    keepRemoteProfile(n);
  }
  rpc.out += accepted ? '{"status":"Accepted"' : '{"status":"Rejected"';
  if (accepted && pending.evse >= 0 && (open >> pending.evse) & 1) {
    rpc.out += ',"transactionId":"' + transactionId(pending.evse) + '"';
  }
  rpc.out += "}";
}

/** RequestStopTransaction (F-05): the id is compared exactly. */
export function requestStopTransaction(p: Cursor): void {
  const id = scalar(member(p, "transactionId"));
  let status = "Rejected";
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    if (
      station.registration === Registration.Accepted &&
      evses.v[evse * Field.Size + Field.Transaction] &&
      transactionId(evse) === id
    ) {
      endTransaction(evse, Cause.RemoteStop, Reason.Remote, "");
      evaluate(evse);
      status = "Accepted";
    }
  }
  rpc.out += '{"status":"' + status + '"}';
}

/** TriggerMessage (F-07): the answer first, the message after. */
export function triggerMessage(p: Cursor): void {
  const wanted = scalar(member(p, "requestedMessage"));
  const at = member(p, "evse");
  const only = at < 0 ? -1 : parseInt(scalar(member(at, "id"))) - 1;
  const connector = member(at, "connectorId");
  let status = "Accepted";
  if (wanted === "Heartbeat") {
    station.heartbeat = 1;
  } else if (wanted === "BootNotification") {
    if (station.registration === Registration.Accepted) {
      status = "Rejected"; // TC_F_26
    } else {
      station.triggered = 1;
    }
  } else if (wanted === "StatusNotification") {
    if (only >= evses.tokens.length || only < -1 || (connector >= 0 && scalar(connector) !== "1")) {
      status = "Rejected";
    } else {
      for (let evse = 0; evse < evses.tokens.length; evse++) {
        if (only < 0 || only === evse) {
          evses.v[evse * Field.Size + Field.Reported] = ASKED;
        }
      }
    }
  } else if (wanted === "TransactionEvent") {
    status = "Rejected";
    for (let evse = 0; evse < evses.tokens.length; evse++) {
      if (
        (only < 0 || only === evse) &&
        evses.v[evse * Field.Size + Field.Transaction] &&
        recordFact(evse, Cause.Trigger, Has.Values)
      ) {
        status = "Accepted";
      }
    }
  } else {
    status = "NotImplemented";
  }
  rpc.out += '{"status":"' + status + '"}';
  soon();
}
