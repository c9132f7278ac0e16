/**
 * Where the flash of a 4 MB ESP32 holds the raw area and the two slots of code. The slots are one file of Espruino's Storage (partition at 0x320000,
 * 896 kB) that begins with the second page, so that their pages can be erased and filled again without Storage being written.
 * docs/ARCHITECTURE.md, "Two slots".
 */

/** Espruino Flash module: address of the 64 kB raw area. */
export const RAW: number = 0x310000;
/** Espruino Flash module: address of slot 0. Slot 1 follows it. */
export const SLOTS: number = 0x321000;
/** Bytes of a slot: 32 pages. */
export const SLOT_BYTES: number = 131072;

/** The build that runs has reached its goal: the boot file keeps it. A mark that has fallen stays so. */
export function confirmSlot(): void {
  const mark = SLOTS + SLOT * SLOT_BYTES + 8;
  if (require("Flash").read(1, mark)[0]) {
    require("Flash").write(0, mark);
  }
}
