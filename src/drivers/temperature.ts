/**
 * @overlay
 * Temperature of the station's inside by a thermistor (NTC): the offered current goes down with heat, and too much of it stops charging.
 * Beta formula: 1/T = 1/T25 + ln(R/R25)/B, T in K, as in the thermistors' data sheets (Vishay NTCLE100E3, TDK B57861S).
 *
 * Circuit: 3.3 V – series resistor – pin – thermistor – ground; the thermistor lies where it gets hot, at relay and terminals. `sensor` is text:
 * R25 in ohm, beta in K, series resistor in ohm, derating from, stop above (both °C): `"10000,3950,4700,60,80"`.
 *
 * Up to the first temperature the whole current is offered; from there it falls in a straight line to 6 A, the least of IEC 61851-1, at the second one, in
 * whole amperes, and it rises only when 2 °C less would allow it. Above the second one for 3 s: HighTemperature, until it is 10 °C cooler.
 * A sensor that is open or short for 3 s is an InternalError: nobody knows how hot it is.
 *
 * To be checked on a bench: the ADC's offset and bend against a thermometer at 25, 60 and 80 °C (readings below about 0.15 V are 0), and where the hottest place is.
 */
import { readAnalog } from "../kernel/engine/pins";
import { charging } from "../station/charging";
import { evses } from "../station/evse";
import { fault, Source } from "./faults";
import { temperature } from "./temperature-state";

/** IEC 61851-1: the least current that can be offered, mA. */
const LEAST = 6000;
/** Of the supply: below it is a short (or more than 200 °C), above it the line is open (or it is colder than -40 °C). */
const SHORT = 0.01;
const OPEN = 0.985;
/** Seconds that something has to last before it is believed. */
const PATIENCE = 3;
/** A reading counts so much less than what was known. */
const SMOOTH = 4;
/** °C that it has to be cooler before more current is offered, and before a stopped station goes on. */
const RISE = 2;
const RESTART = 10;

/** Every second: the thermistor at `pin`. */
export function temperatureSecond(pin: number, sensor: string): void {
  const values = sensor.split(",");
  const level = readAnalog(pin);
  if (!temperature.full) {
    temperature.full = evses.limit;
  }
  if (level < SHORT || level > OPEN) {
    temperature.bad = Math.min(temperature.bad + 1, PATIENCE);
  } else {
    const ohms = (parseInt(values[2]) * level) / (1 - level);
    const kelvin = 1 / (1 / 298.15 + Math.log(ohms / parseInt(values[0])) / parseInt(values[1]));
    sensed(kelvin - 273.15, parseInt(values[3]), parseInt(values[4]));
  }
  const bad = temperature.bad === PATIENCE ? 1 : 0;
  const hot = temperature.hot === PATIENCE ? 1 : 0;
  if (bad + 2 * hot !== temperature.told) {
    temperature.told = bad + 2 * hot;
    for (let evse = 0; evse < evses.tokens.length; evse++) {
      fault(evse, Source.Board, bad);
      fault(evse, Source.Temperature, hot);
    }
  }
}

/** It is `celsius`; derating begins at `from`, charging stops above `stop`. */
function sensed(celsius: number, from: number, stop: number): void {
  const lost = temperature.bad === PATIENCE;
  temperature.bad = 0;
  temperature.celsius = temperature.known && !lost ? temperature.celsius + (celsius - temperature.celsius) / SMOOTH : celsius;
  temperature.known = 1;
  const smooth = temperature.celsius;
  if (smooth > stop) {
    temperature.hot = lost ? PATIENCE : Math.min(temperature.hot + 1, PATIENCE);
  } else if (temperature.hot < PATIENCE || smooth < stop - RESTART) {
    temperature.hot = 0;
  }
  const limit = Math.max(Math.min(evses.limit, offered(smooth, from, stop)), offered(smooth + RISE, from, stop));
  if (limit !== evses.limit) {
    evses.limit = limit;
    charging.left = 1; // the station's next second looks at its limits
  }
}

/** Current that `celsius` allows, mA. */
function offered(celsius: number, from: number, stop: number): number {
  const part = Math.min(Math.max((stop - celsius) / (stop - from), 0), 1);
  return temperature.full <= LEAST || part === 1
    ? temperature.full
    : Math.floor((LEAST + (temperature.full - LEAST) * part) / 1000) * 1000;
}
