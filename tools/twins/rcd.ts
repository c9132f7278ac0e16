/**
 * Twin of a residual current monitor (`src/drivers/rcd.ts`): its contact to ground is closed while all is well, opens at a residual current and
 * under test current, and closes again behind it.
 */
import { ContactInput, noise } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

export class RcdTwin implements Twin {
  /** A residual current flows. */
  leaks = false;
  /** Its test circuit makes no current. */
  deaf = false;
  /** How often its contact has opened. */
  trips = 0;
  /** Polls of 100 ms that the contact needs. */
  delay = 1;
  readonly contact: ContactInput;
  private open = false;
  private waited = 0;

  constructor(
    private readonly wires: Wires,
    private readonly pins: { contact: number; test: number },
    seed = 5,
    /** EVSE whose current it sees, 1-based. */
    private readonly evse = 1,
  ) {
    this.contact = new ContactInput("residual current monitor", wires, pins.contact, noise(seed));
  }

  pass(): void {
    this.waited = this.busy ? this.waited + 1 : 0;
    if (this.waited <= this.delay) return;
    this.open = this.isTripped;
    this.waited = 0;
    if (this.open) this.trips++;
  }

  show(): void {
    this.contact.show(!this.open);
  }

  fault(code: string | null, evse: number): boolean {
    if (evse !== this.evse) return false;
    this.leaks = code === "GroundFailure";
    return this.leaks;
  }

  get busy(): boolean {
    return this.open !== this.isTripped;
  }

  private get isTripped(): boolean {
    return this.leaks || (this.wires.isHigh(this.pins.test) && !this.deaf);
  }
}
