/**
 * @overlay
 * Records in a pair of raw pages, of which one is in force: settings, tokens, charging profiles. A record is its length (2 bytes, little
 * endian), a check (2) and a text that begins with its key; the last valid one of a key wins. A record whose check was written over with
 * zeros is dead. What does not fit goes, with all that lives, to the other page, whose header is written last: a power cut leaves the
 * old page or the new one in force, never both.
 */
import { flashRead, flashWrite } from "../kernel/engine/flash";
import { PAGE, PAGE_HEADER, RAW } from "./map";
import { blankPage, pageSequence, sealPage } from "./page";
import { SecurityEvent, securityEvent } from "./security-log";

/** What `walk` has found. */
export const enum Log {
  /** What is behind the key in the last valid record that begins with it; undefined: there is none. */
  Value,
  /** Position of that record, 0: there is none. */
  At,
  /** Where the next record goes. */
  End,
  /** 1 when a record is damaged: nothing may be written behind it. */
  Damaged,
  /** How many records begin with the key, and their bytes. */
  Count,
  Bytes,
}

/** The page in force of the pair that begins at `pair`. In a blank pair its first page becomes it. */
export function openRecords(pair: number): number {
  const first = pageSequence(pair);
  const second = pageSequence(pair + PAGE);
  if (!first && !second) {
    if (flashRead(pair, 1)[0] < 255) {
      securityEvent(SecurityEvent.StorageDamaged, pair ? "page " + pair / PAGE : "settings");
    }
    blankPage(pair);
    sealPage(pair, 1, RAW);
  }
  return second > first ? pair + PAGE : pair;
}

/** Check of a record's text: never 0, which a dead one has. */
function recordCheck(text: Uint8Array | string): number {
  return E.CRC32(text) & 0xffff || 1;
}

/**
 * Look for the records of `page` that begin with `key` ("": all). `tidy` 1: every record is checked, and of those found only the last stays
 * alive (a power cut between a record and the death of its predecessor leaves two).
 */
export function walk(page: number, key: string, tidy: number): [string | undefined, number, number, number, number, number] {
  let value;
  let found = 0;
  let damaged = 0;
  let count = 0;
  let bytes = 0;
  let at = page + PAGE_HEADER;
  while (at < page + PAGE - 4) {
    const head = flashRead(at, 4 + key.length);
    const length = head[0] + head[1] * 256;
    if (length === 0xffff) {
      break;
    }
    if (!length || at + 4 + length > page + PAGE) {
      damaged = 1;
      at = page + PAGE;
      break;
    }
    const check = head[2] + head[3] * 256;
    const match = !key || E.toString(head.subarray(4)) === key;
    if (check && (match || tidy)) {
      const body = flashRead(at + 4, length);
      if (recordCheck(body) !== check) {
        damaged = 1;
      } else if (match) {
        if (tidy && found) {
          killRecord(found);
        }
        value = E.toString(body).substr(key.length);
        found = at;
        count++;
        bytes += 4 + length;
      }
    }
    at += 4 + length;
  }
  return [value, found, at, damaged, count, bytes];
}

/** Let the record at `at` be dead. */
export function killRecord(at: number): void {
  flashWrite(at + 2, new Uint8Array(2));
}

/** Write a record at `at`: where the next one goes, 0 when it does not fit into the page. */
export function putRecord(at: number, text: string): number {
  const end = at + 4 + text.length;
  if (end > at - ((at - 1) % PAGE) - 1 + PAGE) {
    return 0;
  }
  const record = E.toUint8Array("\0\0\0\0" + text);
  const check = recordCheck(text);
  record[0] = text.length;
  record[1] = text.length >> 8;
  record[2] = check;
  record[3] = check >> 8;
  flashWrite(at, record);
  return end;
}

/** Keep `value` for `key` in the page in force. False: the page is full or damaged, and nothing has changed. */
export function keepRecord(page: number, key: string, value: string): boolean {
  const log = walk(page, key, 1);
  if (log[Log.Value] !== value) {
    if (log[Log.Damaged] || !putRecord(log[Log.End], key + value)) {
      return false;
    }
    if (log[Log.At]) {
      killRecord(log[Log.At]);
    }
  }
  return true;
}

/** Forget the record of `key`. */
export function removeRecord(page: number, key: string): void {
  const at = walk(page, key, 1)[Log.At];
  if (at) {
    killRecord(at);
  }
}

/** Begin the successor of `page`: where its first record goes. Nothing in it counts until `turnRecords`. */
export function beginRecords(page: number): number {
  blankPage(page ^ PAGE);
  return (page ^ PAGE) + PAGE_HEADER;
}

/** Position of the first living record at `at` or behind it, in its page, that begins with `key` ("": any); 0: there is none. */
export function nextRecord(at: number, key: string): number {
  const end = at - ((at - 1) % PAGE) - 1 + PAGE;
  while (at < end - 4) {
    const head = flashRead(at, 4 + key.length);
    const length = head[0] + head[1] * 256;
    if (!length || at + 4 + length > end) {
      break;
    }
    const check = head[2] + head[3] * 256;
    if (check && (!key || E.toString(head.subarray(4)) === key) && recordCheck(flashRead(at + 4, length)) === check) {
      return at;
    }
    at += 4 + length;
  }
  return 0;
}

/** The text of the record at `at`: key and value. */
export function recordText(at: number): string {
  const head = flashRead(at, 2);
  return E.toString(flashRead(at + 4, head[0] + head[1] * 256));
}

/**
 * Copy the living records of `page` that begin with `key` to `to`, without the oldest ones up to `skip` bytes. Where the next record
 * goes, 0 when they do not fit.
 */
export function copyRecords(page: number, to: number, key: string, skip: number): number {
  let at = nextRecord(page + PAGE_HEADER, key);
  while (at && to) {
    const text = recordText(at);
    if (skip > 0) {
      skip -= 4 + text.length;
    } else {
      to = putRecord(to, text);
    }
    at = nextRecord(at + 4 + text.length, key);
  }
  return to;
}

/** The successor of `page` is complete: it is in force from now on, and the result. */
export function turnRecords(page: number): number {
  sealPage(page ^ PAGE, pageSequence(page) + 1, RAW);
  return page ^ PAGE;
}

/** Take all that lives in `page` to its successor, which is the result. */
export function compactRecords(page: number): number {
  copyRecords(page, beginRecords(page), "", 0);
  return turnRecords(page);
}
