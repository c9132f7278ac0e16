/**
 * @overlay
 * What the drivers tell the station. Inputs are stored and looked at; they never send.
 */
import { evaluate } from "./evaluate";
import { evses, Field, station } from "./evse";

/** A hardware value of an EVSE (0-based) has changed: `Plug`, `Pilot`, `Locked` or `Fault`. */
export function input(evse: number, field: Field, value: number): void {
  const at = evse * Field.Size + field;
  if (evse * Field.Size < evses.v.length && evses.v[at] !== value) {
    evses.v[at] = value;
    if (station.ready) {
      evaluate(evse);
    }
  }
}

/** A meter reading: register in Wh, current per phase in mA, voltage in mV. */
export function meterReading(evse: number, wattHours: number, milliamps: number, millivolts: number): void {
  const at = evse * Field.Size;
  if (at < evses.v.length) {
    evses.v[at + Field.WattHours] = wattHours;
    evses.v[at + Field.Milliamps] = milliamps;
    evses.v[at + Field.Millivolts] = millivolts;
  }
}
