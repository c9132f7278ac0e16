/**
 * Raw flash of board `sim`: the last 64 kB of the emulated 896 kB, with every operation counted and a power cut in the n-th.
 */
import { sample } from "../link";
import { RAW } from "./slots";

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

/** `length` bytes at `offset` (0 … 65535) of the raw area. */
export function flashRead(offset: number, length: number): Uint8Array {
  return require("Flash").read(length, RAW + offset);
}

/** Program `bytes` at `offset`: bits only fall. */
export function flashWrite(offset: number, bytes: Uint8Array): void {
  const dies = counted();
  if (!dies) {
    require("Flash").write(bytes, RAW + offset);
    return;
  }
  if (flash.torn) {
    require("Flash").write(bytes.subarray(0, bytes.length >> 1), RAW + offset);
  }
  off();
}

/** Erase the page that begins at `offset`. */
export function flashErase(offset: number): void {
  const dies = counted();
  flash.erases++;
  if (dies && flash.torn) {
    // Half erased: the first half is blank, the other as it was.
    const rest = E.toString(require("Flash").read(2048, RAW + offset + 2048));
    require("Flash").erasePage(RAW + offset);
    require("Flash").write(rest, RAW + offset + 2048);
  } else if (!dies) {
    require("Flash").erasePage(RAW + offset);
  }
  if (dies) {
    off();
  }
}
