/**
 * @overlay
 * OCPP 2.0.1: which operation takes a request, which takes a result, and what is sent next. The kernel reaches these three by number.
 */
import { connection } from "../kernel/connection";
import { closeWith } from "../kernel/connect";
import { type Cursor } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { validate } from "../kernel/validate";
import { ASKED, Call, Trigger } from "../station/calls";
import { charging } from "../station/charging";
import { Booking, evses, Field, Flag, Meter, pending, Registration, station, Step } from "../station/evse";
import { heartbeat, reopened, taken, unreported } from "../station/registration";
import { clear, unlockAnswer } from "../station/requests";
import { verdictOffline } from "../station/authorize";
import { opNumber, type OpNumber, variable } from "../kernel/overlay";
import { journal } from "../store/journal";
import { settingNumber } from "../store/settings";
import { bootNotification, reset } from "./b-provisioning";
import { setNetworkProfile } from "./b-network";
import { getBaseReport, getReport, notifyReport, reportResult } from "./b-report";
import { getVariables, setVariables } from "./b-variables";
import { authorize, authorizeResult } from "./c-authorization";
import { getLocalListVersion, sendLocalList } from "./d-local-list";
import { getTransactionStatus } from "./e-status";
import { transactionEvent, transactionResult } from "./e-transactions";
import { requestStartTransaction, requestStopTransaction, triggered, triggerMessage, unlockConnector } from "./f-remote-control";
import { changeAvailability, lockEvent, statusNotification } from "./g-availability";
import { cancelReservation, reservationStatusUpdate, reserveNow } from "./h-reservation";
import { sendMeterValues } from "./j-meter-values";
import { report } from "./report";
import { clearChargingProfile, getChargingProfiles, reportChargingProfiles } from "./k-profiles";
import { getCompositeSchedule, setChargingProfile } from "./k-smart-charging";
import { customerInformation, notifyCustomerInformation } from "./n-customer-information";
import { dataTransfer } from "./p-data-transfer";

/** A CALL with a valid payload at `p`: the payload of the answer is appended to `rpc.out`, or `rpc.error` is set; or the operation that does it is given. */
export function request(action: string, p: Cursor): OpNumber | void {
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
  } else if (action === "ChangeAvailability") {
    changeAvailability(p);
  } else if (action === "UnlockConnector") {
    unlockConnector(p);
  } else if (action === "ReserveNow") {
    reserveNow(p);
  } else if (action === "CancelReservation") {
    cancelReservation(p);
  } else if (action === "CustomerInformation") {
    customerInformation(p);
  } else if (action === "DataTransfer") {
    dataTransfer();
  } else if (action === "ClearCache") {
    clear();
  } else if (action === "SendLocalList") {
    return opNumber(sendLocalList);
  } else if (action === "GetLocalListVersion") {
    getLocalListVersion();
  } else if (action === "SetChargingProfile") {
    return opNumber(setChargingProfile);
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
  if (call === Call.Transaction) {
    transactionResult(p);
  } else if (call === Call.Authorize) {
    if (p < 0) {
      verdictOffline();
    } else {
      authorizeResult(p);
    }
  } else if (call === Call.NotifyReport) {
    reportResult();
  } else {
    taken(call, p);
  }
}

/** Write the CALL that is due now, if any. Order: boot, the person at the reader, status, heartbeat, then the rest in turn. */
export function next(): void {
  if (rpc.held) {
    unlockAnswer();
  }
  if (rpc.call || rpc.out) {
    return;
  }
  if (station.reconnect) {
    station.reconnect = 0;
    closeWith(1000);
    return;
  }
  const accepted = station.registration === Registration.Accepted;
  if (!accepted && (!station.left || station.triggered & Trigger.Boot)) {
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
    const at = evse * Field.Size;
    const reported = evses.v[at + Field.Reported];
    const flags = evses.v[at + Field.Flags];
    // B-05: while Pending only what the CSMS asked for.
    if (reported === ASKED || (accepted && reported !== evses.v[at + Field.Status])) {
      statusNotification(evse);
      return;
    }
    if (accepted && evses.v[at + Field.Booking] > Booking.Used) {
      reservationStatusUpdate(evse);
      return;
    }
    if (accepted && !(flags & Flag.LockProblem) !== !(flags & Flag.LockTold)) {
      lockEvent(evse);
      return;
    }
  }
  let metered = -1;
  for (let evse = evses.tokens.length; evse--;) {
    // While Pending only what the CSMS asked for.
    if (evses.v[evse * Field.Size + Field.Meter] > (accepted ? Meter.None : Meter.Clock)) {
      metered = evse;
    }
  }
  // Values, reports and transaction events take turns, so that none of them waits for ever.
  const events = accepted && journal.count && !station.wait;
  const turn = rpc.count % 3;
  if (station.heartbeat) {
    heartbeat();
  } else if (metered >= 0 && !turn) {
    sendMeterValues(metered);
  } else if (station.triggered) {
    triggered();
  } else if (station.customer !== undefined) {
    notifyCustomerInformation();
  } else if (report.v && (turn === 1 || !events)) {
    notifyReport();
  } else if (charging.wanted && (turn === 1 || !events)) {
    reportChargingProfiles();
  } else if (events) {
    transactionEvent();
  } else if (metered >= 0) {
    sendMeterValues(metered);
  }
}

/** The connection is open again: a report that was interrupted is dropped (B-32), what was not told for long is told (B04). */
export function opened(): void {
  report.v = undefined;
  if (!reopened() && connection.offline > settingNumber(variable("OCPPCommCtrlr.OfflineThreshold"))) {
    unreported();
  }
}
