/** The proximity contact of a socket (IEC 61851-1:2017, annex B.2): the resistor in the cable's plug below the one on the board. */
import type { Evse } from "../sim/hardware.ts";
import type { BoardData } from "./board-data.ts";
import { AnalogInput, noise } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

/** Ohm, by the amperes that the cable carries (table B.2). */
export const RESISTORS: Readonly<Record<number, number>> = { 13: 1500, 20: 680, 32: 220, 63: 100 };

export class ProximityTwin implements Twin {
  /** Ohm of the cable that is, or comes, into the socket. */
  ohms = RESISTORS[32];
  readonly input: AnalogInput;

  constructor(
    private readonly evse: Evse,
    wires: Wires,
    private readonly board: BoardData,
    pin: number,
    seed = 2,
  ) {
    this.input = new AnalogInput("proximity contact", wires, pin, 1, 0, noise(seed));
  }

  show(): void {
    this.input.show(this.evse.hasCable && !this.evse.fixed ? this.ohms / (this.ohms + this.board.PROXIMITY_PULL_UP) : 1);
  }
}
