/** A meter without a device, for a board whose meter has no twin yet: its readings are told in the words of board `sim`. */
import type { Evse } from "../sim/hardware.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

export class PlainMeterTwin implements Twin {
  private told = "";

  constructor(
    private readonly evse: Evse,
    private readonly wires: Wires,
  ) {}

  show(): void {
    const [line] = this.evse.lines().slice(-1);
    if (line !== this.told) this.wires.say(line);
    this.told = line;
  }

  release(): void {
    this.told = "";
  }
}
