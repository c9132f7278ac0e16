/**
 * @overlay
 * The state machine of one EVSE: look at all inputs, then put outputs, transaction and status into the state that they demand.
 * OCPP 2.0.1 Part 2, E01–E10, G01; IEC 61851-1 for the pilot. Start and stop point: PowerPathClosed.
 */
import { drive } from "board";
import { newId } from "../kernel/call";
import { variable } from "../kernel/overlay";
import { soon } from "../kernel/rpc";
import { record } from "../store/append";
import { freePages } from "../store/page";
import { Cause, Charging, fact, Has, Reason } from "../store/fact";
import { settingNumber, settingTrue } from "../store/settings";
import { grant } from "./authorize";
import { evses, Field, LOCK_TIMEOUT, pending, Permit, Pilot, Status, Step } from "./evse";

/** Order of the faults in `FAULTS` (1-based) that 2.0.1 has an own reason for. */
const GROUND_FAILURE = 3;
const OVERCURRENT_FAILURE = 8;
const UNDER_VOLTAGE = 13;
const OVER_VOLTAGE = 14;

/** Look at EVSE `evse` (0-based); `why` is the field that changed. */
export function evaluate(evse: number, why: Field): void {
  const v = evses.v;
  const at = evse * Field.Size;
  const pilot = v[at + Field.Pilot];
  const connected = v[at + Field.Plug] && (pilot === Pilot.B || pilot === Pilot.C);
  const usable = !v[at + Field.Fault] && pilot < Pilot.D;
  if (!v[at + Field.Plug]) {
    v[at + Field.LockWanted] = 0;
  }
  if (v[at + Field.Transaction]) {
    if (!usable) {
      const fault = v[at + Field.Fault];
      endTransaction(
        evse,
        Cause.AbnormalCondition,
        fault === GROUND_FAILURE
          ? Reason.GroundFault
          : fault === OVERCURRENT_FAILURE
            ? Reason.OvercurrentFault
            : fault === UNDER_VOLTAGE || fault === OVER_VOLTAGE
              ? Reason.PowerQuality
              : Reason.Other,
        "",
      );
    } else if (!connected) {
      // E-22: the station stops on its own; the cable waits in the socket.
      endTransaction(evse, Cause.EVCommunicationLost, Reason.EVDisconnected, "");
      if (!settingTrue(variable("OCPPCommCtrlr.UnlockOnEVSideDisconnect"))) {
        v[at + Field.LockWanted] = v[at + Field.Plug];
      }
    }
  } else {
    if (connected && usable && !v[at + Field.Permit] && pending.step === Step.Waiting) {
      grant(evse);
    }
    if (v[at + Field.Permit] && !usable) {
      v[at + Field.Permit] = Permit.None;
      v[at + Field.LockWanted] = v[at + Field.Left] = 0;
    }
    if (v[at + Field.Permit] && connected) {
      if (!v[at + Field.LockWanted] && (why === Field.Plug || why === Field.Pilot) && v[at + Field.Cause] === Cause.Authorized) {
        v[at + Field.Cause] = Cause.CablePluggedIn; // E-11: the card came first
      }
      if (evses.fixed || v[at + Field.Locked]) {
        v[at + Field.Left] = 0;
        beginTransaction(evse);
      } else if (!v[at + Field.LockWanted]) {
        v[at + Field.LockWanted] = 1;
        v[at + Field.Left] = LOCK_TIMEOUT;
      }
    }
  }
  // Outputs.
  const limit = v[at + Field.Transaction] && v[at + Field.Permit] === Permit.Granted && usable && connected ? evses.limit : 0;
  if (v[at + Field.Transaction]) {
    const charging = !connected
      ? Charging.Idle
      : !limit
        ? Charging.SuspendedEVSE
        : pilot === Pilot.C
          ? Charging.Charging
          : Charging.SuspendedEV;
    if (charging !== v[at + Field.Charging]) {
      v[at + Field.Charging] = charging;
      recordFact(evse, Cause.ChargingStateChanged, 0);
    }
  }
  v[at + Field.Limit] = limit;
  v[at + Field.Contactor] = limit && pilot === Pilot.C && (evses.fixed || v[at + Field.Locked]) ? 1 : 0;
  drive(evse);
  const status = usable ? (v[at + Field.Plug] ? Status.Occupied : Status.Available) : Status.Faulted;
  if (status !== v[at + Field.Status]) {
    v[at + Field.Status] = status;
  }
  soon();
}

/** Power that EVSE `evse` takes, W. */
export function power(evse: number): number {
  const at = evse * Field.Size;
  return Math.floor((evses.v[at + Field.Milliamps] / 1000) * (evses.v[at + Field.Millivolts] / 1000) * evses.phases + 0.5);
}

/** Record a fact of EVSE `evse` with its present state and readings; `has` beyond what it always has. */
export function recordFact(evse: number, cause: Cause, has: number): boolean {
  const v = evses.v;
  const at = evse * Field.Size;
  fact.evse = evse;
  fact.cause = cause;
  fact.charging = v[at + Field.Charging];
  fact.has = has;
  fact.wattHours = v[at + Field.WattHours];
  fact.centiamps = Math.floor((v[at + Field.Milliamps] + 5) / 10);
  fact.watts = power(evse);
  const done = record();
  fact.token = fact.id = "";
  return done;
}

function beginTransaction(evse: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  v[at + Field.Charging] = Charging.EVConnected;
  fact.id = newId();
  fact.token = evses.tokens[evse];
  fact.remoteStartId = v[at + Field.RemoteStartId];
  const remote = v[at + Field.Cause] === Cause.RemoteStart ? Has.RemoteStart : 0;
  // Billing comes first: without a record on flash there is no transaction, and without a transaction no energy.
  if (freePages() && recordFact(evse, v[at + Field.Cause], Has.Start | Has.Token | Has.Values | remote)) {
    v[at + Field.Transaction] = 1;
    v[at + Field.Sample] = settingNumber(variable("SampledDataCtrlr.TxUpdatedInterval"));
  } else {
    v[at + Field.Permit] = Permit.None;
    v[at + Field.LockWanted] = 0;
  }
}

/** End the transaction of EVSE `evse`: energy off, then the record. `token`: the one that stopped it, or "". */
export function endTransaction(evse: number, cause: Cause, reason: Reason, token: string): void {
  const v = evses.v;
  const at = evse * Field.Size;
  v[at + Field.Limit] = v[at + Field.Contactor] = 0;
  drive(evse);
  v[at + Field.Permit] = Permit.None;
  v[at + Field.Transaction] = v[at + Field.Sample] = 0;
  v[at + Field.Charging] =
    v[at + Field.Plug] && (v[at + Field.Pilot] === Pilot.B || v[at + Field.Pilot] === Pilot.C)
      ? Charging.EVConnected
      : Charging.Idle;
  fact.reason = reason;
  fact.token = token;
  recordFact(evse, cause, Has.End | Has.Values | (token ? Has.Token : 0));
  // E-30: after a deauthorization the cable stays locked until the token is shown.
  if (reason !== Reason.DeAuthorized) {
    v[at + Field.LockWanted] = 0;
  }
}
