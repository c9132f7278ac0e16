/**
 * The engine's Storage area as bytes. A record is a head of 32 bytes (size in the low 24 bits of a little-endian word with
 * flags above it, then the name in 28 bytes, zero padded), the data, and 0xFF up to the next multiple of four. A size word
 * of 0xFFFFFFFF ends the list; a name that begins with four zero bytes is a deleted record.
 */

export interface StorageFile {
  name: string;
  bytes: Uint8Array;
}

/** Bytes of a record's head. */
export const STORAGE_HEAD = 32;
const HEAD = STORAGE_HEAD;
const NAME_LENGTH = 28;
const MAX_SIZE = 0xffffff;
const END = 0xffffffff;

const aligned = (size: number): number => (size + 3) & ~3;

/** The records of `files`, in their order, without padding to the size of the chip. */
export function encodeStorage(files: readonly StorageFile[]): Uint8Array {
  const image = Buffer.alloc(
    files.reduce((size, file) => size + HEAD + aligned(file.bytes.length), 0),
    0xff,
  );
  let at = 0;
  for (const { name, bytes } of files) {
    if (!/^[!-~]{1,28}$/.test(name) || name[1] === ":")
      throw new Error(`Storage file name "${name}" is not 1 to ${NAME_LENGTH} printable characters without a drive prefix.`);
    if (bytes.length === 0 || bytes.length > MAX_SIZE)
      throw new Error(`Storage file "${name}" has ${bytes.length} bytes; a file has 1 to ${MAX_SIZE}.`);
    image.writeUInt32LE(bytes.length, at);
    image.fill(0, at + 4, at + HEAD);
    image.write(name, at + 4, "latin1");
    image.set(bytes, at + HEAD);
    at += HEAD + aligned(bytes.length);
  }
  return new Uint8Array(image);
}

/** The files of a Storage area, deleted ones left out; the area may end with its last record or with 0xFF. */
export function decodeStorage(area: Uint8Array): StorageFile[] {
  const image = Buffer.from(area.buffer, area.byteOffset, area.length);
  const files: StorageFile[] = [];
  let at = 0;
  while (at < image.length) {
    if (at + 4 > image.length) throw new Error(`Storage ends inside a record head at byte ${at}.`);
    const word = image.readUInt32LE(at);
    if (word === END) break;
    const size = word & MAX_SIZE;
    if (at + HEAD + size > image.length)
      throw new Error(
        `The Storage record at byte ${at} announces ${size} bytes, but only ${Math.max(0, image.length - at - HEAD)} follow.`,
      );
    if (image.readUInt32LE(at + 4) !== 0) {
      const name = image.toString("latin1", at + 4, at + HEAD).replace(/\0[^]*$/, "");
      if (!/^[!-~]+$/.test(name)) throw new Error(`The Storage record at byte ${at} has no printable name.`);
      files.push({ name, bytes: new Uint8Array(image.subarray(at + HEAD, at + HEAD + size)) });
    }
    at += HEAD + aligned(size);
  }
  return files;
}
