/**
 * @overlay
 * Settings: what differs from the table's defaults, as records (records.ts) with keys of four characters.
 */
import type { VariableKey } from "../kernel/overlay";
import { PAGE_HEADER, SETTINGS, settings } from "./map";
import {
  beginRecords,
  keepRecord,
  Log,
  nextRecord,
  openRecords,
  putRecord,
  recordText,
  removeRecord,
  turnRecords,
  walk,
} from "./records";
import { Column, line } from "./table";

/** Find the page in force. Called once at boot; on a blank flash the first page becomes it. */
export function openSettings(): void {
  settings.page = openRecords(SETTINGS);
}

/** The value of a setting as text: what was set, else the default of its line in the table, which is read when it is not given. */
export function setting(key: VariableKey, row?: string[]): string {
  const value = walk(settings.page, key, 0)[Log.Value];
  return value === undefined ? (row || line(key)!)[Column.Default] || "" : value;
}

/** Keep `value` for `key`. It is on flash when this returns true; false: the pages are full, nothing has changed. */
export function keep(key: VariableKey, value: string): boolean {
  if (value === (line(key)![Column.Default] || "")) {
    removeRecord(settings.page, key);
    return true;
  }
  if (keepRecord(settings.page, key, value)) {
    return true;
  }
  // The successor takes all others and this one: its old value needs no room there.
  let to = beginRecords(settings.page);
  let at = nextRecord(settings.page + PAGE_HEADER, "");
  while (at && to) {
    const text = recordText(at);
    if (text.substr(0, 4) !== key) {
      to = putRecord(to, text);
    }
    at = nextRecord(at + 4 + text.length, "");
  }
  if (!to || !putRecord(to, key + value)) {
    return false;
  }
  settings.page = turnRecords(settings.page);
  return true;
}

/** A setting that is an integer. */
export function settingNumber(key: VariableKey): number {
  return parseInt(setting(key));
}

/** A setting that is a boolean. */
export function settingTrue(key: VariableKey): boolean {
  return setting(key) === "true";
}
