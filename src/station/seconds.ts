/**
 * @overlay
 * What the station does when a time is up, and at its first second: interrupted transactions are ended or resumed (E-26).
 */
import { drive } from "board";
import { clock, DATED } from "../kernel/clock";
import { stationTime } from "../kernel/datetime";
import { closeWith } from "../kernel/connect";
import { Connection, connection } from "../kernel/connection";
import { restart } from "../kernel/engine/restart";
import { log } from "../kernel/engine/log";
import { variable } from "../kernel/overlay";
import { Cause, Charging, Reason } from "../store/fact";
import { Context, journal } from "../store/journal";
import { tokenAt } from "../store/replay";
import { keep, setting, settingNumber } from "../store/settings";
import { autostart, busy } from "./authorize";
import { endTransaction, evaluate } from "./evaluate";
import { evses, Field, Flag, pending, Permit, Registration, Reset, station, Step } from "./evse";
import { startSamples } from "./samples";

/** The first second, and the first one after a fault: all inputs have been heard once. */
export function start(): void {
  const timeout = settingNumber(variable("TxCtrlr.ResumptionTimeout"));
  const v = evses.v;
  const first = !station.ready;
  station.ready = 1;
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const at = evse * Field.Size;
    const begin = journal.context[evse * Context.Size + Context.Begin];
    if (v[at + Field.Transaction]) {
      if (!v[at + Field.Left] && !v[at + Field.Unknown]) {
        v[at + Field.Connected] = 1; // if the car has gone, its going is looked at now: that may have been aborted
      }
    } else if (begin) {
      if (v[at + Field.StopReason]) {
        // Ended already, and there was no room to record it.
        endTransaction(evse, v[at + Field.Cause], v[at + Field.StopReason] - 1, "");
      } else if (station.resume || (first && timeout > clock.up)) {
        evses.tokens[evse] = tokenAt(begin);
        station.resume = station.resume || timeout;
      } else {
        endInterrupted(evse);
      }
    }
    evaluate(evse);
  }
}

function endInterrupted(evse: number): void {
  endTransaction(
    evse,
    Cause.AbnormalCondition,
    setting(variable("Board.BootReason")) === "PowerUp" ? Reason.PowerLoss : Reason.Reboot,
    "",
  );
}

/** Decide about every interrupted transaction: resume it when `now` is soon enough after its last record and the car is still there. */
function decide(now: number, timeout: number): void {
  station.resume = 0;
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const v = evses.v;
    const at = evse * Field.Size;
    const w = evse * Context.Size;
    if (journal.context[w + Context.Begin] && !v[at + Field.Transaction]) {
      const last = journal.context[w + Context.Time];
      // One that nobody may charge in any more has no token.
      if (evses.tokens[evse] && v[at + Field.Plug] && v[at + Field.Pilot] && last >= DATED && now - last <= timeout) {
        v[at + Field.Transaction] = v[at + Field.Connected] = v[at + Field.Told] = 1;
        v[at + Field.Permit] = Permit.Granted;
        v[at + Field.Charging] = Charging.EVConnected;
        startSamples(evse);
      } else {
        endInterrupted(evse);
      }
      evaluate(evse);
    }
  }
}

/** The CSMS has accepted the station, and the clock is known: interrupted transactions can be judged, and cars that waited may charge (C-08). */
export function resumeOrEnd(): void {
  if (station.resume) {
    decide(stationTime(), settingNumber(variable("TxCtrlr.ResumptionTimeout")));
  }
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const at = evse * Field.Size;
    // Nobody has charged there since the boot.
    if (evses.v[at + Field.Connected] && !evses.v[at + Field.Transaction] && !evses.v[at + Field.Permit] && !evses.tokens[evse]) {
      autostart(evse);
      evaluate(evse);
    }
  }
}

/** ResumptionTimeout has passed since boot: too late for all of them. */
export function resumeTimedOut(): void {
  decide(2147483647, 0);
}

/** A permit has waited long enough: nobody plugged in (C-13, E-17), or the lock did not close (G-08). */
export function permitTimedOut(evse: number): void {
  const at = evse * Field.Size;
  const connected = evses.v[at + Field.Connected];
  if (connected && !evses.v[at + Field.Permit]) {
    if (station.registration === Registration.Accepted) {
      evses.v[at + Field.Flags] |= Flag.Finished; // nobody came to authorize
    }
    evaluate(evse);
    return;
  }
  if (connected) {
    evses.v[at + Field.Flags] |= Flag.LockProblem;
    log("socket lock of EVSE " + (evse + 1) + " does not close");
  }
  if (evses.v[at + Field.Transaction]) {
    endTransaction(
      evse,
      connected ? Cause.AbnormalCondition : Cause.EVConnectTimeout,
      connected ? Reason.Other : Reason.Timeout,
      "",
    );
  }
  evses.v[at + Field.Permit] = Permit.None;
  evses.v[at + Field.LockWanted] = 0;
  evaluate(evse);
}

/** C-13, E-17: nobody plugged in. */
export function pendingTimedOut(): void {
  pending.step = Step.Idle;
  pending.token = "";
}

/** A reset is asked for: wait for the transactions (OnIdle) and for their last messages, then restart (B11, B12). */
export function resetTick(): void {
  const now = station.reset === Reset.Now;
  if (now && station.resetLeft > 0) {
    station.resetLeft--;
  }
  if ((!now && busy()) || (journal.count && connection.state === Connection.Open && !(now && station.resetLeft < 1))) {
    return;
  }
  if (connection.state === Connection.Open) {
    closeWith(1001); // the chip would leave it half open
    return;
  }
  keep(variable("Board.BootReason"), now ? "RemoteReset" : "ScheduledReset");
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    drive(evse);
  }
  restart();
  // The chip did not restart: once more in a second, as often as OCPPCommCtrlr.ResetRetries says.
  if (station.resetLeft-- + settingNumber(variable("OCPPCommCtrlr.ResetRetries")) < 1) {
    station.reset = Reset.None;
  }
}

/**
 * Reset of the station (B11, B12): `immediate` ends the running transactions now. True when it waits for transactions to end, while none
 * begins. Messages not confirmed within `patience` seconds are delivered after the boot (B12.FR.05).
 */
export function reset(immediate: boolean, patience: number): boolean {
  if (pending.step === Step.Waiting) {
    pendingTimedOut();
  }
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    if (evses.v[evse * Field.Size + Field.Transaction] ? immediate : evses.v[evse * Field.Size + Field.Permit]) {
      resetEvse(evse);
    }
  }
  if (!immediate && station.reset !== Reset.Now && busy()) {
    station.reset = Reset.Idle;
    station.resetLeft = 0;
    return true;
  }
  station.reset = Reset.Now;
  station.resetLeft = patience;
  return false;
}

/** EVSE `evse` alone begins anew: its transaction ends, what was granted is gone. */
export function resetEvse(evse: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  v[at + Field.Flags] &= ~Flag.Reset;
  if (v[at + Field.Transaction]) {
    endTransaction(evse, Cause.ResetCommand, Reason.ImmediateReset, "");
  }
  v[at + Field.Permit] = Permit.None;
  v[at + Field.LockWanted] = v[at + Field.Left] = 0;
  evaluate(evse);
}
