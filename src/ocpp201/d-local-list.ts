/**
 * @overlay
 * OCPP 2.0.1 Part 2, D. Local authorization list: D01 SendLocalList, D02 GetLocalListVersion.
 */
import { type Cursor, member, scalar } from "../kernel/json";
import { opNumber, variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { updateList } from "../station/local-list";
import { settingTrue } from "../store/settings";
import { listVersion, tokenKey } from "../store/tokens";
import { answer } from "../kernel/call";
import { readIdToken, readTokenInfo } from "./c-authorization";

/** SendLocalList (D-01). */
export function sendLocalList(p: Cursor): void {
  const version = parseInt(scalar(member(p, "versionNumber")));
  const full = scalar(member(p, "updateType")) === "Full";
  const status = !settingTrue(variable("LocalAuthListCtrlr.Enabled"))
    ? "Failed"
    : !full && version <= listVersion()
      ? "VersionMismatch"
      : updateList(version, full, member(p, "localAuthorizationList"), opNumber(listed));
  if (status) {
    answer(status);
  } else {
    rpc.error = "O"; // LocalAuthListCtrlr.ItemsPerMessage
  }
}

/** The AuthorizationData at `p` as it is kept. */
export function listed(p: Cursor): string {
  const info = member(p, "idTokenInfo");
  return "L" + tokenKey(readIdToken(member(p, "idToken"))) + (info < 0 ? "" : readTokenInfo(info));
}

/** GetLocalListVersion (D-02). */
export function getLocalListVersion(): void {
  rpc.out += '{"versionNumber":' + (settingTrue(variable("LocalAuthListCtrlr.Enabled")) ? listVersion() : 0) + "}";
}
