/** The lock of a type 2 socket: a motor that takes 300 ms for its way and a contact that is closed while the bolt holds the plug. */
import type { Evse } from "../sim/hardware.ts";
import { ContactInput, noise } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

/** Polls of 100 ms. */
const WAY = 3;

export class SocketLockTwin implements Twin {
  private run = 0;
  readonly feedback: ContactInput;

  constructor(
    private readonly evse: Evse,
    private readonly wires: Wires,
    private readonly pins: { close: number; open: number; feedback: number },
    seed = 4,
  ) {
    this.feedback = new ContactInput("lock feedback", wires, pins.feedback, noise(seed));
  }

  pass(): void {
    const close = this.wires.isHigh(this.pins.close);
    const isDriven = close !== this.wires.isHigh(this.pins.open);
    this.run = isDriven ? this.run + 1 : 0;
    if (this.run === WAY) this.evse.runLock(close);
    if (!isDriven) this.evse.freeLock();
  }

  show(): void {
    this.feedback.show(this.evse.isLocked);
  }

  release(): void {
    this.run = 0;
  }

  get busy(): boolean {
    return this.wires.isHigh(this.pins.close) || this.wires.isHigh(this.pins.open);
  }
}
