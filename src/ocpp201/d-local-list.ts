/**
 * @overlay
 * OCPP 2.0.1 Part 2, D. Local authorization list: D01 SendLocalList, D02 GetLocalListVersion.
 */
import { type Cursor, item, member, scalar, space, valueEnd } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { find } from "../kernel/text";
import { PAGE, TOKENS } from "../store/map";
import { beginRecords, Log, openRecords, putRecord, walk } from "../store/records";
import { settingTrue } from "../store/settings";
import { copyList, finishTokens, keyCheck, LIST_ENTRIES, listVersion, tokenKey } from "../store/tokens";
import { readIdToken, readTokenInfo } from "./c-authorization";

/** SendLocalList. */
export function sendLocalList(p: Cursor): void {
  rpc.out += '{"status":"' + update(p, member(p, "localAuthorizationList")) + '"}';
}

/** D-01: all or nothing. The new list grows in the other page, which counts only when it is complete. */
function update(p: Cursor, list: Cursor): string {
  const version = scalar(member(p, "versionNumber"));
  const full = scalar(member(p, "updateType")) === "Full";
  if (!settingTrue(variable("LocalAuthListCtrlr.Enabled"))) {
    return "Failed";
  }
  if (!full && parseInt(version) <= listVersion()) {
    return "VersionMismatch";
  }
  const page = openRecords(TOKENS);
  let to = putRecord(beginRecords(page), "V" + version);
  let seen = "";
  for (let i = list < 0 ? -1 : item(list); i >= 0 && to; i = item(space(valueEnd(i)))) {
    if (seen.length === LIST_ENTRIES * 4) {
      rpc.error = "O"; // LocalAuthListCtrlr.ItemsPerMessage
      return "";
    }
    const key = tokenKey(readIdToken(member(i, "idToken")));
    const info = member(i, "idTokenInfo");
    const check = keyCheck(key);
    if (find(seen, check) >= 0 || (full && info < 0)) {
      return "Failed";
    }
    seen += check;
    if (info >= 0) {
      to = putRecord(to, "L" + key + readTokenInfo(info));
    }
  }
  if (to && !full) {
    to = copyList(page, to, seen);
  }
  if (!to || walk(page ^ PAGE, "L", 0)[Log.Count] > LIST_ENTRIES) {
    return "Failed";
  }
  finishTokens(page, to, 1);
  return "Accepted";
}

/** GetLocalListVersion (D-02). */
export function getLocalListVersion(): void {
  rpc.out += '{"versionNumber":' + (settingTrue(variable("LocalAuthListCtrlr.Enabled")) ? listVersion() : 0) + "}";
}
