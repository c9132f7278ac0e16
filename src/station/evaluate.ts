/**
 * @overlay
 * The state machine of one EVSE: look at all inputs, then put outputs, transaction and status into the state that they demand.
 * OCPP 2.0.1 Part 2, E01–E10, G01; IEC 61851-1 for the pilot. Start and stop points: EVConnected, Authorized, PowerPathClosed.
 */
import { drive, HAS_DRIVERS } from "board";
import { newId } from "../kernel/call";
import { variable } from "../kernel/overlay";
import { soon } from "../kernel/rpc";
import { find } from "../kernel/text";
import { forgetToken, moveTransaction, record } from "../store/append";
import { Context, journal } from "../store/journal";
import { Cause, Charging, Extra, fact, Has, Reason } from "../store/fact";
import { setting, settingNumber, settingTrue } from "../store/settings";
import { autostart, grant } from "./authorize";
import { charging } from "./charging";
import { findPhase, statusOf } from "./availability";
import { Booking, evses, Field, Flag, LOCK_TIMEOUT, pending, Permit, Pilot, station, Step } from "./evse";
import { allow } from "./limit";
import { measurands, startSamples } from "./samples";

/** Order of the faults in `FAULTS` (1-based) that 2.0.1 has an own reason for. */
const GROUND_FAILURE = 3;
const OVERCURRENT_FAILURE = 8;
const UNDER_VOLTAGE = 13;
const OVER_VOLTAGE = 14;

