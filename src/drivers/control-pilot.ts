/**
 * Control pilot of IEC 61851-1:2017, annex A: a signal of 1 kHz, +12 V and -12 V, through 1 kOhm; the car's resistors pull its positive peak to
 * 9 V (B), 6 V (C) or 3 V (D), and its diode leaves the negative one alone. Two peak detectors give these peaks.
 *
 * A state is believed when three polls in a row have seen it, and only then the station hears of it; the contactor opens at the first poll that
 * sees another one (`mayClose` of `safety.ts`). Between two states lies 1 V in which the one before stays.
 *
 * To be checked on a bench: the peaks at 12, 9, 6 and 3 V (adjust the board's PILOT_ZERO and PILOT_SPAN), that the detectors follow within
 * 100 ms, the rise time of the signal (annex A, table A.2: 2 us at most to 10 V) and the duty cycle at 6, 16 and 32 A.
 */
import { pilotSeen, pilotSettled } from "./control-pilot-states";
import { Hardware, hardware } from "./hardware";

/** mV: nominal level of state A, and what lies between two states. */
export const STATE_A = 12000;
export const STEP = 3000;
/** mV around a state's nominal level in which it stays. */
const STAY = 2000;
/** mV: a negative peak above this has no diode in front of it (table A.3: -11 V to -13 V). */
export const DIODE = -10000;

/** Look at the pilot of EVSE `evse` (0-based): `high` and `low` are its peaks, mV. Every 100 ms. */
export function pilotPoll(evse: number, high: number, low: number): void {
  const v = hardware.v;
  const at = evse * Hardware.Size;
  const off = high - STATE_A + STEP * v[at + Hardware.Seen];
  if (v[at + Hardware.Blank]) {
    v[at + Hardware.Blank]--;
    low = DIODE;
  }
  if (off > STAY || off < -STAY || (v[at + Hardware.Seen] && v[at + Hardware.Offer] && low > DIODE)) {
    pilotSeen(evse, high, low);
  }
  if (v[at + Hardware.SeenPolls] && !--v[at + Hardware.SeenPolls]) {
    pilotSettled(evse);
  }
}
