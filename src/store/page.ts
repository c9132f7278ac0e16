/**
 * @overlay
 * Pages of an append log in raw flash: a header with a sequence number makes a page valid, and it is written last.
 */
import { flashErase, flashRead, flashWrite } from "../kernel/engine/flash";
import { journal } from "./journal";
import { JOURNAL, JOURNAL_END, PAGE, PAGE_HEADER } from "./map";

/** Sequence number of the page at `page`, 0 when the page holds no valid header. */
export function pageSequence(page: number): number {
  const head = flashRead(page, PAGE_HEADER);
  const check = E.CRC32(head.subarray(0, 4));
  const valid = head[4] === (check & 255) && head[5] === ((check >> 8) & 255) && head[6] > 0 && head[6] < 4;
  return valid ? head[0] + head[1] * 256 + head[2] * 65536 + head[3] * 16777216 : 0;
}

/**
 * Check of record `r`, whose last byte is kept for it: a byte folded from its CRC-32 in such a way that each single wrong bit of up to 240
 * bytes is told (a plain byte of it misses one in 256), and never 255, so that a record whose end is blank does not pass.
 * @inline
 */
export function recordCheck(r: Uint8Array): number {
  const crc = E.CRC32(r.subarray(0, r.length - 1));
  return (((crc >>> 5) ^ (crc >>> 10) ^ (crc >>> 11) ^ (crc >>> 12) ^ (crc >>> 19)) & 255) % 255;
}

/** Make the page at `page` valid as number `sequence`, of kind `kind`. */
export function sealPage(page: number, sequence: number, kind: number): void {
  const head = E.toUint8Array([sequence & 255, (sequence >> 8) & 255, (sequence >> 16) & 255, sequence >>> 24, 0, 0, kind, 255]);
  const check = E.CRC32(head.subarray(0, 4));
  head[4] = check;
  head[5] = check >> 8;
  flashWrite(page, head);
}

/**
 * Erase the page at `page` unless it is blank from its first byte to its last.
 * @inline
 */
export function blankPage(page: number): void {
  if (!blankFrom(page, page + PAGE)) {
    flashErase(page);
  }
}

/** Is everything from `at` up to `end` blank? */
export function blankFrom(at: number, end: number): boolean {
  while (at < end) {
    const part = flashRead(at, end - at > 128 ? 128 : end - at);
    for (let i = 0; i < part.length; i++) {
      if (part[i] !== 255) {
        return false;
      }
    }
    at += part.length;
  }
  return true;
}

/** Mark the page that holds `at` as done with. */
export function pageDone(at: number): void {
  flashWrite(at - (at % PAGE) + PAGE_HEADER - 1, new Uint8Array(1));
}

/** Mark the pages of the journal before number `sequence` as done with. */
export function pagesDone(sequence: number): void {
  for (let page = JOURNAL; page < JOURNAL_END; page += PAGE) {
    if (pageInUse(page) && pageSequence(page) < sequence) {
      pageDone(page);
    }
  }
}

/**
 * Is the page at `page` of the journal in use: valid and not done with, or being packed into?
 * @inline
 */
export function pageInUse(page: number): boolean {
  return (pageSequence(page) > 0 && flashRead(page + PAGE_HEADER - 1, 1)[0] > 0) || page === journal.target;
}

/** Pages of the journal that are not in use. */
export function freePages(): number {
  let free = 0;
  for (let page = JOURNAL; page < JOURNAL_END; page += PAGE) {
    if (!pageInUse(page)) {
      free++;
    }
  }
  return free;
}
