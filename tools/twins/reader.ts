/** A PN532 (`pn532.ts`) at the serial port of a board: a card is held to it until it was seen, and then taken away. */
import { Pn532Twin, type Pn532Fault } from "./pn532.ts";
import type { Sensor, Trouble } from "./sensor.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

const FAULTS: Readonly<Partial<Record<Trouble, Pn532Fault>>> = {
  noisy: "cut",
  silent: "silent",
  "wrong checksum": "wrong-dcs",
};
/** InListPassiveTarget. */
const LOOK = 0x4a;
/** Looks that find a card, and then none: the station takes the same card again behind them. */
const HELD = 2;
const AWAY = 4;
/** Bytes of a UID: ISO/IEC 14443-3, 6.5.4. */
const UID = [4, 7, 10];

export class ReaderTwin implements Twin, Sensor {
  readonly name = "card reader";
  readonly troubles = ["stuck", "noisy", "silent", "wrong checksum"] as const;
  trouble: Trouble | null = null;
  private readonly reader = new Pn532Twin("uart");
  private looks = 0;

  constructor(
    private readonly wires: Wires,
    readonly port: number,
  ) {}

  show(): void {
    this.reader.fault = (this.trouble && FAULTS[this.trouble]) ?? null;
  }

  heard(bytes: Buffer): void {
    const before = this.reader.commands.length;
    for (const answer of this.reader.receive(bytes)) this.wires.serial(this.port, answer);
    if (!this.reader.commands.slice(before).includes(LOOK) || this.looks === 0) return;
    if (--this.looks === AWAY && this.trouble !== "stuck") this.reader.card = null;
  }

  /** Of a reader for the whole station: cards that have a UID. */
  card(evse: number, type: string, idToken: string): boolean {
    const uid = Buffer.from(idToken, "hex");
    if (evse !== 0 || type !== "ISO14443" || !UID.includes(uid.length) || this.trouble === "silent") return false;
    this.reader.card = uid;
    this.looks = HELD + AWAY;
    return true;
  }

  get busy(): boolean {
    return this.looks > 0 && this.trouble === null;
  }

  release(): void {
    this.reader.reset();
    this.reader.card = null;
    this.looks = 0;
  }
}
