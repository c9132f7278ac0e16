/**
 * @overlay
 * Settings: an append log in two raw pages. A record is a length (2 bytes, little endian), a check (2) and `key value`; the last
 * valid record of a key wins, and only what differs from the table's default is kept. When the page is full the living
 * records go to the other page, whose header is written last: a power cut leaves the old page or the new one in force, never both.
 */
import { flashRead, flashWrite } from "../kernel/engine/flash";
import type { VariableKey } from "../kernel/overlay";
import { PAGE, PAGE_HEADER, RAW, SETTINGS, settings } from "./map";
import { blankPage, pageSequence, sealPage } from "./page";
import { SecurityEvent, securityEvent } from "./security-log";
import { Column, line } from "./table";

/** Find the page in force. Called once at boot; on a blank flash the first page becomes it. */
export function openSettings(): void {
  const second = pageSequence(SETTINGS + PAGE);
  const first = pageSequence(SETTINGS);
  settings.page = second > first ? SETTINGS + PAGE : SETTINGS;
  if (!first && !second) {
    if (flashRead(SETTINGS, 1)[0] < 255) {
      securityEvent(SecurityEvent.StorageDamaged, "settings");
    }
    blankPage(SETTINGS);
    sealPage(SETTINGS, 1, RAW);
  }
}

/**
 * Walk the log in the page at `page`: the value of the last valid record of `key` ("" key: none is looked for). The result is
 * [value or undefined, offset of the end, 1 when a record is damaged].
 */
function walk(page: number, key: string): [string | undefined, number, number] {
  let value;
  let damaged = 0;
  let at = page + PAGE_HEADER;
  while (at < page + PAGE - 4) {
    const head = flashRead(at, 8);
    const length = head[0] + head[1] * 256;
    if (length === 0xffff) {
      break;
    }
    if (length < 4 || at + 4 + length > page + PAGE) {
      return [value, page + PAGE, 1];
    }
    if (!key || E.toString(head.subarray(4, 8)) === key) {
      const body = flashRead(at + 4, length);
      if ((E.CRC32(body) & 0xffff) !== head[2] + head[3] * 256) {
        damaged = 1;
      } else if (key) {
        value = E.toString(body).substr(4);
      }
    }
    at += 4 + length;
  }
  return [value, at, damaged];
}

/** The value of a setting as text: what was set, else the default of its line in the table, which is read when it is not given. */
export function setting(key: VariableKey, row?: string[]): string {
  const value = walk(settings.page, key)[0];
  return value === undefined ? (row || line(key)!)[Column.Default] || "" : value;
}

/** Append a record at `at`, unless it reaches beyond the page: then false. */
function append(page: number, at: number, key: string, value: string): boolean {
  const length = 4 + value.length;
  if (at + 4 + length > page + PAGE) {
    return false;
  }
  const record = E.toUint8Array("\0\0\0\0" + key + value);
  const check = E.CRC32(record.subarray(4));
  record[0] = length;
  record[1] = length >> 8;
  record[2] = check;
  record[3] = check >> 8;
  flashWrite(at, record);
  return true;
}

/** Copy the living records to the other page and make that the one in force. */
function snapshot(): void {
  const from = settings.page;
  const to = SETTINGS * 2 + PAGE - from;
  blankPage(to);
  let end = to + PAGE_HEADER;
  for (let at = from + PAGE_HEADER; at < from + PAGE - 8;) {
    const head = flashRead(at, 8);
    const length = head[0] + head[1] * 256;
    if (length < 4 || at + 4 + length > from + PAGE) {
      break;
    }
    const body = flashRead(at + 4, length);
    const key = E.toString(body.subarray(0, 4));
    // The new page is short: look there first whether the key is done.
    if (walk(to, key)[0] === undefined && (E.CRC32(body) & 0xffff) === head[2] + head[3] * 256) {
      const row = line(key);
      const value = row && walk(from, key)[0];
      if (row && value !== undefined && value !== (row[Column.Default] || "") && append(to, end, key, value)) {
        end += 8 + value.length;
      }
    }
    at += 4 + length;
  }
  sealPage(to, pageSequence(from) + 1, RAW);
  settings.page = to;
}

/** Keep `value` for `key`. It is on flash when this returns true; false: the pages are full, nothing has changed. */
export function keep(key: VariableKey, value: string): boolean {
  const log = walk(settings.page, "");
  if (!log[2] && append(settings.page, log[1], key, value)) {
    return true;
  }
  snapshot();
  return append(settings.page, walk(settings.page, "")[1], key, value);
}

/** A setting that is an integer. */
export function settingNumber(key: VariableKey): number {
  return parseInt(setting(key));
}

/** A setting that is a boolean. */
export function settingTrue(key: VariableKey): boolean {
  return setting(key) === "true";
}
