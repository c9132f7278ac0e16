/** Twins of the light: a row of WS2812 LEDs (`src/drivers/ws2812.ts`), and LEDs at pins of their own (`src/drivers/plain-leds.ts`). */
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

export interface Colour {
  red: number;
  green: number;
  blue: number;
}

/** WS2812B datasheet: green, red, blue. */
export class Ws2812Twin implements Twin {
  /** As the LEDs shine, 0 … 255. */
  leds: Colour[] = [];
  /** How often the row was sent. */
  frames = 0;

  constructor(private readonly pin: number) {}

  show(): void {}

  lit(pin: number, bytes: Buffer): void {
    if (pin !== this.pin) return;
    this.frames++;
    this.leds = Array.from({ length: bytes.length / 3 }, (_, i) => {
      const [green, red, blue] = bytes.subarray(i * 3, i * 3 + 3);
      return { red, green, blue };
    });
  }
}

export class PlainLedTwin implements Twin {
  constructor(
    private readonly wires: Wires,
    private readonly pin: number,
  ) {}

  show(): void {}

  get on(): boolean {
    return this.wires.isHigh(this.pin);
  }
}
