/**
 * The slices file: all overlay operations and tables of a build in one Storage file. First an index: half the offset of each slice from
 * the start of the file in two bytes, high byte first, and behind the last the end of the file. Then the slices, end to end; behind one
 * of an odd length stands a space, which a program may end with.
 */

const ENTRY = 2;
const UNIT = 2;
const MOST = 0xffff * UNIT;
const SPACE = 0x20;

/** The slices file that holds `slices`; slice n lies between entries n and n + 1. */
export function encodeSlices(slices: readonly Uint8Array[]): Uint8Array {
  const index = Buffer.alloc((slices.length + 1) * ENTRY);
  const parts: Uint8Array[] = [index];
  let offset = index.length;
  for (const [number, slice] of [...slices, new Uint8Array()].entries()) {
    if (offset > MOST) throw new Error(`The slices file reaches byte ${offset}; its index can name ${MOST}.`);
    if (slice.at(-1) === SPACE) throw new Error(`Slice ${number} ends with a space, which only fills up.`);
    index.writeUInt16BE(offset / UNIT, number * ENTRY);
    parts.push(slice);
    if (slice.length % UNIT > 0) parts.push(new Uint8Array([SPACE]));
    offset += slice.length + (slice.length % UNIT);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** The slices of a slices file, in index order. */
export function decodeSlices(file: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const entry = (number: number): number => {
    if ((number + 1) * ENTRY > bytes.length) throw new Error(`The slices file ends before entry ${number} of its index.`);
    return bytes.readUInt16BE(number * ENTRY) * UNIT;
  };
  const indexSize = entry(0);
  if (indexSize === 0) throw new Error("The slices index names no end.");
  return Array.from({ length: indexSize / ENTRY - 1 }, (_, number) => {
    const [offset, end] = [entry(number), entry(number + 1)];
    if (offset < indexSize || end < offset || end > bytes.length) throw new Error(`Slice ${number} lies outside its file.`);
    return new Uint8Array(bytes.subarray(offset, bytes[end - 1] === SPACE ? end - 1 : end));
  });
}
