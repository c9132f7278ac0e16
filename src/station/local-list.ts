/**
 * @overlay
 * SendLocalList: OCPP 2.0.1 Part 2, D01; OCPP 1.6, 3.5 and 5.15. Knows no protocol: that reads the entries.
 */
import { type Cursor, item, message, space, valueEnd } from "../kernel/json";
import { load } from "../kernel/overlay";
import { find } from "../kernel/text";
import { PAGE, TOKENS } from "../store/map";
import { beginRecords, Log, openRecords, putRecord, walk } from "../store/records";
import { copyList, finishTokens, keyCheck, LIST_ENTRIES } from "../store/tokens";

/**
 * The entries of the array at `list` (-1: none) make the whole list (`full`) or change it; it is then of `version`. Operation `read` gives an entry as
 * it is kept, `L`, key and what is known; the key alone removes it. The answer's status, "" when there are too many. All or nothing: the new
 * list grows in the other page, which counts only when it is complete.
 */
export function updateList(version: number, full: boolean, list: Cursor, read: number): string {
  const page = openRecords(TOKENS);
  let to = putRecord(beginRecords(page), "V" + version);
  let seen = "";
  for (let i = list < 0 ? -1 : item(list); i >= 0 && to; i = item(space(valueEnd(i)))) {
    if (seen.length === LIST_ENTRIES * 4) {
      return "";
    }
    const entry = load(read, i) as string;
    const size = 1 + entry.charCodeAt(1);
    const check = keyCheck(entry.substr(1, size));
    const known = entry.length > 1 + size;
    if (find(seen, check) >= 0 || (full && !known)) {
      return "Failed";
    }
    seen += check;
    if (known) {
      to = putRecord(to, entry);
    }
  }
  message.text = ""; // all has been read: room for what follows
  if (to && !full) {
    to = copyList(page, to, seen);
  }
  if (!to || walk(page ^ PAGE, "L", 0)[Log.Count] > LIST_ENTRIES) {
    return "Failed";
  }
  finishTokens(page, to, 1);
  return "Accepted";
}
