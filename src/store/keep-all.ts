/**
 * @overlay
 * Several settings that count at once or not at all: they go to the other settings page with all that lives, and its header is written last
 * (records.ts).
 */
import type { VariableKey } from "../kernel/overlay";
import { PAGE_HEADER, settings } from "./map";
import { beginRecords, nextRecord, putRecord, recordText, turnRecords } from "./records";
import { Column, line } from "./table";

/** Keep `values` for `keys`. False: there is no room, and nothing has changed. */
export function keepAll(keys: VariableKey[], values: string[]): boolean {
  let to = beginRecords(settings.page);
  let at = nextRecord(settings.page + PAGE_HEADER, "");
  while (at && to) {
    const text = recordText(at);
    if (keys.indexOf(text.substr(0, 4)) < 0) {
      to = putRecord(to, text);
    }
    at = nextRecord(at + 4 + text.length, "");
  }
  for (let i = 0; i < keys.length && to; i++) {
    if (values[i] !== (line(keys[i])![Column.Default] || "")) {
      to = putRecord(to, keys[i] + values[i]);
    }
  }
  if (to) {
    settings.page = turnRecords(settings.page);
  }
  return to > 0;
}
