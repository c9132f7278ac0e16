/**
 * The slices file: all overlay operations and tables of a build in one Storage file. First an index: the offset of each slice from
 * the start of the file in four digits of base 36, and behind the last the end of the file. Then the slices, end to end.
 */

const DIGITS = 4;
const BASE = 36;

/** The slices file that holds `slices`; slice n lies between entries n and n + 1. */
export function encodeSlices(slices: readonly Uint8Array[]): Uint8Array {
  let offset = (slices.length + 1) * DIGITS;
  let index = "";
  for (const slice of [...slices, new Uint8Array()]) {
    if (offset >= BASE ** DIGITS)
      throw new Error(`The slices file reaches byte ${offset}; its index can name ${BASE ** DIGITS - 1}.`);
    index += offset.toString(BASE).padStart(DIGITS, "0");
    offset += slice.length;
  }
  return new Uint8Array(Buffer.concat([Buffer.from(index, "latin1"), ...slices]));
}

/** The slices of a slices file, in index order. */
export function decodeSlices(file: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const entry = (number: number): number => {
    const text = bytes.toString("latin1", number * DIGITS, (number + 1) * DIGITS);
    if (!/^[0-9a-z]{4}$/.test(text)) throw new Error(`Entry ${number} of the slices index is not four digits of base 36.`);
    return parseInt(text, BASE);
  };
  const indexSize = entry(0);
  if (indexSize === 0 || indexSize % DIGITS !== 0)
    throw new Error(`The slices index ends at byte ${indexSize}, not after an entry.`);
  return Array.from({ length: indexSize / DIGITS - 1 }, (_, number) => {
    const [offset, end] = [entry(number), entry(number + 1)];
    if (offset < indexSize || end < offset || end > bytes.length) throw new Error(`Slice ${number} lies outside its file.`);
    return new Uint8Array(bytes.subarray(offset, end));
  });
}
