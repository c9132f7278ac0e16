/**
 * Energy meters on one Modbus RTU line (RS-485), this side the client: MODBUS over Serial Line V1.02, 2.5.1. One meter an EVSE, in the order
 * of the EVSEs; each is read once a second, four reads in turn (voltage, current, power, energy), by `src/drivers/modbus-meter.ts`.
 *
 * A meter that gives no good register for `METER_TIMEOUT` seconds (silent, wrong CRC, wrong length, exception, value out of range, register
 * that goes back) is PowerMeterFailure until it does again; the last register stands meanwhile.
 *
 * Of three phases the current told is that of the one that carries most, because the station's rules look at it; power is reckoned from it for all
 * phases, so with unequal ones the power told is too high, while the register is the meter's own.
 *
 * Resident: 24 JsVars with one meter, of them 5 the function that hears the line (test/drivers/cost.test.ts); Espruino takes some more for its port.
 * To be checked on a bench: the line's termination and bias, and on an oscilloscope that the driver-enable pin falls before the meter answers.
 */
import { answered, ask } from "./modbus-meter";

/** The line's head: port, pin of driver enable, ms that it is held for a request; then 13 characters a meter: its address, its registers. */
export const LINE = 3;
export const METER = 13;

export const modbus = {
  /** See `LINE`. */
  line: "",
  /** What is read: four times the EVSE (0-based), and 0 voltage, 1 current, 2 power, 3 energy. */
  read: 0,
  /** Polls until the meter is silent, 0 = nothing is asked. */
  left: 0,
  /** Times the same was asked. */
  tries: 0,
  /** What has come since the question. */
  heard: "",
  /** Uptime of the last good register, by EVSE. */
  seen: undefined as unknown as Int32Array,
};

/** What the line says. */
export function modbusHeard(bytes: string): void {
  if (modbus.left) {
    modbus.heard += bytes;
  }
}

/** Every 100 ms. */
export function modbusPoll(): void {
  if (modbus.left && (--modbus.left < 1 || modbus.heard)) {
    answered();
  }
}

/** Every second: read all meters, unless that is still going on. */
export function modbusSecond(): void {
  if (!modbus.left) {
    ask();
  }
}
