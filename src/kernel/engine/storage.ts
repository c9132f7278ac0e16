/** Espruino Storage: the image's slices file, memory-mapped, so that a read is a reference and not a copy. */

/**
 * Text of slice `n`. The file begins with an index, four digits of base 36 a slice: its offset; it ends where the next begins. A file
 * of another build has another name and is not found.
 */
export function readSlice(n: number): string {
  const entry = require("Storage").read("o" + BUILD_ID, n * 4, 8)!;
  const offset = parseInt(entry.substr(0, 4), 36);
  return require("Storage").read("o" + BUILD_ID, offset, parseInt(entry.substr(4), 36) - offset)!;
}
