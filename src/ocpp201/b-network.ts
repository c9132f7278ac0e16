/**
 * @overlay
 * OCPP 2.0.1 Part 2, B09 SetNetworkProfile and B10 the order in which the profiles are tried (B-40 … B-44, A-12, A-13). A slot's record is
 * one setting, so that a power cut leaves the old profile or the new one: `URL timeout securityProfile version`; what is behind the URL
 * may be missing. `src/kernel/connect.ts` reads it.
 */
import { ALLOW_UNVERIFIED_TLS } from "board";
import { connection } from "../kernel/connection";
import { type Cursor, member, scalar } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { find } from "../kernel/text";
import { liveValue } from "../station/variables";
import { keep, setting } from "../store/settings";

/** SetNetworkProfile (B09): stored, and used when its slot is. */
export function setNetworkProfile(p: Cursor): void {
  const data = member(p, "connectionData");
  const slot = parseInt(scalar(member(p, "configurationSlot")));
  const url = scalar(member(data, "ocppCsmsUrl"));
  const timeout = parseInt(scalar(member(data, "messageTimeout")));
  const profile = parseInt(scalar(member(data, "securityProfile")));
  const version = scalar(member(data, "ocppVersion"));
  let status = "Rejected";
  let reason = "";
  if (slot !== 1 && slot !== 2) {
    reason = "InvalidConfSlot";
  } else if (profile < parseInt(liveValue(6, 0))) {
    reason = "NoSecurityDowngrade";
  } else if (
    scalar(member(data, "ocppTransport")) !== "JSON" ||
    (version !== "OCPP20" && version !== "OCPP16") ||
    find(scalar(member(data, "ocppInterface")), "0") < 0 ||
    member(data, "apn") >= 0 ||
    member(data, "vpn") >= 0 ||
    timeout < 1 ||
    timeout > 3600 ||
    profile > 3 ||
    !urlValid(url, profile > 1 ? "wss://" : "ws://") ||
    // A slot of the list stays one that the station can connect with, or it might be lost for ever.
    (!usable(url, profile) && find(setting(variable("OCPPCommCtrlr.NetworkConfigurationPriority")), "" + slot) >= 0)
  ) {
    reason = "InvalidNetworkConf";
  } else {
    status = "Failed";
    if (
      keep(
        slot === 1 ? variable("NetworkConfiguration.OcppCsmsUrl[1]") : variable("NetworkConfiguration.OcppCsmsUrl[2]"),
        url + " " + timeout + " " + profile + (version === "OCPP16" ? " ocpp1.6" : " ocpp2.0.1"),
      )
    ) {
      status = "Accepted";
      if (slot === connection.worked) {
        connection.worked = -1; // from the next connection on this is another CSMS (B10.FR.10)
      }
    }
  }
  rpc.out += '{"status":"' + status + (reason ? '","statusInfo":{"reasonCode":"' + reason + '"}}' : '"}');
}

/** Is `url` one that `connect` takes: `scheme`, host, port or none, and a path without query? */
export function urlValid(url: string, scheme: string): boolean {
  let port = -1;
  let path = 0;
  let i = scheme.length;
  for (; i < url.length; i++) {
    const c = url.charCodeAt(i);
    const digit = c > 47 && c < 58;
    const plain = digit || (c > 64 && c < 91) || (c > 96 && c < 123) || c === 45 || c === 46;
    if (path) {
      if (!plain && find("_~%/:@+=,;!*()&$", url[i]) < 0) {
        return false;
      }
    } else if (c === 47) {
      path = i;
    } else if (port >= 0) {
      port = port * 10 + c - 48;
      if (!digit || port > 65535) {
        return false;
      }
    } else if (c === 58) {
      port = 0;
    } else if (!plain) {
      return false;
    }
  }
  const first = url[scheme.length];
  return url.substr(0, scheme.length) === scheme && i > scheme.length && first !== "/" && first !== ":" && port !== 0;
}

/** Can this station connect to `url` with this security profile? */
function usable(url: string, profile: number): boolean {
  return !(profile > 2 || (url.substr(0, 4) === "wss:" && !(ALLOW_UNVERIFIED_TLS && setting(variable("Board.CaCertificate")))));
}

/** May `list` be the NetworkConfigurationPriority: each slot holds a profile that this station can connect with (B-41, A-12)? */
export function slotsUsable(list: string): boolean {
  const slots = list.split(",");
  for (let i = 0; i < slots.length; i++) {
    const url = setting(
      slots[i] === "1" ? variable("NetworkConfiguration.OcppCsmsUrl[1]") : variable("NetworkConfiguration.OcppCsmsUrl[2]"),
    );
    const profile = parseInt(url.split(" ")[2]);
    if (!url || profile < parseInt(liveValue(6, 0)) || !usable(url, profile)) {
      return false;
    }
  }
  return true;
}
