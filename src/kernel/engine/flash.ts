/** Espruino Flash module: the 64 kB raw area, 16 pages of 4,096 bytes. */
import { RAW } from "./slots";

/** `length` bytes at `offset` (0 … 65535) of the raw area. */
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
