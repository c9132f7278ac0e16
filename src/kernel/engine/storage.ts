/** The slices of the build that runs: memory-mapped flash, so that a read is a reference and not a copy. */

/**
 * Text of slice `n`; 128 to 255 may be called -128 to -1. The slices begin with an index, two bytes a slice: half its offset, high byte
 * first; it ends where the next begins.
 */
export function readSlice(n: number): string {
  const entry = CODE.substr((n < 0 ? n + 256 : n) * 2, 4);
  const offset = entry.charCodeAt(0) * 512 + entry.charCodeAt(1) * 2;
  return CODE.substr(offset, entry.charCodeAt(2) * 512 + entry.charCodeAt(3) * 2 - offset);
}
