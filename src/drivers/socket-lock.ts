/**
 * Lock of a type 2 socket (IEC 62196-2, IEC 61851-1:2017 12.5): a motor on a half bridge that is driven for half a second either way, and a
 * contact to ground that is closed while the bolt holds the plug. An open wire reads as an open lock.
 *
 * Closed is believed after two polls, open at once. It stays closed while the contactor is, and closes over one that is welded.
 *
 * To be checked on a bench: the motor's direction and current, the time of its way (the pulse must not be shorter), the rest between two pulses
 * that its data sheet asks for, and that the bolt stays where it is without power.
 */
import { writePin } from "../kernel/engine/pins";
import { evses, Field } from "../station/evse";
import { input } from "../station/inputs";
import { Hardware, hardware } from "./hardware";

/** Polls: a pulse of the motor, its rest behind that, and between rows of tries. */
const PULSE = 5;
const REST = 5;
const LONG_REST = 100;
/** Pulses in a row that may fail. */
const TRIES = 3;
/** Polls in which a closed lock is seen before it is believed. */
const BELIEVED = 2;

/** Look at the lock of EVSE `evse` (0-based), whose contact reads `open` 0 when it holds, and move it where the station wants it. Every 100 ms. */
export function lockPoll(evse: number, open: number, closePin: number, openPin: number): void {
  const v = hardware.v;
  const at = evse * Hardware.Size;
  const wanted =
    evses.v[evse * Field.Size + Field.LockWanted] || v[at + Hardware.Welded] || (v[at + Hardware.Live] && !open) ? 1 : 0;
  if (open === evses.v[evse * Field.Size + Field.Locked]) {
    if (open || ++v[at + Hardware.LockPolls] >= BELIEVED) {
      input(evse, Field.Locked, 1 - open);
    }
  } else {
    v[at + Hardware.LockPolls] = 0;
  }
  if (v[at + Hardware.LockRun]) {
    if (!--v[at + Hardware.LockRun]) {
      writePin(closePin, 0);
      writePin(openPin, 0);
    }
  } else if (v[at + Hardware.LockRest]) {
    v[at + Hardware.LockRest]--;
  } else if (wanted === open) {
    v[at + Hardware.LockRun] = PULSE;
    v[at + Hardware.LockRest] = ++v[at + Hardware.LockTries] % TRIES ? REST : LONG_REST;
    writePin(wanted ? closePin : openPin, 1);
  } else {
    v[at + Hardware.LockTries] = 0;
  }
}
