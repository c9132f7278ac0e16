/** Twin of a push button between a pin with its pull-up and ground (`src/drivers/button.ts`). */
import { ContactInput, noise } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

export class ButtonTwin implements Twin {
  pressed = false;
  readonly contact: ContactInput;

  constructor(wires: Wires, pin: number, seed = 6) {
    this.contact = new ContactInput("button", wires, pin, noise(seed));
  }

  show(): void {
    this.contact.show(this.pressed);
  }
}
