/**
 * @overlay
 * Register, current and keeping of pulse meters (`src/drivers/s0.ts`).
 */
import { watchPin } from "../kernel/engine/pins";
import { evses, Field } from "../station/evse";
import { meterReading } from "../station/inputs";
import { settings } from "../store/map";
import { compactRecords, keepRecord, Log, walk } from "../store/records";
import { fault, Source } from "./faults";
import { S0, s0, s0Pulse } from "./s0";

/** ms that a pulse lasts at least: half of what the standard asks. */
const DEBOUNCE = 15;
/** Polls that a current is measured over at least. */
const WINDOW = 50;
/** Polls without a pulse after which nothing flows. */
const REST = 600;
/** Pulses a second of class A (30 ms each, and 30 ms apart), and of them that may come at once. */
const FASTEST = 17;
const BURST = 170;
/** Seconds without noise until it is over. */
const CALM = 10;

/** Key of the kept count of EVSE `evse`: no variable has one with a space. */
function key(evse: number): string {
  return "S0 " + evse;
}

/**
 * The meters of the EVSEs, in their order, are at the GPIOs that the characters of `pins` are; `constant` pulses a kWh (1 … 10000), all at a
 * voltage of `millivolts`. The settings are open, and the registers of interrupted transactions are in the EVSEs' fields.
 */
export function openPulses(pins: string, constant: number, millivolts: number): void {
  s0.constant = constant;
  s0.millivolts = millivolts;
  s0.v = new Int32Array(pins.length * S0.Size);
  for (let evse = 0; evse < pins.length; evse++) {
    const at = evse * S0.Size;
    const kept = parseInt(walk(settings.page, key(evse), 0)[Log.Value] || "0");
    const recorded = Math.ceil((evses.v[evse * Field.Size + Field.WattHours] * constant) / 1000);
    s0.v[at + S0.Count] = kept > recorded ? kept : recorded;
    s0.v[at + S0.Kept] = kept;
    s0.v[at + S0.FromAt] = -1;
    s0.v[at + S0.Budget] = BURST;
    s0.v[at + S0.Noisy] = CALM;
    s0.v[at + S0.Pin] = pins.charCodeAt(evse);
    watchPin(s0.v[at + S0.Pin], DEBOUNCE, s0Pulse);
  }
}

/** What the pulses of the last second make. */
export function pulsesSecond(): void {
  const v = s0.v;
  for (let at = 0; at < v.length; at += S0.Size) {
    const evse = at / S0.Size;
    const count = v[at + S0.Count];
    const quiet = s0.polls - v[at + S0.At];
    const field = evse * Field.Size;
    let milliamps = evses.v[field + Field.Milliamps];
    const span = v[at + S0.At] - v[at + S0.FromAt];
    if (quiet >= REST) {
      v[at + S0.FromAt] = -1;
      milliamps = 0;
    } else if (v[at + S0.FromAt] < 0 || span >= WINDOW) {
      if (v[at + S0.FromAt] >= 0) {
        milliamps = current(count - v[at + S0.FromCount], span);
      }
      v[at + S0.FromCount] = count;
      v[at + S0.FromAt] = v[at + S0.At];
    }
    // The next pulse is late: it is less than that by now.
    const most = current(1, quiet);
    milliamps = !evses.v[field + Field.Contactor] ? 0 : most < milliamps ? most : milliamps;
    if (count - v[at + S0.Kept] >= s0.constant / 10 || (quiet >= REST && count > v[at + S0.Kept])) {
      keepCount(evse, count);
      v[at + S0.Kept] = count;
    }
    v[at + S0.Budget] = Math.min(BURST, v[at + S0.Budget] + FASTEST);
    if (v[at + S0.Noisy] < CALM) {
      fault(evse, Source.Meter, ++v[at + S0.Noisy] < CALM ? 1 : 0);
    }
    meterReading(evse, Math.floor((count * 1000) / s0.constant), milliamps, s0.millivolts);
  }
}

/** Current that `count` pulses in `polls` of 100 ms make, mA. */
function current(count: number, polls: number): number {
  return polls < 1 ? 1e6 : Math.floor((count * 3.6e13) / s0.constant / polls / s0.millivolts / evses.phases);
}

/** Keep the count of EVSE `evse`. */
function keepCount(evse: number, count: number): void {
  if (!keepRecord(settings.page, key(evse), "" + count)) {
    settings.page = compactRecords(settings.page);
    keepRecord(settings.page, key(evse), "" + count);
  }
}
