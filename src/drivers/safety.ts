/**
 * The safety rules, in one place; they know no protocol. docs/safety.md shows what follows from them.
 *
 * 1. The contactor is closed only with a car in state C (control pilot), behind a closed lock, without any fault, in a transaction that somebody is
 *    accepted for, with a current of at least 6 A offered. The station decides that with every change of an input (`src/station/evaluate.ts`);
 *    `mayClose` looks at it again at every poll, and at what the pilot shows but is not believed yet, so that nothing that was left half done keeps it closed.
 * 2. It opens within one poll (100 ms) on anything else: what closes it is debounced, what opens it is not.
 * 3. It opens when the firmware is reset (watchdog, power), on an exception that nobody caught and when the memory is full (`src/main.ts`);
 *    after that, and after every boot, energy waits for a random time.
 * 4. A new limit is on the pilot at once. A car that takes more than is offered for 10 s (IEC 61851-1:2017, annex A gives it 5 s to follow) is cut
 *    off until it has gone.
 * 5. Behind an opening that neither the car nor the station wanted energy waits. Too many of them, or too many closings, are a fault (`closings.ts`).
 *
 * What these rules cannot do: while the engine is inside one long call (connecting, name resolution) there are no polls. The safety of persons is the
 * business of the RCD and of a contactor that opens by itself when the chip is in reset.
 */
import { restartDelay } from "../kernel/engine/delay";
import { evaluate } from "../station/evaluate";
import { evses, Field, Flag, Permit, Pilot, station } from "../station/evse";
import { contactorRested } from "./closings";
import { fault, Source } from "./faults";
import { Hardware, hardware } from "./hardware";

/** Current above the offered one that is none yet: a tenth, and what a meter may be wrong, mA. */
const TOLERANCE = 500;
/** Seconds of more than that. */
const PATIENCE = 10;

/** May the contactor of EVSE `evse` (0-based) be closed? 1 or 0. */
export function mayClose(evse: number): number {
  const v = evses.v;
  const at = evse * Field.Size;
  return station.ready &&
    v[at + Field.Contactor] &&
    v[at + Field.Transaction] &&
    (v[at + Field.Permit] === Permit.Granted || v[at + Field.Permit] === Permit.Withdrawn) &&
    v[at + Field.Pilot] === Pilot.C &&
    !hardware.v[evse * Hardware.Size + Hardware.SeenPolls] &&
    (evses.fixed || v[at + Field.Locked]) &&
    v[at + Field.Limit] &&
    !v[at + Field.Fault] &&
    !(v[at + Field.Flags] & Flag.Held)
    ? 1
    : 0;
}

/** Energy waits at EVSE `evse`: after a boot, after a fault of the firmware. */
export function holdEnergy(evse: number): void {
  evses.v[evse * Field.Size + Field.Contactor] = 0;
  evses.v[evse * Field.Size + Field.Flags] |= Flag.Held;
  hardware.v[evse * Hardware.Size + Hardware.Hold] = -1;
}

/** A second of EVSE `evse`: too much current, the contactor's rest, and the wait of `longest` seconds at most after a restart. */
export function safetySecond(evse: number, longest: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  const own = evse * Hardware.Size;
  if (v[at + Field.Milliamps] <= v[at + Field.Limit] * 1.1 + TOLERANCE) {
    hardware.v[own + Hardware.Over] = 0;
  } else if (++hardware.v[own + Hardware.Over] === PATIENCE) {
    fault(evse, Source.Overcurrent, 1);
  }
  if (hardware.v[own + Hardware.Closings]) {
    hardware.v[own + Hardware.Closings]--;
  }
  if (hardware.v[own + Hardware.Rest] > 1) {
    hardware.v[own + Hardware.Rest]--;
  } else if (hardware.v[own + Hardware.Rest] && v[at + Field.Pilot] === Pilot.A) {
    contactorRested(evse);
  }
  if (v[at + Field.Flags] & Flag.Held) {
    if (hardware.v[own + Hardware.Hold] < 0) {
      hardware.v[own + Hardware.Hold] = restartDelay(longest);
    }
    if (hardware.v[own + Hardware.Hold]-- < 1) {
      v[at + Field.Flags] &= ~Flag.Held;
      if (station.ready) {
        evaluate(evse);
      }
    }
  }
}
