/**
 * @overlay
 * Tokens that the station knows: local authorization list and authorization cache, as records (records.ts) of one pair of pages. OCPP 2.0.1
 * Part 2, C10–C14, D01, D02. Keys: `V` version of the list, `L` a listed token, `C` a cached one, oldest use first.
 *
 * What is known about a token is a text: a byte with a bit for each EVSE where it may charge (0: it is not accepted), station time of
 * its expiry and of its last use (4 bytes each, 0 = none), its group. A token or group is a letter for its type, then the text.
 */
import { DATED } from "../kernel/clock";
import { stationTime } from "../kernel/datetime";
import { variable } from "../kernel/overlay";
import { find } from "../kernel/text";
import { PAGE, PAGE_HEADER, TOKENS } from "./map";
import {
  beginRecords,
  copyRecords,
  keepRecord,
  Log,
  nextRecord,
  openRecords,
  putRecord,
  recordText,
  turnRecords,
  walk,
} from "./records";
import { settingNumber, settingTrue } from "./settings";

/** Most entries of the list: with all of them at their longest the cache still has room. */
export const LIST_ENTRIES = 40;

/** The number `n` in 4 bytes. */
export function bytes4(n: number): string {
  return String.fromCharCode(n & 255, (n >> 8) & 255, (n >> 16) & 255, n >> 24);
}

/** The number in the 4 bytes of `text` at `at`. */
function number4(text: string, at: number): number {
  return (
    text.charCodeAt(at) + text.charCodeAt(at + 1) * 256 + text.charCodeAt(at + 2) * 65536 + text.charCodeAt(at + 3) * 16777216
  );
}

/** Key of a token, without its first letter: the case of its letters does not count. */
export function tokenKey(token: string): string {
  return String.fromCharCode(token.length) + token.toLowerCase();
}

/** What is known about `token`, behind `L` (list) or `C` (cache); "": nothing. A use of the cache counts for its LifeTime. */
export function knownToken(token: string): string {
  const page = openRecords(TOKENS);
  const key = tokenKey(token);
  const now = stationTime();
  let value = settingTrue(variable("LocalAuthListCtrlr.Enabled")) ? walk(page, "L" + key, 0)[Log.Value] : undefined;
  if (value !== undefined) {
    const until = number4(value, 1);
    return "L" + (until && now >= DATED && now >= until ? "\0" : value);
  }
  value = settingTrue(variable("AuthCacheCtrlr.Enabled")) ? walk(page, "C" + key, 0)[Log.Value] : undefined;
  if (value === undefined) {
    return "";
  }
  const until = number4(value, 1);
  const life = settingNumber(variable("AuthCacheCtrlr.LifeTime"));
  if (now >= DATED && (until ? now >= until : life && now - number4(value, 5) >= life)) {
    return "";
  }
  keepCached(page, key, value);
  return "C" + value;
}

/** Into the cache with `value`, which is used now. When the page is full the tokens used longest ago go. */
function keepCached(page: number, key: string, value: string): void {
  value = value.substr(0, 5) + bytes4(stationTime()) + value.substr(9);
  if (!keepRecord(page, "C" + key, value)) {
    keepRecord(finishTokens(page, copyListed(page), 1), "C" + key, value);
  }
}

/** The CSMS said `value` about `token`: into the cache with it (C10). Tokens of the list, Central and no token are none of its business. */
export function rememberToken(token: string, value: string): void {
  if (token[0] === "C" || token[0] === "N" || !settingTrue(variable("AuthCacheCtrlr.Enabled"))) {
    return;
  }
  const page = openRecords(TOKENS);
  const key = tokenKey(token);
  if (!walk(page, "L" + key, 0)[Log.At]) {
    keepCached(page, key, value);
  }
}

/** Begin the successor of `page` with the list as it is. Where it goes on. */
function copyListed(page: number): number {
  return copyRecords(page, copyRecords(page, beginRecords(page), "V", 0), "L", 0);
}

/** Forget the cache, and nothing else (C11). */
export function clearCache(): void {
  const page = openRecords(TOKENS);
  finishTokens(page, copyListed(page), 0);
}

/**
 * The successor of `page` has its list, and goes on at `to`: with `cache` 1 the tokens used last follow, in half of what is left, so that there is
 * room for more. The page in force now.
 */
export function finishTokens(page: number, to: number, cache: number): number {
  if (cache) {
    const room = (PAGE - (to % PAGE)) >> 1;
    copyRecords(page, to, "C", walk(page, "C", 0)[Log.Bytes] - room);
  }
  return turnRecords(page);
}

/** Version of the list, 0 when there is none. */
export function listVersion(): number {
  return parseInt(walk(openRecords(TOKENS), "V", 0)[Log.Value] || "0");
}

/** Number of entries of the list. */
export function listEntries(): number {
  return walk(openRecords(TOKENS), "L", 0)[Log.Count];
}

/** Copy the list of `page` to `to` but for the tokens whose key has its check in `but`. Where the next record goes, 0 when it does not fit. */
export function copyList(page: number, to: number, but: string): number {
  let at = nextRecord(page + PAGE_HEADER, "L");
  while (at && to) {
    const text = recordText(at);
    if (find(but, keyCheck(text.substr(1, 1 + text.charCodeAt(1)))) < 0) {
      to = putRecord(to, text);
    }
    at = nextRecord(at + 4 + text.length, "L");
  }
  return to;
}

/** Four bytes that stand for a key in a list of many. */
export function keyCheck(key: string): string {
  return bytes4(E.CRC32(key) | 0);
}
