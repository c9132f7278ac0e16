/**
 * @overlay
 * OCPP 2.0.1: which operation takes a request, which takes a result, and what is sent next. The kernel reaches these three by number.
 */
import { connection } from "../kernel/connection";
import { closeWith } from "../kernel/connect";
import { type Cursor } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { validate } from "../kernel/validate";
import { evses, Field, pending, Registration, station, Step } from "../station/evse";
import { charging } from "../station/charging";
import { verdictOffline } from "../station/authorize";
import { variable } from "../kernel/overlay";
import { journal } from "../store/journal";
import { SecurityEvent, securityEvent } from "../store/security-log";
import { settingNumber } from "../store/settings";
import { bootNotification, bootResult, reset } from "./b-provisioning";
import { setNetworkProfile } from "./b-network";
import { getBaseReport, getReport, notifyReport, reportResult } from "./b-report";
import { getVariables, setVariables } from "./b-variables";
import { authorize, authorizeResult, clear } from "./c-authorization";
import { getLocalListVersion, sendLocalList } from "./d-local-list";
import { getTransactionStatus } from "./e-status";
import { transactionEvent, transactionResult } from "./e-transactions";
import { requestStartTransaction, requestStopTransaction, triggerMessage } from "./f-remote-control";
import { heartbeat, heartbeatResult, statusNotification } from "./g-availability";
import { sendMeterValues } from "./j-meter-values";
import { report } from "./report";
import { clearChargingProfile, getChargingProfiles, reportChargingProfiles } from "./k-profiles";
import { getCompositeSchedule, setChargingProfile } from "./k-smart-charging";
import { ASKED, Call, IN_FLIGHT, UNREPORTED } from "./words";

/** A CALL with a valid payload at `p`: the payload of the answer is appended to `rpc.out`, or `rpc.error` is set. */
export function request(action: string, p: Cursor): void {
  if (action === "GetVariables") {
    getVariables(p);
  } else if (action === "SetVariables") {
    setVariables(p);
  } else if (action === "GetBaseReport") {
    getBaseReport(p);
  } else if (action === "GetReport") {
    getReport(p);
  } else if (action === "SetNetworkProfile") {
    setNetworkProfile(p);
  } else if (action === "RequestStartTransaction") {
    requestStartTransaction(p);
  } else if (action === "RequestStopTransaction") {
    requestStopTransaction(p);
  } else if (action === "GetTransactionStatus") {
    getTransactionStatus(p);
  } else if (action === "TriggerMessage") {
    triggerMessage(p);
  } else if (action === "Reset") {
    reset(p);
  } else if (action === "ClearCache") {
    clear();
  } else if (action === "SendLocalList") {
    sendLocalList(p);
  } else if (action === "GetLocalListVersion") {
    getLocalListVersion();
  } else if (action === "SetChargingProfile") {
    setChargingProfile(p);
  } else if (action === "GetChargingProfiles") {
    getChargingProfiles(p);
  } else if (action === "ClearChargingProfile") {
    clearChargingProfile(p);
  } else if (action === "GetCompositeSchedule") {
    getCompositeSchedule(p);
  } else {
    rpc.error = "NotImplemented";
  }
}

/** The answer to our `call` is at `p`; -1: CALLERROR, no answer in time, or not JSON; -2: the connection was lost first. */
export function result(call: Call, p: Cursor): void {
  if (p >= 0 && validate("", p, "*") < 0) {
    p = -1;
  }
  if (call === Call.TransactionEvent) {
    transactionResult(p);
  } else if (call === Call.Authorize) {
    if (p < 0) {
      verdictOffline();
    } else {
      authorizeResult(p);
    }
  } else if (call === Call.BootNotification) {
    bootResult(p);
  } else if (call === Call.Heartbeat) {
    heartbeatResult(p);
  } else if (call === Call.NotifyReport) {
    reportResult();
  } else if (call === Call.StatusNotification) {
    // A status on its way when the connection broke may not have arrived: it is unreported (B04).
    for (let at = Field.Reported as number; at < evses.v.length; at += Field.Size) {
      if (evses.v[at] >= IN_FLIGHT) {
        evses.v[at] = p === -2 ? UNREPORTED : evses.v[at] - IN_FLIGHT;
      }
    }
  }
}

/** Write the CALL that is due now, if any. Order: boot, the person at the reader, status, transaction events, heartbeat. */
export function next(): void {
  if (station.reconnect) {
    station.reconnect = 0;
    closeWith(1000);
    return;
  }
  const accepted = station.registration === Registration.Accepted;
  if (!accepted && (!station.left || station.triggered)) {
    bootNotification();
    return;
  }
  if (!accepted && station.registration !== Registration.Pending) {
    return; // B-06: silence
  }
  if (accepted && pending.step === Step.Ask) {
    authorize();
    return;
  }
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const reported = evses.v[evse * Field.Size + Field.Reported];
    // B-05: while Pending only what the CSMS asked for.
    if (reported === ASKED || (accepted && reported !== evses.v[evse * Field.Size + Field.Status])) {
      statusNotification(evse);
      return;
    }
  }
  if (accepted) {
    for (let evse = 0; evse < evses.tokens.length; evse++) {
      if (evses.v[evse * Field.Size + Field.Meter]) {
        sendMeterValues(evse);
        return;
      }
    }
  }
  if (station.heartbeat) {
    heartbeat();
  } else if (report.v && (!(rpc.count & 1) || !journal.count || station.wait)) {
    notifyReport(); // in turn with the events
  } else if (charging.wanted) {
    reportChargingProfiles();
  } else if (accepted && journal.count && !station.wait) {
    transactionEvent();
  }
}

/** The connection is open again: what was recorded before it is offline (E11.FR.07), what was not told is told (B04). */
export function opened(): void {
  journal.old = journal.count;
  journal.pack = journal.packing = undefined; // the reader moves now
  journal.target = 0;
  report.v = undefined; // B-32: interrupted, dropped
  charging.wanted = undefined;
  if (journal.dropped) {
    securityEvent(SecurityEvent.StorageFull, journal.dropped + " transaction events dropped");
    journal.dropped = 0;
  }
  const other = connection.worked && connection.worked !== connection.slot;
  if (other) {
    station.registration = Registration.None; // B10.FR.10: another CSMS
    station.left = 0;
    rpc.barred = 1;
  }
  if (other || connection.offline > settingNumber(variable("OCPPCommCtrlr.OfflineThreshold"))) {
    for (let at = Field.Reported as number; at < evses.v.length; at += Field.Size) {
      evses.v[at] = UNREPORTED;
    }
  }
}
