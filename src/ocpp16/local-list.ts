/**
 * @overlay
 * OCPP 1.6, 5.10 GetLocalListVersion, 5.15 SendLocalList (LL-01 … LL-04).
 */
import { answer } from "../kernel/call";
import { type Cursor, member, scalar } from "../kernel/json";
import { opNumber, variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { updateList } from "../station/local-list";
import { settingTrue } from "../store/settings";
import { listEntries, listVersion, tokenKey } from "../store/tokens";
import { readTagInfo, tagOf } from "./authorize";

/** Version of the list as the CSMS knows it: -1 when it is off, 0 when it is empty, whatever was set. */
function versionTold(): number {
  return settingTrue(variable("LocalAuthListCtrlr.Enabled")) ? listEntries() && listVersion() : -1;
}

/** SendLocalList. */
export function sendLocalList(p: Cursor): void {
  const version = parseInt(scalar(member(p, "listVersion")));
  const full = scalar(member(p, "updateType")) === "Full";
  const told = versionTold();
  answer(
    told < 0
      ? "NotSupported"
      : version < 1
        ? "Failed"
        : !full && version <= told
          ? "VersionMismatch"
          : updateList(version, full, member(p, "localAuthorizationList"), opNumber(listed)) || "Failed",
  );
}

/** The AuthorizationData at `p` as it is kept. */
export function listed(p: Cursor): string {
  const info = member(p, "idTagInfo");
  return "L" + tokenKey(tagOf(p, "idTag")) + (info < 0 ? "" : readTagInfo(info));
}

/** GetLocalListVersion. */
export function getLocalListVersion(): void {
  rpc.out += '{"listVersion":' + versionTold() + "}";
}
