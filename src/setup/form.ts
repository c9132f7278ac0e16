/**
 * @overlay
 * The form of the page (application/x-www-form-urlencoded), its check and its settings.
 */
import { variable, type VariableKey } from "../kernel/overlay";
import { find } from "../kernel/text";
import { urlValid } from "../ocpp201/b-network";
import { reset } from "../station/seconds";
import { keepAll } from "../store/keep-all";
import { setting } from "../store/settings";
import { canonicalValue, line } from "../store/table";
import { setup } from "./setup";
import { beginTrial } from "./steps";

/** Value of the field `name`, "" when it is not there. */
export function field(body: string, name: string): string {
  const framed = "&" + body + "&";
  const from = find(framed, "&" + name + "=");
  if (from < 0) {
    return "";
  }
  const start = from + name.length + 2;
  const text = framed.substring(start, framed.indexOf("&", start));
  let value = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "%") {
      const high = find("0123456789ABCDEF", text.substr(i + 1, 1).toUpperCase());
      const low = find("0123456789ABCDEF", text.substr(i + 2, 1).toUpperCase());
      value += i + 2 < text.length && high >= 0 && low >= 0 ? String.fromCharCode(high * 16 + low) : "\0";
      i += 2;
    } else {
      value += c === "+" ? " " : c;
    }
  }
  return value;
}

/** The value of `name` as the setting `key` takes it, undefined when it does not. */
function checked(body: string, name: string, key: VariableKey): string | undefined {
  return canonicalValue(line(key)!, field(body, name));
}

/** Are the bytes of a name or password of Wi-Fi from `least` to `most` in number, without control characters? */
function wifiText(text: string, least: number, most: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 32) {
      return false;
    }
  }
  return text.length >= least && text.length <= most;
}

/** The password of the network: what has come, else that of the same network; of another one an empty one is none. */
export function wifiPassword(body: string): string {
  const known = field(body, "ssid") === setting(variable("Board.WifiSsid"));
  return field(body, "key") || (known ? setting(variable("Board.WifiPassword")) : "");
}

/** The password for the CSMS, likewise: that of one CSMS is not told another. */
export function csmsPassword(body: string): string {
  const known =
    field(body, "url") === setting(variable("NetworkConfiguration.OcppCsmsUrl[1]")).split(" ")[0] &&
    field(body, "id") === setting(variable("SecurityCtrlr.Identity"));
  return field(body, "password") || (known ? setting(variable("SecurityCtrlr.BasicAuthPassword")) : "");
}

/** The first field that is wrong, "" when none is. */
function wrong(body: string): string {
  const key = field(body, "key");
  const id = checked(body, "id", variable("SecurityCtrlr.Identity"));
  if (!wifiText(field(body, "ssid"), 1, 32)) {
    return "ssid";
  }
  if (key && !wifiText(key, 8, 63)) {
    return "key";
  }
  if (!urlValid(field(body, "url"), "ws://")) {
    return "url";
  }
  // A colon would end the identity in the Authorization header (RFC 7617 2).
  if (id === undefined || id.indexOf(":") >= 0) {
    return "id";
  }
  if (field(body, "password") && checked(body, "password", variable("SecurityCtrlr.BasicAuthPassword")) === undefined) {
    return "password";
  }
  if (checked(body, "version", variable("NetworkConfiguration.OcppVersion[1]")) === undefined) {
    return "version";
  }
  return checked(body, "amps", variable("Board.MaxCurrent")) === undefined ? "amps" : "";
}

/** Try (`trial`) or save what has come: "" when that begins, else the field that is wrong, or `busy` or `full`. */
export function form(body: string, trial: boolean): string {
  const trouble = setup.trial ? "busy" : wrong(body);
  if (trouble) {
    return trouble;
  }
  if (trial) {
    beginTrial(body);
    return "";
  }
  const stored = keepAll(
    [
      variable("Board.WifiSsid"),
      variable("Board.WifiPassword"),
      variable("NetworkConfiguration.OcppCsmsUrl[1]"),
      variable("SecurityCtrlr.Identity"),
      variable("SecurityCtrlr.BasicAuthPassword"),
      variable("NetworkConfiguration.OcppVersion[1]"),
      variable("Board.MaxCurrent"),
    ],
    [
      field(body, "ssid"),
      wifiPassword(body),
      field(body, "url"),
      field(body, "id"),
      csmsPassword(body),
      field(body, "version"),
      checked(body, "amps", variable("Board.MaxCurrent"))!,
    ],
  );
  if (!stored) {
    return "full";
  }
  // At once, or when no transaction runs any more.
  reset(false, 0);
  return "";
}
