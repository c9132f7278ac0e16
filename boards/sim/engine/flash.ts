/**
 * Raw flash of board `sim`: the last 64 kB of the emulated 896 kB, and pages in Storage, with every operation counted and a power cut in the n-th.
 */
import { sample } from "../link";
import { RAW } from "./slots";

/** Address of what is at offset 0 when Storage, at 0x10000000, begins at offset 65536. */
const STORAGE = 0xfff0000;

export const flash = {
  /** Writes and erases since boot. */
  ops: 0,
  erases: 0,
  /** Operations until the power fails, 0 = never. */
  cut: 0,
  /** 1 = the operation is half done then. */
  torn: 0,
};

/** Power fails in the `n`-th next operation (1 = the next); `torn` 1: half its bytes are done. */
export function armCut(n: number, torn: number): void {
  flash.cut = n;
  flash.torn = torn;
}

/** Count an operation; true when it is the one in which the power fails. */
function counted(): boolean {
  flash.ops++;
  sample();
  return flash.cut > 0 && !--flash.cut;
}

/** The power is off. */
function off(): void {
  require("fs").writeFileSync("cut", "1");
  E.reboot();
}

/** Address of `offset`: on a chip Storage follows the raw area, here it comes before it. */
function address(offset: number): number {
  return (offset < 65536 ? RAW : STORAGE) + offset;
}

/** `length` bytes at `offset` from the begin of the raw area. */
export function flashRead(offset: number, length: number): Uint8Array {
  return require("Flash").read(length, address(offset));
}

/** Program `bytes` at `offset`: bits only fall. */
export function flashWrite(offset: number, bytes: Uint8Array): void {
  const dies = counted();
  if (!dies) {
    require("Flash").write(bytes, address(offset));
    return;
  }
  if (flash.torn) {
    require("Flash").write(bytes.subarray(0, bytes.length >> 1), address(offset));
  }
  off();
}

/** Erase the page that begins at `offset`. */
export function flashErase(offset: number): void {
  const dies = counted();
  flash.erases++;
  if (dies && flash.torn) {
    // Half erased: the first half is blank, the other as it was.
    const rest = E.toString(require("Flash").read(2048, address(offset) + 2048));
    require("Flash").erasePage(address(offset));
    require("Flash").write(rest, address(offset) + 2048);
  } else if (!dies) {
    require("Flash").erasePage(address(offset));
  }
  if (dies) {
    off();
  }
}
