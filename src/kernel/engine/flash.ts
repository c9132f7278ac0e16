/** Espruino Flash module: the raw area and what follows it, pages of 4,096 bytes (`src/store/map.ts`). */
import { RAW } from "./slots";

/** `length` bytes at `offset` from the begin of the raw area. */
export function flashRead(offset: number, length: number): Uint8Array {
  return require("Flash").read(length, RAW + offset);
}

/** Program `bytes` at `offset`: bits only fall. */
export function flashWrite(offset: number, bytes: Uint8Array): void {
  require("Flash").write(bytes, RAW + offset);
}

/** Erase the page that begins at `offset`. */
export function flashErase(offset: number): void {
  require("Flash").erasePage(RAW + offset);
}
