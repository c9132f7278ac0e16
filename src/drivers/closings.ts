/**
 * @overlay
 * How often a contactor closes: rule 5 of `safety.ts`. A contactor switches some 100,000 times under load in its life, and a car is to find the
 * 3 s that IEC 61851-1:2017, annex A, table A.6 gives a closing kept or no signal on its pilot; so
 *
 * - an opening that neither the car nor the station wanted, by the lock's contact or by a pilot that leaves C and is back before another state
 *   is believed, lets energy wait for `PAUSE`, without a signal on the pilot;
 * - each closing costs the contactor a rest of `CLOSING`, and such an opening as much again. While it owes more than `MOST` (five closings in quick
 *   succession or two a minute for ever; three openings that nobody wanted) the next opening is a fault until the car has gone, and for `REST` at
 *   least. Where the station itself has opened it, energy waits instead: a CSMS may change its mind.
 */
import { evaluate } from "../station/evaluate";
import { evses, Field, Flag, Pilot, station } from "../station/evse";
import { fault, Source } from "./faults";
import { Hardware, hardware } from "./hardware";

/** Seconds of rest that a closing costs, and those that may be owed. */
export const CLOSING = 30;
const MOST = 4 * CLOSING;
/** Seconds that energy waits. */
const PAUSE = 10;
/** Seconds that a fault lasts at least. */
const REST = 60;

/** The contactor of EVSE `evse` (0-based) has been opened. */
export function contactorOpened(evse: number): void {
  const at = evse * Field.Size;
  const own = evse * Hardware.Size;
  if (hardware.v[own + Hardware.SeenPolls]) {
    hardware.v[own + Hardware.Left] = 1; // what the car wants is seen when its state is believed
  } else if (evses.v[at + Field.LockWanted] && !evses.v[at + Field.Locked]) {
    interrupted(evse, Source.Lock);
  } else if (hardware.v[own + Hardware.Closings] > MOST) {
    pause(evse);
  }
}

/** The contactor of EVSE `evse` was opened because the pilot left state C, and now `state` is believed. */
export function carOpened(evse: number, state: Pilot): void {
  if (state === Pilot.C) {
    interrupted(evse, Source.Contactor);
  } else if (state && hardware.v[evse * Hardware.Size + Hardware.Closings] > MOST) {
    worn(evse, Source.Contactor);
  }
}

/** Neither the car nor the station wanted it: it was `source`. */
function interrupted(evse: number, source: Source): void {
  const own = evse * Hardware.Size;
  hardware.v[own + Hardware.Closings] += CLOSING;
  if (hardware.v[own + Hardware.Closings] > MOST) {
    worn(evse, source);
  } else {
    pause(evse);
  }
}

function worn(evse: number, source: Source): void {
  hardware.v[evse * Hardware.Size + Hardware.Rest] = REST;
  fault(evse, source, 1);
}

/** Energy waits, if there was any. */
function pause(evse: number): void {
  const at = evse * Field.Size;
  if (evses.v[at + Field.Transaction]) {
    evses.v[at + Field.Flags] |= Flag.Held;
    hardware.v[evse * Hardware.Size + Hardware.Hold] = PAUSE;
    if (station.ready) {
      evaluate(evse);
    }
  }
}

/** The car has gone, and the contactor has had its rest. */
export function contactorRested(evse: number): void {
  const own = evse * Hardware.Size;
  hardware.v[own + Hardware.Rest] = hardware.v[own + Hardware.Closings] = 0;
  fault(evse, Source.Lock, 0);
  fault(evse, Source.Contactor, 0);
}
