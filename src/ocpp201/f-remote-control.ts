/**
 * @overlay
 * OCPP 2.0.1 Part 2, F. Remote control: F01, F02 remote start, F03 remote stop, F05 unlock, F06 trigger.
 */
import { answer, beginCall } from "../kernel/call";
import { type Cursor, member, scalar } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc, soon } from "../kernel/rpc";
import { LONGEST_TOKEN, remoteStart } from "../station/authorize";
import { ASKED, Call, Trigger } from "../station/calls";
import { evaluate, endTransaction, recordFact } from "../station/evaluate";
import { evses, Field, Meter, pending, Permit, Registration, station } from "../station/evse";
import { keepProfile, readProfile, remoteProfile } from "../station/smart-charging";
import { unlock } from "../station/requests";
import { Cause, Has, Reason } from "../store/fact";
import { setting } from "../store/settings";
import { transactionId } from "../store/replay";
import { evseAt } from "./answer";
import { readIdToken } from "./c-authorization";

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
  const n =
    profile < 0 ? "" : remoteProfile(readProfile(profile, evse + 1, "id"), remoteStartId, member(profile, "transactionId"));
  const token = readIdToken(member(p, "idToken"));
  const accepted =
    (profile < 0 || typeof n !== "string") &&
    station.registration === Registration.Accepted &&
    (at < 0 || evse >= 0) &&
    token.length <= LONGEST_TOKEN &&
    remoteStart(evse, token, remoteStartId, group < 0 ? "" : readIdToken(group));
  if (accepted && typeof n !== "string") {
    keepProfile(n, [n[0]]);
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
  answer(status);
}

/** TriggerMessage (F-07): the answer first, the message after. */
export function triggerMessage(p: Cursor): void {
  const wanted = scalar(member(p, "requestedMessage"));
  const only = evseAt(member(p, "evse"));
  let status = "Accepted";
  if (wanted === "Heartbeat") {
    station.heartbeat = 1;
  } else if (wanted === "BootNotification") {
    if (station.registration === Registration.Accepted) {
      status = "Rejected"; // TC_F_26
    } else {
      station.triggered |= Trigger.Boot;
    }
  } else if (wanted === "LogStatusNotification") {
    station.triggered |= Trigger.LogStatus;
  } else if (wanted === "FirmwareStatusNotification") {
    station.triggered |= Trigger.FirmwareStatus;
  } else if (wanted === "StatusNotification" || wanted === "MeterValues") {
    const meter = wanted[0] === "M";
    if (only < -1 || (meter && !setting(variable("AlignedDataCtrlr.Measurands")))) {
      status = "Rejected";
    } else {
      for (let evse = 0; evse < evses.tokens.length; evse++) {
        if (only === -1 || only === evse) {
          evses.v[evse * Field.Size + (meter ? Field.Meter : Field.Reported)] = meter ? Meter.Trigger : ASKED;
        }
      }
    }
  } else if (wanted === "TransactionEvent") {
    status = "Rejected";
    for (let evse = 0; evse < evses.tokens.length; evse++) {
      if (
        (only === -1 || only === evse) &&
        evses.v[evse * Field.Size + Field.Transaction] &&
        recordFact(evse, Cause.Trigger, evses.v[evse * Field.Size + Field.Unknown] ? 0 : Has.Values)
      ) {
        status = "Accepted";
      }
    }
  } else {
    status = "NotImplemented";
  }
  answer(status);
  soon();
}

/** What else TriggerMessage asked for. Neither an upload nor an update is there yet: Idle. */
export function triggered(): void {
  const log = station.triggered & Trigger.LogStatus;
  station.triggered &= ~(log || Trigger.FirmwareStatus);
  beginCall(Call.Notice, log ? "LogStatusNotification" : "FirmwareStatusNotification");
  answer("Idle");
}

/** UnlockConnector (F-06): the answer waits for the lock. */
export function unlockConnector(p: Cursor): void {
  const v = evses.v;
  const evse = parseInt(scalar(member(p, "evseId"))) - 1;
  const at = evse * Field.Size;
  let status = "";
  if (evses.fixed) {
    rpc.error = "NotSupported"; // there is no lock
    return;
  }
  if (!(evse >= 0 && at < v.length) || scalar(member(p, "connectorId")) !== "1") {
    status = "UnknownConnector";
  } else if (v[at + Field.Permit] && v[at + Field.Permit] < Permit.Over) {
    status = "OngoingAuthorizedTransaction";
  } else {
    unlock(evse);
    return;
  }
  answer(status);
}
