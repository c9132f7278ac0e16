/**
 * The flash chip with a diary: every operation on the raw area is counted and kept, and the power can fail in one of them. Reads are
 * counted too, so that firmware which goes round in circles is noticed.
 */
import { NorFlash, PAGE_BYTES, RAW_BYTES } from "../sim/flash.ts";

/** An operation on the raw area; without bytes it is the erasure of a page. */
export interface Operation {
  at: number;
  bytes: Uint8Array | null;
}

/** How much of the operation in which the power fails is done: nothing, half of it, or so many of 256 parts. */
export type Tear = "clean" | "torn" | number;

/** Reads in one event of the firmware beyond which it goes round in circles. */
const MOST_READS = 400_000;

/** The firmware reads the flash without end. */
export class Endless extends Error {
  constructor() {
    super("the firmware reads the flash without end");
  }
}

/** Does the part `tear` of an operation on `raw` (the raw area). */
export function perform(raw: Uint8Array, { at, bytes }: Operation, tear: Tear | "whole" = "whole"): void {
  const part = tear === "whole" ? 256 : tear === "clean" ? 0 : tear === "torn" ? 128 : tear;
  if (!bytes) {
    const page = at - (at % PAGE_BYTES);
    raw.fill(0xff, page, page + ((PAGE_BYTES * part) >> 8));
  } else if (bytes.length === 1 && part > 0 && part < 256) {
    // Of a single byte the lower bits fall first.
    raw[at] &= bytes[0] | 0xf0;
  } else {
    const whole = (bytes.length * part) >> 8;
    for (let i = 0; i < whole; i++) raw[at + i] &= bytes[i];
  }
}

export class CutFlash extends NorFlash {
  /** Operations on the raw area so far. */
  operations = 0;
  /** The operations themselves, when they are wanted. */
  diary: Operation[] | null = null;
  /** Erasures of each page of the raw area. */
  readonly erasures = new Array<number>(RAW_BYTES / PAGE_BYTES).fill(0);
  /** Reads since the present event began. */
  reads = 0;
  /** Hears of each operation, before it is done. */
  before: ((operation: Operation) => void) | null = null;
  private cut: { left: number; tear: Tear } | null = null;

  /** `fails` is called when the power fails; it does not return. */
  constructor(
    chip: Buffer,
    private readonly fails: () => never,
  ) {
    super(chip);
  }

  /** The power fails in the `n`-th next operation. */
  arm(n: number, tear: Tear): void {
    this.cut = { left: n, tear };
  }

  disarm(): void {
    this.cut = null;
  }

  override read(offset: number, length: number): Buffer {
    this.counted();
    return super.read(offset, length);
  }

  /** A read is counted. */
  counted(): void {
    if (++this.reads > MOST_READS) throw new Endless();
  }

  override write(offset: number, data: Uint8Array): void {
    this.count({ at: offset, bytes: Uint8Array.from(data) });
    super.write(offset, data);
  }

  override erasePage(offset: number): void {
    this.count({ at: offset, bytes: null });
    this.erasures[Math.floor(offset / PAGE_BYTES)]++;
    super.erasePage(offset);
  }

  private count(operation: Operation): void {
    if (operation.at >= RAW_BYTES) throw new RangeError("the firmware writes to Storage");
    this.before?.(operation);
    if (this.cut && --this.cut.left === 0) {
      perform(this.bytes, operation, this.cut.tear);
      this.cut = null;
      this.fails();
    }
    this.operations++;
    this.diary?.push(operation);
  }
}
