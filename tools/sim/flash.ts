/**
 * The flash chip: NOR memory of which programming only clears bits and erasing sets a page of 4,096 bytes. Layout as the
 * control interface shows it: 64 kB raw area, then 896 kB Storage whose last 64 kB stay erased. Espruino's Linux build keeps
 * Storage alone (`espruino.flash`, 896 kB); there the raw area is those last 64 kB.
 */
import { closeSync, openSync, writeSync } from "node:fs";

export const PAGE_BYTES = 4096;
export const RAW_BYTES = 65_536;
export const STORAGE_BYTES = 917_504;
export const CHIP_BYTES = RAW_BYTES + STORAGE_BYTES;

/** Where the slots of code begin: behind the first page of Storage (`tools/image/slot.ts`). */
export const SLOTS_AT = RAW_BYTES + PAGE_BYTES;

/** Storage without its last 64 kB: what the engine may use for files. */
export const FILES_BYTES = STORAGE_BYTES - RAW_BYTES;
/** Where the Linux engine maps `espruino.flash`. */
export const ENGINE_BASE = 0x1000_0000;

/** A blank chip. */
export function blankChip(): Buffer {
  return Buffer.alloc(CHIP_BYTES, 0xff);
}

/** The chip as `espruino.flash`. */
export function toEngineFile(chip: Uint8Array): Buffer {
  const file = Buffer.alloc(STORAGE_BYTES);
  file.set(chip.subarray(RAW_BYTES, RAW_BYTES + FILES_BYTES), 0);
  file.set(chip.subarray(0, RAW_BYTES), FILES_BYTES);
  return file;
}

/** The chip out of `espruino.flash`. */
export function fromEngineFile(file: Uint8Array): Buffer {
  const chip = blankChip();
  chip.set(file.subarray(FILES_BYTES, STORAGE_BYTES), 0);
  chip.set(file.subarray(0, FILES_BYTES), RAW_BYTES);
  return chip;
}

/** Offset in the chip of `length` bytes at an address of the Linux engine; null when they are not all flash. */
export function chipOffset(address: number, length: number): number | null {
  const offset = address - ENGINE_BASE;
  if (offset < 0 || offset + length > STORAGE_BYTES) return null;
  return offset < FILES_BYTES ? offset + RAW_BYTES : offset - FILES_BYTES;
}

/** Operations on the raw area since the chip was made. */
export interface FlashCounts {
  writes: number;
  erases: number;
}

/** The chip; with a file, every operation is in the file before it returns. */
export class NorFlash {
  readonly raw: FlashCounts = { writes: 0, erases: 0 };
  private readonly file: number | null;

  constructor(
    readonly bytes: Buffer = blankChip(),
    path: string | null = null,
  ) {
    if (bytes.length !== CHIP_BYTES) throw new RangeError(`flash has ${bytes.length} bytes, not ${CHIP_BYTES}`);
    this.file = path === null ? null : openSync(path, "r+");
  }

  read(offset: number, length: number): Buffer {
    return Buffer.from(this.bytes.subarray(offset, offset + length));
  }

  /** Bits only fall: what is not erased stays 0. */
  write(offset: number, data: Uint8Array): void {
    if (offset < 0 || offset + data.length > CHIP_BYTES) throw new RangeError(`no flash at offset ${offset + data.length}`);
    for (let i = 0; i < data.length; i++) this.bytes[offset + i] &= data[i];
    if (offset < RAW_BYTES) this.raw.writes++;
    this.keep(offset, data.length);
  }

  /** Erases the page that holds `offset`. */
  erasePage(offset: number): void {
    if (offset < 0 || offset >= CHIP_BYTES) throw new RangeError(`no flash at offset ${offset}`);
    const page = offset - (offset % PAGE_BYTES);
    this.bytes.fill(0xff, page, page + PAGE_BYTES);
    if (page < RAW_BYTES) this.raw.erases++;
    this.keep(page, PAGE_BYTES);
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
  }

  private keep(offset: number, length: number): void {
    if (this.file !== null) writeSync(this.file, this.bytes, offset, length, offset);
  }
}
