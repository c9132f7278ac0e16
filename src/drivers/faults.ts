/**
 * @overlay
 * Faults of the hardware: several drivers may report some of one EVSE, and the station hears of the one that matters most.
 */
import { Field } from "../station/evse";
import { input } from "../station/inputs";
import { Hardware, hardware } from "./hardware";

/** Who reports a fault; the first of those present is told. */
export const enum Source {
  /** Ground fault, or an RCD that fails its test. */
  Rcd,
  /** The contactor does not open; it does not close, or would too often. */
  Weld,
  Contactor,
  Overcurrent,
  Temperature,
  OverVoltage,
  UnderVoltage,
  /** The lock lets go under load again and again. */
  Lock,
  /** Control pilot in state E or F, out of range, or without the car's diode. */
  Pilot,
  /** A cable whose resistor makes no sense. */
  Proximity,
  Meter,
  /** The board itself. */
  Board,
  Reader,
}

/** ChargePointErrorCode of each source: its number in `FAULTS`, as a letter. */
const CODES = "CJJHDNMABGIEK";

/** `source` has a fault at EVSE `evse` (0-based), or (0) has none. */
export function fault(evse: number, source: Source, present: number): void {
  const at = evse * Hardware.Size + Hardware.Faults;
  const before = hardware.v[at];
  const now = present ? before | (1 << source) : before & ~(1 << source);
  if (now !== before) {
    hardware.v[at] = now;
    let first = 0;
    while (now && !((now >> first) & 1)) {
      first++;
    }
    input(evse, Field.Fault, now ? CODES.charCodeAt(first) - 64 : 0);
  }
}
