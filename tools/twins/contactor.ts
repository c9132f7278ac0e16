/** A contactor with a mirror contact (IEC 60947-4-1, annex F): main contacts follow the coil within 100 ms, the mirror contact is open while they are closed. */
import type { Evse } from "../sim/hardware.ts";
import { ContactInput, noise } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

export class ContactorTwin implements Twin {
  /** The main contacts stay where they are closed, or never close. */
  welded = false;
  dead = false;
  readonly feedback: ContactInput;

  constructor(
    private readonly evse: Evse,
    private readonly wires: Wires,
    private readonly pins: { coil: number; feedback: number },
    seed = 3,
  ) {
    this.feedback = new ContactInput("contactor feedback", wires, pins.feedback, noise(seed));
  }

  driven(): void {
    const closed = this.evse.isClosed;
    this.evse.switchContactor(this.wires.isHigh(this.pins.coil) ? closed || !this.dead : closed && this.welded);
  }

  show(): void {
    this.feedback.show(!this.evse.isClosed);
  }

  release(): void {
    this.driven();
  }
}
