/** Espruino's Storage module on the flash model, for reading: the firmware never writes there. Espruino: src/jsflash.c. */
import { FILES_BYTES, RAW_BYTES, type NorFlash } from "../flash.ts";

const HEADER_BYTES = 32;
const NAME_BYTES = 28;

interface Entry {
  name: string;
  /** In the chip. */
  offset: number;
  length: number;
}

/** The files, in the order of the flash. */
export function files(flash: NorFlash): Entry[] {
  const entries: Entry[] = [];
  const end = RAW_BYTES + FILES_BYTES;
  for (let at = RAW_BYTES; at + HEADER_BYTES <= end;) {
    const size = flash.bytes.readUInt32LE(at);
    if (size === 0xffff_ffff) break;
    const length = size & 0xff_ffff;
    const name = flash.bytes.toString("latin1", at + 4, at + 4 + NAME_BYTES).replace(/\0+$/, "");
    // A name that begins with zeros belongs to a replaced file.
    if (flash.bytes.readUInt32LE(at + 4) !== 0) entries.push({ name, offset: at + HEADER_BYTES, length });
    at += HEADER_BYTES + ((length + 3) & ~3);
  }
  return entries;
}

/** `length` bytes at `offset` of a file; undefined when there is no such file. */
export function readFile(flash: NorFlash, name: string, offset = 0, length = 0): Buffer | undefined {
  const entry = files(flash).find((file) => file.name === name);
  if (!entry) return undefined;
  const from = Math.min(Math.max(0, offset), entry.length);
  const wanted = length > 0 ? length : entry.length;
  return flash.read(entry.offset + from, Math.min(wanted, entry.length - from));
}
