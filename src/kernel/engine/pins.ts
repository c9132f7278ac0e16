/**
 * Pins of the ESP32 by their GPIO numbers: Espruino's `digitalRead`, `analogRead`, `digitalWrite`, `analogWrite`, `pinMode`.
 * ESP32 Technical Reference Manual, chapters 4 (IO_MUX and GPIO matrix), 14 (LED PWM) and 29 (SAR ADC).
 * To be checked on a bench: the ADC's scale (11 dB, 0 … about 3.3 V, bent above 2.6 V) and that duty 1 gives a level without a gap.
 */

/** Level of a pin, 0 or 1. */
export function readPin(pin: number): number {
  return digitalRead(pin);
}

/** Level of an analog input, 0 … 1 of the ADC's range. ADC1 alone (GPIO 32 … 39): the other one is Wi-Fi's. */
export function readAnalog(pin: number): number {
  return analogRead(pin);
}

/** Drive a pin, 0 or 1. */
export function writePin(pin: number, value: number): void {
  digitalWrite(pin, value);
}

/** Drive a pin by pulse width: `duty` 0 … 1 of the period, 10 bits; at most 3 pins have a frequency of their own. */
export function writePwm(pin: number, duty: number, hertz: number): void {
  analogWrite(pin, duty, { freq: hertz });
}

/** What a pin is: `input`, `input_pullup`, `input_pulldown`, `output`, `opendrain`. */
export function pinMode(pin: number, mode: string): void {
  global.pinMode(pin, mode);
}

/** Drive a pin to `value` for `milliseconds`, which a hardware timer ends whatever the program does; returns at once. */
export function pulsePin(pin: number, value: number, milliseconds: number): void {
  digitalPulse(pin, value, milliseconds);
}

/** Call `fell` at each falling edge of `pin` that lasts `debounce` ms; the chip's pull-up is on. Edges that come while the program is busy are kept. */
export function watchPin(pin: number, debounce: number, fell: (event: PinEvent) => void): void {
  setWatch(fell, pin, { repeat: true, edge: "falling", debounce: debounce });
}
