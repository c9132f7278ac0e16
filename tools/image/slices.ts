/**
 * The slices file: all overlay operations and tables of a build in one Storage file. First an index with an entry of ten
 * digits a slice (five for its offset from the start of the file, five for its length), then the slices, end to end.
 */

const ENTRY = 10;
const LIMIT = 99_999;

const digits = (value: number): string => {
  if (value > LIMIT) throw new Error(`The slices file reaches byte ${value}; its index can name ${LIMIT}.`);
  return String(value).padStart(5, "0");
};

/** The slices file that holds `slices`; slice n is found through entry n. */
export function encodeSlices(slices: readonly Uint8Array[]): Uint8Array {
  let offset = slices.length * ENTRY;
  let index = "";
  for (const slice of slices) {
    index += digits(offset) + digits(slice.length);
    offset += slice.length;
  }
  return new Uint8Array(Buffer.concat([Buffer.from(index, "latin1"), ...slices]));
}

/** The slices of a slices file, in index order. */
export function decodeSlices(file: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const entry = (number: number): [offset: number, length: number] => {
    const text = bytes.toString("latin1", number * ENTRY, (number + 1) * ENTRY);
    if (!/^\d{10}$/.test(text)) throw new Error(`Entry ${number} of the slices index is not ten digits.`);
    return [Number(text.slice(0, 5)), Number(text.slice(5))];
  };
  if (bytes.length === 0) return [];
  const indexSize = entry(0)[0];
  if (indexSize === 0 || indexSize % ENTRY !== 0)
    throw new Error(`The slices index ends at byte ${indexSize}, not after an entry.`);
  return Array.from({ length: indexSize / ENTRY }, (_, number) => {
    const [offset, length] = entry(number);
    if (offset < indexSize || offset + length > bytes.length) throw new Error(`Slice ${number} lies outside its file.`);
    return new Uint8Array(bytes.subarray(offset, offset + length));
  });
}
