/** Flash of Espruino's Linux build: 896 kB at 0x10000000, of which the first 832 are Storage and the last 64 the raw area. */

/** Address of the 64 kB raw area. */
export const RAW: number = 0x10000000 + 851968;
/** Address of slot 0, behind the first page of Storage. Slot 1 follows it. */
export const SLOTS: number = 0x10001000;
/** Bytes of a slot: 32 pages. */
export const SLOT_BYTES: number = 131072;

/** The build that runs has reached its goal: the boot file keeps it. */
export function confirmSlot(): void {
  const mark = SLOTS + SLOT * SLOT_BYTES + 8;
  if (require("Flash").read(1, mark)[0]) {
    require("Flash").write(0, mark);
  }
}
