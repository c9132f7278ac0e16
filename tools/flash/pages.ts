/** Pages of the raw area (docs/ARCHITECTURE.md, "Flash map"): their places and headers. */
import { crc32 } from "node:zlib";
import { PAGE_BYTES, RAW_BYTES } from "../sim/flash.ts";

export { PAGE_BYTES, RAW_BYTES };

/** First page and number of pages of each log. */
export const SETTINGS_PAGES = { first: 0, count: 2 };
export const JOURNAL_PAGES = { first: 2, count: 8 };
export const SECURITY_PAGES = { first: 10, count: 2 };
export const TOKEN_PAGES = { first: 12, count: 2 };
export const PROFILE_PAGES = { first: 14, count: 2 };
export const HEADER_BYTES = 8;

/** Kinds of page: records as they were written; the same, but packing would not make it smaller (a bit fell); blocks of records. */
export const PLAIN = 3;
export const KEPT = 2;
export const PACKED = 1;

/** Something that cannot be read. */
export interface Damage {
  /** Offset in the raw area. */
  at: number;
  /** Ends a sentence that begins with the place. */
  what: string;
}

export interface Page {
  /** In the raw area, from 0. */
  number: number;
  /** Offset in the raw area. */
  at: number;
  sequence: number;
  type: number;
  /** A boot does not read it again. */
  done: boolean;
  bytes: Buffer;
}

/** Check of a header, a setting and other things with two bytes for it. */
export function check16(bytes: Uint8Array): number {
  return crc32(bytes) & 0xffff;
}

/** Check of a record of journal or security log: tells each single wrong bit, and is never 255, which an unwritten byte is. */
export function recordCheck(bytes: Uint8Array): number {
  const crc = crc32(bytes);
  return (((crc >>> 5) ^ (crc >>> 10) ^ (crc >>> 11) ^ (crc >>> 12) ^ (crc >>> 19)) & 255) % 255;
}

/** A record of journal or security log: its length, `content`, its check. */
export function frame(content: Uint8Array | readonly number[]): Buffer {
  const record = Buffer.from([content.length + 1, ...content, 0]);
  record[record.length - 1] = recordCheck(record.subarray(0, -1));
  return record;
}

/** Has the record that check? */
export function isWhole(record: Buffer): boolean {
  return record.length >= 3 && recordCheck(record.subarray(0, -1)) === record.at(-1);
}

/** Is every byte from `at` to `end` erased? */
export function isBlank(bytes: Uint8Array, at = 0, end = bytes.length): boolean {
  for (let i = at; i < end; i++) if (bytes[i] !== 0xff) return false;
  return true;
}

/** Does the page have content, but no header yet? The header is written last. */
export function isUnfinished(raw: Uint8Array, number: number): boolean {
  const page = raw.subarray(number * PAGE_BYTES, (number + 1) * PAGE_BYTES);
  return isBlank(page, 0, HEADER_BYTES) && !isBlank(page);
}

/** The pages of a log that have a valid header, oldest first; a header that is neither valid nor blank is damage. */
export function readPages(raw: Uint8Array, log: { first: number; count: number }, damage: Damage[]): Page[] {
  const pages: Page[] = [];
  for (let number = log.first; number < log.first + log.count; number++) {
    const at = number * PAGE_BYTES;
    const bytes = Buffer.from(raw.subarray(at, at + PAGE_BYTES));
    const sequence = bytes.readUInt32LE(0);
    if (isBlank(bytes, 0, HEADER_BYTES)) continue;
    if (sequence === 0 || check16(bytes.subarray(0, 4)) !== bytes.readUInt16LE(4)) {
      damage.push({ at, what: "a page without a valid header; its content counts for nothing" });
    } else if (bytes[6] < PACKED || bytes[6] > PLAIN) {
      damage.push({ at: at + 6, what: `a page of unknown kind ${bytes[6]}` });
    } else {
      pages.push({ number, at, sequence, type: bytes[6], done: bytes[7] !== 0xff, bytes });
    }
  }
  return pages.sort((a, b) => a.sequence - b.sequence);
}

/** A blank page with a header. */
export function newPage(sequence: number, type = PLAIN): Buffer {
  const page = Buffer.alloc(PAGE_BYTES, 0xff);
  page.writeUInt32LE(sequence, 0);
  page.writeUInt16LE(check16(page.subarray(0, 4)), 4);
  page[6] = type;
  return page;
}
