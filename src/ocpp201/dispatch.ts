/**
 * @overlay
 * OCPP 2.0.1: which operation takes a request, which takes a result, and what is sent next. The kernel reaches these three by number.
 */
import { connection } from "../kernel/connection";
import { closeWith } from "../kernel/connect";
import { type Cursor } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { validate } from "../kernel/validate";
import { charging } from "../station/charging";
import { Booking, evses, Field, Flag, Meter, pending, Registration, station, Step } from "../station/evse";
import { endBooking } from "../station/reservation";
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
import {
  requestStartTransaction,
  requestStopTransaction,
  triggered,
  triggerMessage,
  unlockAnswer,
  unlockConnector,
} from "./f-remote-control";
import { changeAvailability, heartbeat, heartbeatResult, lockEvent, statusNotification } from "./g-availability";
import { cancelReservation, reservationStatusUpdate, reserveNow } from "./h-reservation";
import { sendMeterValues } from "./j-meter-values";
import { report } from "./report";
import { clearChargingProfile, getChargingProfiles, reportChargingProfiles } from "./k-profiles";
import { getCompositeSchedule, setChargingProfile } from "./k-smart-charging";
import { customerInformation, notifyCustomerInformation } from "./n-customer-information";
import { dataTransfer } from "./p-data-transfer";
import { ASKED, Call, IN_FLIGHT, Trigger, UNREPORTED } from "./words";

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
  } else if (call === Call.StatusNotification || call === Call.Notice) {
    // A status on its way when the connection broke may not have arrived: it is unreported (B04). The same for the other notices.
    const v = evses.v;
    for (let at = 0; at < v.length; at += Field.Size) {
      if (v[at + Field.Reported] >= IN_FLIGHT) {
        v[at + Field.Reported] = p === -2 ? UNREPORTED : v[at + Field.Reported] - IN_FLIGHT;
      }
      if (v[at + Field.Booking] >= IN_FLIGHT) {
        v[at + Field.Booking] -= IN_FLIGHT;
        if (p !== -2) {
          endBooking(at / Field.Size, Booking.None);
        }
      }
      if (v[at + Field.Flags] & Flag.LockTelling) {
        v[at + Field.Flags] ^= p === -2 ? Flag.LockTelling | Flag.LockTold : Flag.LockTelling;
      }
    }
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

/** The connection is open again: what was recorded before it is offline (E11.FR.07), what was not told is told (B04). */
export function opened(): void {
  journal.old = journal.count;
  journal.pack = journal.packing = undefined; // the reader moves now
  journal.target = 0;
  report.v = undefined; // B-32: interrupted, dropped
  charging.wanted = undefined;
  station.reconnect = 0; // that was with the new password
  if (journal.dropped) {
    securityEvent(SecurityEvent.StorageFull, journal.dropped + " transaction events dropped");
    journal.dropped = 0;
  }
  const other = connection.worked && connection.worked !== connection.slot;
  if (other) {
    station.registration = Registration.None; // B10.FR.10: another CSMS
    station.left = 0;
    rpc.barred = 1;
    // What the one asked for is not told to the other.
    station.heartbeat = station.triggered = 0;
    station.customer = undefined;
  }
  const long = other || connection.offline > settingNumber(variable("OCPPCommCtrlr.OfflineThreshold"));
  for (let at = 0; at < evses.v.length; at += Field.Size) {
    if (long) {
      evses.v[at + Field.Reported] = UNREPORTED;
    }
    if (evses.v[at + Field.Meter] === Meter.Clock) {
      evses.v[at + Field.Meter] = Meter.None; // its time is over (E-44)
    }
  }
}
