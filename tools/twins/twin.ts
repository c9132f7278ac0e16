/** What every twin of a device is to the simulator. A class a device; it puts voltages and bytes on the wires, never the firmware's own words. */
export interface Twin {
  /** Puts on the wires what the device shows; called before each poll of the firmware. */
  show(): void;
  /** 100 ms pass. */
  pass?(): void;
  /** A second passes; called behind the last of its polls. */
  second?(): void;
  /** The firmware has driven some pin. */
  driven?(): void;
  /** Serial port whose bytes are for this device, and the bytes. */
  readonly port?: number;
  heard?(bytes: Buffer): void;
  /** I2C address of this device, and what was written to it. */
  readonly address?: number;
  written?(bytes: Buffer): void;
  /** The row of LEDs at `pin` was set. */
  lit?(pin: number, rgb: Buffer): void;
  /** The firmware has told its Wi-Fi something (boards/twin/obey-radio.ts), without the `v`. */
  radio?(line: string): void;
  /** A card is held to the reader; true when this device is the reader that it is held to. */
  card?(evse: number, type: string, idToken: string): boolean;
  /** Takes a fault that EVSE `evse` (1-based) is to have (ChargePointErrorCode, null for none) on itself; true when it can show it. */
  fault?(code: string | null, evse: number): boolean;
  /** No firmware drives anything: power off, reset. */
  release?(): void;
  /** Something moves, waits or is to be answered: polls go on. */
  readonly busy?: boolean;
}
