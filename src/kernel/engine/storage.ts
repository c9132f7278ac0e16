/** Espruino Storage: the image's slices file, memory-mapped, so that a read is a reference and not a copy. */

/**
 * Text of slice `n`. The file begins with an index of ten digits a slice: offset and length. A file of another build has another
 * name and is not found.
 */
export function readSlice(n: number): string {
  const entry = require("Storage").read("o" + BUILD_ID, n * 10, 10)!;
  // parseInt, because the engine's number conversion takes a leading zero for octal.
  return require("Storage").read("o" + BUILD_ID, parseInt(entry.substr(0, 5)), parseInt(entry.substr(5)))!;
}
