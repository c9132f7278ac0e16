/**
 * Twin of a thermistor (NTC) in the circuit of `src/drivers/temperature.ts`: 3.3 V – series resistor – pin – thermistor – ground. It has the
 * resistance that the beta formula gives.
 */
import { AnalogInput, noise } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

export interface Thermistor {
  /** Ohm at 25 °C. */
  ohms25: number;
  /** K. */
  beta: number;
  /** Ohm. */
  series: number;
}

const ZERO = 273.15;
const ROOM = 25;
/** What `HighTemperature` of the control interface means, °C. */
const TOO_HOT = 95;

/** Part of the supply that the pin sees. */
export function thermistorLevel(celsius: number, { ohms25, beta, series }: Thermistor): number {
  const ohms = ohms25 * Math.exp(beta * (1 / (celsius + ZERO) - 1 / (ROOM + ZERO)));
  return ohms / (ohms + series);
}

export class ThermistorTwin implements Twin {
  celsius = ROOM;
  /** Silent: the line is open. Out of range: it touches ground. */
  readonly input: AnalogInput;

  constructor(
    wires: Wires,
    pin: number,
    private readonly sensor: Thermistor,
    seed = 7,
  ) {
    this.input = new AnalogInput("thermistor", wires, pin, 1, 0, noise(seed));
  }

  show(): void {
    this.input.show(thermistorLevel(this.celsius, this.sensor));
  }

  fault(code: string | null): boolean {
    if (code === "HighTemperature") this.celsius = TOO_HOT;
    else if (this.celsius === TOO_HOT) this.celsius = ROOM;
    return code === "HighTemperature";
  }
}
