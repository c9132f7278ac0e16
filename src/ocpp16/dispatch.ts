/**
 * @overlay
 * OCPP 1.6: which operation takes a request, which takes a result, and what is sent next. The kernel reaches these three by number.
 */
import { answer } from "../kernel/call";
import { clock } from "../kernel/clock";
import { closeWith } from "../kernel/connect";
import { type Cursor } from "../kernel/json";
import { opNumber, type OpNumber, variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { validate } from "../kernel/validate";
import { verdictOffline } from "../station/authorize";
import { Call, Trigger } from "../station/calls";
import { evses, Field, Meter, pending, Registration, station, Step } from "../station/evse";
import { heartbeat, taken } from "../station/registration";
import { clear, unlockAnswer } from "../station/requests";
import { journal } from "../store/journal";
import { settingNumber } from "../store/settings";
import { authorize, authorizeResult } from "./authorize";
import { bootNotification } from "./boot";
import { changeConfiguration, getConfiguration } from "./configuration";
import { getLocalListVersion, sendLocalList } from "./local-list";
import { remoteStartTransaction, remoteStopTransaction, reset, unlockConnector } from "./remote";
import { cancelReservation, reserveNow } from "./reservation";
import { clearChargingProfile, getCompositeSchedule, setChargingProfile } from "./smart-charging";
import { changeAvailability, statusNotification } from "./status";
import { sendMeterValues, transaction, transactionResult } from "./transactions";
import { triggered, triggerMessage } from "./trigger";

/** A CALL with a valid payload at `p`: the payload of the answer is appended to `rpc.out`, or `rpc.error` is set; or the operation that does it is given. */
export function request(action: string, p: Cursor): OpNumber | void {
  if (action === "GetConfiguration") {
    getConfiguration(p);
  } else if (action === "ChangeConfiguration") {
    changeConfiguration(p);
  } else if (action === "RemoteStartTransaction") {
    remoteStartTransaction(p);
  } else if (action === "RemoteStopTransaction") {
    remoteStopTransaction(p);
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
  } else if (action === "DataTransfer") {
    answer("UnknownVendorId"); // RM-08
  } else if (action === "ClearCache") {
    clear();
  } else if (action === "SendLocalList") {
    return opNumber(sendLocalList);
  } else if (action === "GetLocalListVersion") {
    getLocalListVersion();
  } else if (action === "SetChargingProfile") {
    return opNumber(setChargingProfile);
  } else if (action === "ClearChargingProfile") {
    clearChargingProfile(p);
  } else {
    getCompositeSchedule(p);
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
  } else {
    taken(call, p);
  }
}

/** Write the CALL that is due now, if any; any puts the Heartbeat off, but there is one a day of uptime (BT-07). */
export function next(): void {
  if (rpc.held) {
    unlockAnswer();
  }
  if (!rpc.call && !rpc.out) {
    due();
    if (rpc.call && station.registration === Registration.Accepted) {
      station.left = Math.min(settingNumber(variable("OCPPCommCtrlr.HeartbeatInterval")), 86400 - (clock.up % 86400));
    }
  }
}

/** Order: boot, the person at the reader, status, heartbeat, then the rest in turn. */
function due(): void {
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
    return; // BT-03: silence
  }
  if (accepted && pending.step === Step.Ask) {
    authorize();
    return;
  }
  statusNotification(accepted);
  if (rpc.out) {
    return;
  }
  let metered = -1;
  for (let evse = evses.tokens.length; evse--;) {
    // BT-02: while Pending only what the CSMS asked for.
    if (evses.v[evse * Field.Size + Field.Meter] > (accepted ? Meter.None : Meter.Clock)) {
      metered = evse;
    }
  }
  const events = accepted && journal.count && !station.wait;
  if (station.heartbeat) {
    heartbeat();
  } else if (station.triggered) {
    triggered();
  } else if (metered >= 0 && (rpc.count & 1 || !events)) {
    sendMeterValues(metered);
  } else if (events) {
    transaction();
  }
}
