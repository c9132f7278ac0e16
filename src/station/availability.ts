/**
 * @overlay
 * What an EVSE is open for: ChangeAvailability in its three layers (OCPP 2.0.1 G03, G04), faults, the reservation.
 */
import { clock } from "../kernel/clock";
import { Connection, connection } from "../kernel/connection";
import { variable } from "../kernel/overlay";
import { Charging } from "../store/fact";
import { Context, journal } from "../store/journal";
import { keep, setting, settingNumber } from "../store/settings";
import { evaluate } from "./evaluate";
import { IN_FLIGHT } from "./calls";
import { Booking, evses, Field, Flag, Permit, Phase, Registration, station, Status } from "./evse";
import { endBooking, restoreBooking } from "./reservation";

/** `Field.Fault` of a lock that fails by the hardware's own word: the first in `FAULTS`. */
const LOCK_FAILURE = 1;
/** … of a car that does not answer, which does not make the EVSE faulty while a cable is there; and of what has no code of its own. */
const EV_COMMUNICATION = 2;
const OTHER = 7;

/** What survives a reboot: the layers' settings, a digit an EVSE, and the reservations. */
export function restoreAvailability(): void {
  const digits = setting(variable("Board.Inoperative"));
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    evses.v[evse * Field.Size + Field.Flags] = digits.charCodeAt(evse) & Flag.Inoperative;
    restoreBooking(evse);
  }
}

/**
 * Set (`inoperative`) or clear the layer `flag` of EVSE `only` (-1 = all). It is on flash when it is true: Accepted, Scheduled where a
 * transaction still runs; "Rejected" when it could not be kept.
 */
export function changeAvailability(only: number, flag: Flag, inoperative: boolean): string {
  const v = evses.v;
  let digits = "";
  let status = "Accepted";
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const at = evse * Field.Size;
    let flags = v[at + Field.Flags] & Flag.Inoperative;
    if (only < 0 || only === evse) {
      flags = inoperative ? flags | flag : flags & ~flag;
      if (inoperative && v[at + Field.Transaction]) {
        status = "Scheduled";
      }
    }
    digits += flags;
  }
  if (!keep(variable("Board.Inoperative"), digits)) {
    return "Rejected";
  }
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const at = evse * Field.Size + Field.Flags;
    v[at] = (v[at] & ~Flag.Inoperative) | (digits.charCodeAt(evse) & Flag.Inoperative);
    evaluate(evse);
  }
  return status;
}

/** Status of EVSE `evse`, whose lock and reservation are looked at; `usable`: its hardware has no fault. */
export function statusOf(evse: number, usable: boolean): Status {
  const v = evses.v;
  const at = evse * Field.Size;
  if (v[at + Field.Fault] === LOCK_FAILURE) {
    v[at + Field.Flags] |= Flag.LockProblem | Flag.LockFault;
  } else if (v[at + Field.Locked] || v[at + Field.Flags] & Flag.LockFault) {
    v[at + Field.Flags] &= ~(Flag.LockProblem | Flag.LockFault);
  }
  const inoperative = v[at + Field.Flags] & Flag.Inoperative && !v[at + Field.Transaction];
  if (v[at + Field.Booking] === Booking.Held && (!usable || inoperative)) {
    endBooking(evse, Booking.Removed);
  }
  if (v[at + Field.Booking] === Booking.Used && !v[at + Field.Permit]) {
    v[at + Field.Booking] = Booking.None; // nobody came
  }
  return !usable
    ? Status.Faulted
    : inoperative
      ? Status.Unavailable
      : v[at + Field.Booking] === Booking.Held
        ? Status.Reserved
        : v[at + Field.Plug]
          ? Status.Occupied
          : Status.Available;
}

/** Put `Field.Phase` of EVSE `evse` right, whose status is. */
export function findPhase(evse: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  const status = v[at + Field.Status];
  const charging = v[at + Field.Charging];
  const problem = v[at + Field.Flags] & Flag.LockProblem && v[at + Field.Plug] && !v[at + Field.Permit];
  if (!v[at + Field.Plug] || v[at + Field.Permit]) {
    v[at + Field.Flags] &= ~Flag.Finished;
  }
  let fault = v[at + Field.Fault];
  let phase = Phase.Available as number;
  // ST-04: a warning goes with the states of a cable that is in use.
  const warning = fault === EV_COMMUNICATION && v[at + Field.Plug] && !(v[at + Field.Flags] & Flag.Inoperative);
  if (problem || (status > Status.Occupied && !warning)) {
    phase = problem ? Phase.Faulted : status + Phase.Reserved - Status.Reserved;
  } else if (v[at + Field.Transaction]) {
    phase =
      v[at + Field.Permit] === Permit.Over
        ? Phase.Finishing
        : charging > Charging.EVConnected
          ? charging
          : charging
            ? v[at + Field.Permit]
              ? Phase.SuspendedEVSE // its lock is closing again
              : Phase.Preparing
            : Phase.SuspendedEV;
  } else if (journal.context[evse * Context.Size + Context.Begin] && !v[at + Field.StopReason]) {
    phase = Phase.SuspendedEVSE; // interrupted, not decided
  } else if (v[at + Field.Flags] & Flag.Finished) {
    phase = Phase.Finishing;
  } else if (v[at + Field.Permit] || v[at + Field.Plug]) {
    phase = Phase.Preparing;
  }
  if (phase === Phase.Faulted) {
    fault = fault && fault !== EV_COMMUNICATION ? fault : problem ? LOCK_FAILURE : OTHER;
  } else if (!phase) {
    fault = 0;
  }
  phase += fault * Phase.Fault;
  const before = v[at + Field.Phase];
  if (phase !== before) {
    // Every one is told in its turn (ST-02), but for what was too short, and what happens without a connection.
    if (
      station.simple &&
      station.registration === Registration.Accepted &&
      connection.state === Connection.Open &&
      before !== (v[at + Field.Reported] & (IN_FLIGHT - 1)) &&
      clock.up - v[at + Field.Since] >= settingNumber(variable("Board.StatusDuration"))
    ) {
      v[at + Field.Trail] = ((v[at + Field.Trail] << 8) | (before + 1)) & 0xffffff;
    }
    v[at + Field.Phase] = phase;
    v[at + Field.Since] = clock.up;
  }
}