/** Look at EVSE `evse` (0-based): one of its fields has changed. */
export function evaluate(evse: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  const pilot = v[at + Field.Pilot];
  const connected = carAt(evse);
  const usable = !v[at + Field.Fault] && pilot < Pilot.D;
  // An interrupted transaction that is not decided yet ends with its car; one whose end waits for room keeps its reason.
  const waits = !v[at + Field.Transaction] && journal.context[evse * Context.Size + Context.Begin] > 0;
  // Nothing begins at an EVSE that is out of service, about to be reset, or reserved: who that is for has not come yet.
  const open =
    usable && !waits && !(v[at + Field.Flags] & Flag.Closed) && v[at + Field.Booking] !== Booking.Held && !station.reset;
  const was = v[at + Field.Connected];
  v[at + Field.Connected] = connected;
  if (!v[at + Field.Plug]) {
    v[at + Field.LockWanted] = 0;
  }
  if (v[at + Field.Transaction]) {
    if (!usable) {
      endTransaction(evse, Cause.AbnormalCondition, faultReason(v[at + Field.Fault]), "");
    } else if (was && !connected) {
      disconnected(evse);
    }
  } else if (waits && was && !connected && !v[at + Field.StopReason]) {
    endTransaction(evse, Cause.EVCommunicationLost, Reason.EVDisconnected, "");
  } else if (v[at + Field.Permit] && !open) {
    v[at + Field.Permit] = Permit.None;
    v[at + Field.LockWanted] = v[at + Field.Left] = 0;
  }
  // Only for a car that comes now: one that has just finished is nobody else's.
  if (connected && !was && open && !v[at + Field.Permit] && !v[at + Field.Transaction]) {
    if (pending.step === Step.Waiting) {
      grant(evse);
    } else {
      adopt(evse);
      if (!v[at + Field.Permit]) {
        autostart(evse);
      }
    }
  }
  if (connected && v[at + Field.Permit] !== Permit.Granted) {
    if (v[at + Field.Transaction]) {
      v[at + Field.Left] = 0;
    } else if (!was) {
      v[at + Field.Left] = settingNumber(variable("TxCtrlr.EVConnectionTimeOut"));
    }
  } else if (connected) {
    if (!evses.fixed && !v[at + Field.LockWanted]) {
      v[at + Field.LockWanted] = 1; // even while its feedback still says locked: it may be opening
      v[at + Field.Left] = LOCK_TIMEOUT;
    }
    if (evses.fixed || v[at + Field.Locked]) {
      v[at + Field.Left] = 0;
    }
    if (!was && !v[at + Field.Transaction] && v[at + Field.Cause] === Cause.Authorized) {
      v[at + Field.Cause] = Cause.CablePluggedIn; // E-11: the card came first
    }
  }
  if (open && !v[at + Field.Transaction]) {
    startPoint(evse, !was);
  } else if (v[at + Field.Transaction]) {
    progress(evse, !was);
  }
  // Outputs.
  const limit = offering(evse);
  if (v[at + Field.Transaction]) {
    const charging = !connected
      ? Charging.Idle
      : v[at + Field.Permit] === Permit.None || v[at + Field.Permit] === Permit.Over || !(evses.fixed || v[at + Field.Locked])
        ? Charging.EVConnected
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
  v[at + Field.Contactor] = limit && pilot === Pilot.C ? 1 : 0;
  drive(evse);
  v[at + Field.Status] = statusOf(evse, usable);
  findPhase(evse);
  soon();
}

/** Is a car at EVSE `evse`, by plug and pilot? 1 or 0. */
function carAt(evse: number): number {
  const at = evse * Field.Size;
  const pilot = evses.v[at + Field.Pilot];
  return evses.v[at + Field.Plug] && (pilot === Pilot.B || pilot === Pilot.C) ? 1 : 0;
}

/** Current that EVSE `evse` offers now, mA: with a transaction, a car, a closed lock, no fault, and somebody who allows it. */
function offering(evse: number): number {
  const v = evses.v;
  const at = evse * Field.Size;
  const permit = v[at + Field.Permit];
  return v[at + Field.Transaction] &&
    v[at + Field.Connected] &&
    (evses.fixed || v[at + Field.Locked]) &&
    !(HAS_DRIVERS && v[at + Field.Flags] & Flag.Held) &&
    (permit === Permit.Granted || (permit === Permit.Withdrawn && v[at + Field.WattHours] < v[at + Field.EnergyStop]))
    ? v[at + Field.Allowed]
    : 0;
}

/** Why a transaction ends by fault `fault` (`Field.Fault`; 0: the pilot). */
function faultReason(fault: number): Reason {
  return fault === GROUND_FAILURE
    ? Reason.GroundFault
    : fault === OVERCURRENT_FAILURE
      ? Reason.OvercurrentFault
      : fault === UNDER_VOLTAGE || fault === OVER_VOLTAGE
        ? Reason.PowerQuality
        : Reason.Other;
}

/** Does a transaction begin at `point`, before energy can flow? */
export function startsAt(point: string): boolean {
  return !station.simple && find(setting(variable("TxCtrlr.TxStartPoint")), point) >= 0;
}

/** Does a point of TxCtrlr.TxStartPoint hold? Then the transaction begins. `plugged`: the car was connected only now, if it is. */
function startPoint(evse: number, plugged: boolean): void {
  const v = evses.v;
  const at = evse * Field.Size;
  const connected = v[at + Field.Connected];
  const granted = v[at + Field.Permit] === Permit.Granted;
  if (
    // Energy never flows without a transaction, whatever the points are.
    (granted && connected && (evses.fixed || v[at + Field.Locked])) ||
    (granted && startsAt("Authorized")) ||
    (connected && plugged && startsAt("EVConnected"))
  ) {
    if (!granted) {
      v[at + Field.Cause] = Cause.CablePluggedIn;
    }
    beginTransaction(evse);
  }
}

/** What the running transaction has to tell: its cable, who authorized it (E-05: the specific reason before the charging state). */
function progress(evse: number, plugged: boolean): void {
  const v = evses.v;
  const at = evse * Field.Size;
  if (v[at + Field.Connected] && plugged) {
    v[at + Field.Charging] = Charging.EVConnected;
    recordFact(evse, Cause.CablePluggedIn, v[at + Field.Unknown] ? Has.Values : 0, v[at + Field.Unknown] ? Extra.Evse : 0);
    v[at + Field.Unknown] = 0;
  }
  if (v[at + Field.Permit] === Permit.Granted && !v[at + Field.Told]) {
    fact.token = evses.tokens[evse];
    fact.remoteStartId = v[at + Field.RemoteStartId];
    // Who pays is on flash, or there is no energy.
    if (
      recordFact(
        evse,
        v[at + Field.Cause] === Cause.RemoteStart ? Cause.RemoteStart : Cause.Authorized,
        v[at + Field.Cause] === Cause.RemoteStart ? Has.Token | Has.RemoteStart : Has.Token,
      )
    ) {
      v[at + Field.Told] = 1;
    } else {
      v[at + Field.Permit] = Permit.None;
      v[at + Field.LockWanted] = v[at + Field.Left] = 0;
    }
  }
}

/** The car has left the EVSE, or the cable was pulled out of it, in a transaction (E-22 … E-24). */
function disconnected(evse: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  if (v[at + Field.Permit] === Permit.Over) {
    endTransaction(evse, Cause.EVCommunicationLost, v[at + Field.StopReason], "");
  } else if (
    v[at + Field.Permit] === Permit.Granted &&
    (station.simple || setting(variable("TxCtrlr.TxStopPoint")) === "Authorized") &&
    !settingTrue(variable("TxCtrlr.StopTxOnEVSideDisconnect"))
  ) {
    v[at + Field.Left] = station.simple ? 0 : settingNumber(variable("TxCtrlr.EVConnectionTimeOut"));
    v[at + Field.Charging] = Charging.Idle;
    recordFact(evse, Cause.EVCommunicationLost, 0);
  } else {
    // E-22: the station stops on its own; the cable waits in the socket.
    const locked = v[at + Field.LockWanted];
    endTransaction(evse, Cause.EVCommunicationLost, Reason.EVDisconnected, "");
    if (locked && !settingTrue(variable("OCPPCommCtrlr.UnlockOnEVSideDisconnect"))) {
      v[at + Field.LockWanted] = v[at + Field.Plug];
    }
  }
}

/** A car is at EVSE `evse`: a transaction that waits for its car somewhere goes on here (E-14). */
function adopt(evse: number): void {
  const v = evses.v;
  for (let other = 0; other < evses.tokens.length; other++) {
    const from = other * Field.Size;
    // C-03: `Unknown` has a bit for each EVSE that its token may charge at.
    if ((v[from + Field.Unknown] >> evse) & 1 && !v[from + Field.Connected] && other !== evse && moveTransaction(other, evse)) {
      const to = evse * Field.Size;
      for (let field = Field.Permit as number; field <= Field.EndSample; field++) {
        if (field !== Field.Connected && field !== Field.Meter) {
          v[to + field] = v[from + field];
          v[from + field] = 0;
        }
      }
      v[to + Field.Left] = 0;
      if (v[to + Field.EnergyStop]) {
        v[to + Field.EnergyStop] += v[to + Field.WattHours] - v[from + Field.WattHours];
      }
      evses.tokens[evse] = evses.tokens[other];
      evses.tokens[other] = "";
      allow(evse);
      evaluate(other);
      return;
    }
  }
}

/** Power that EVSE `evse` takes, W. */
export function power(evse: number): number {
  const at = evse * Field.Size;
  return Math.floor((evses.v[at + Field.Milliamps] / 1000) * (evses.v[at + Field.Millivolts] / 1000) * evses.phases + 0.5);
}

/** The readings of EVSE `evse` into `fact`. */
export function readMeter(evse: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  fact.evse = evse;
  fact.wattHours = v[at + Field.WattHours];
  fact.centiamps = Math.floor((v[at + Field.Milliamps] + 5) / 10);
  fact.watts = power(evse);
  fact.decivolts = Math.floor((v[at + Field.Millivolts] + 50) / 100);
  fact.deciamps = Math.floor(v[at + Field.Limit] / 100);
}

/** Record a fact of EVSE `evse` with its present state and readings; `has` and `extra` beyond what it always has. */
export function recordFact(evse: number, cause: Cause, has: number, extra?: number): boolean {
  const v = evses.v;
  const at = evse * Field.Size;
  readMeter(evse);
  fact.cause = cause;
  fact.charging = v[at + Field.Charging];
  fact.has = has;
  fact.extra = extra || 0;
  if (!(has & Has.End)) {
    fact.reason = 0;
    fact.history = "";
  }
  if (has & Has.Values) {
    const names = measurands(has, cause);
    if (find(names, "Volt") >= 0 || find(names, "Offered") >= 0) {
      fact.extra |= Extra.Supply;
    }
  }
  const used = v[at + Field.Booking] === Booking.Used && !(has & Has.End) && cause !== Cause.MeterValuePeriodic;
  if (used) {
    fact.extra |= Extra.Reservation;
    fact.reservationId = v[at + Field.ReservationId];
  }
  const done = record();
  if (used && done) {
    v[at + Field.Booking] = Booking.None;
  }
  fact.token = fact.id = fact.history = "";
  return done;
}

function beginTransaction(evse: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  const granted = v[at + Field.Permit] === Permit.Granted;
  const known = !v[at + Field.Unknown];
  v[at + Field.Charging] = v[at + Field.Connected] ? Charging.EVConnected : Charging.Idle;
  fact.id = newId();
  fact.token = granted ? evses.tokens[evse] : "";
  fact.remoteStartId = v[at + Field.RemoteStartId];
  const remote = v[at + Field.Cause] === Cause.RemoteStart ? Has.RemoteStart : 0;
  // Billing comes first: without a record on flash there is no transaction, and without a transaction no energy.
  if (
    recordFact(evse, v[at + Field.Cause], Has.Start | Has.Values | remote | (granted ? Has.Token : 0), known ? Extra.Evse : 0)
  ) {
    v[at + Field.Transaction] = 1;
    allow(evse);
    v[at + Field.Told] = granted ? 1 : 0;
    startSamples(evse);
    v[at + Field.StopReason] = 0;
  } else {
    v[at + Field.Permit] = Permit.None;
    v[at + Field.LockWanted] = v[at + Field.Left] = v[at + Field.Unknown] = 0;
  }
}

/**
 * End the transaction of EVSE `evse`: energy off, then the record. `token`: the one that stopped it, or "". With the stop point EVConnected
 * the end of an authorization is not yet the end of the transaction (E-23, E-31).
 */
export function endTransaction(evse: number, cause: Cause, reason: Reason, token: string): void {
  const v = evses.v;
  const at = evse * Field.Size;
  const connected = carAt(evse);
  const over =
    connected &&
    (cause === Cause.StopAuthorized || cause === Cause.RemoteStop || cause === Cause.Deauthorized) &&
    !station.simple &&
    setting(variable("TxCtrlr.TxStopPoint")) === "EVConnected";
  v[at + Field.Limit] = v[at + Field.Contactor] = v[at + Field.Left] = 0;
  drive(evse);
  v[at + Field.Charging] = connected ? Charging.EVConnected : Charging.Idle;
  fact.token = token;
  if (over) {
    v[at + Field.Permit] = Permit.Over;
    v[at + Field.StopReason] = reason;
    recordFact(evse, cause, token ? Has.Token : 0);
    forgetToken(evse);
  } else {
    v[at + Field.Permit] = Permit.None;
    v[at + Field.Transaction] =
      v[at + Field.Sample] =
      v[at + Field.EndSample] =
      v[at + Field.Unknown] =
      v[at + Field.EnergyStop] =
      v[at + Field.StopReason] =
        0;
    v[at + Field.Flags] |= Flag.Finished;
    charging.left = 1; // its TxProfiles end
    fact.reason = reason;
    if (evses.history) {
      fact.history = evses.history[evse];
      evses.history[evse] = "";
    }
    if (!recordFact(evse, cause, Has.End | Has.Values | (token ? Has.Token : 0))) {
      // The journal still has the transaction: its end is recorded as soon as there is room.
      station.ready = 2;
      v[at + Field.StopReason] = reason + 1;
      v[at + Field.Cause] = cause;
    }
  }
  // E-30: after a deauthorization the cable stays locked until the token is shown.
  if (reason !== Reason.DeAuthorized) {
    v[at + Field.LockWanted] = 0;
  }
}
