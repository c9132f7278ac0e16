/**
 * Pulse meter at an S0 output: EN 62053-31, class A (pulses and pauses of at least 30 ms, passive output of at most 27 V), falling edges at a
 * pin with a pull-up. One meter an EVSE.
 *
 * The count is kept in the settings pages (`src/drivers/s0-count.ts`): a record of some 15 bytes each 100 Wh, and a minute behind the
 * last pulse. After a power failure while a car charges it goes on from there or, if that is more, from the register that the journal
 * recorded last, so the register never goes back; what is lost is less than 100 Wh. Wear: a settings page takes some 250 to 700 such
 * records beside the settings, so one page erase each 25 to 70 kWh; two pages of 100,000 erases each last for 5 GWh and more.
 *
 * An S0 output that is silent cannot be told from a car that takes nothing; more than 17 pulses a second are noise:
 * PowerMeterFailure, and those beyond do not count (170 may come at once, when the program was busy). Current is what the pulses of at least
 * 5 s make at a fixed voltage.
 *
 * Resident: 30 JsVars with one meter (test/drivers/cost.test.ts); Espruino takes some 15 more for its watch.
 * To be checked on a bench: an external pull-up (4.7 kOhm, twisted pair) where the meter is not beside the board; the count of an hour
 * against the meter's own register.
 */
import { pulsesSecond } from "./s0-count";

/** Numbers of a meter in `s0.v`. */
export const enum S0 {
  /** Pulses since ever, and of them kept. */
  Count,
  Kept,
  /** Poll of the last pulse. */
  At,
  /** Pulse and poll that the current is measured from; -1: from the next one. */
  FromCount,
  FromAt,
  /** Pulses that may come before they are noise, and seconds since there was some. */
  Budget,
  Noisy,
  /** Its pin. */
  Pin,
  Size,
}

export const s0 = {
  v: undefined as unknown as Int32Array,
  /** Pulses a kWh. */
  constant: 1000,
  /** mV that the current is reckoned with; a pulse meter does not tell it. */
  millivolts: 230000,
  /** Polls since the start. */
  polls: 0,
};

/** A pulse. */
export function s0Pulse(event: PinEvent): void {
  for (let at = 0; at < s0.v.length; at += S0.Size) {
    if (s0.v[at + S0.Pin] === +event.pin) {
      if (s0.v[at + S0.Budget] > 0) {
        s0.v[at + S0.Budget]--;
        s0.v[at + S0.Count]++;
        s0.v[at + S0.At] = s0.polls;
      } else {
        s0.v[at + S0.Noisy] = 0;
      }
    }
  }
}

/** Every 100 ms. */
export function s0Poll(): void {
  s0.polls++;
}

/** Every second. */
export function s0Second(): void {
  pulsesSecond();
}
