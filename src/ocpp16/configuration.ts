/**
 * @overlay
 * OCPP 1.6, 5.8 GetConfiguration and 5.3 ChangeConfiguration: its keys are names for variables of the table, the letter before a name is the form
 * that 1.6 has the value in (CF-01 … CF-04, MV-05).
 */
import { quote } from "../kernel/escape";
import { type Cursor, item, member, message, scalar, valueEnd } from "../kernel/json";
import { opNumber, table, variable } from "../kernel/overlay";
import { FRAGMENT, rpc } from "../kernel/rpc";
import { find } from "../kernel/text";
import { evses } from "../station/evse";
import { applySetting, valueOf } from "../station/variables";
import { keep } from "../store/settings";
import { canonicalValue, Column, configurationAt } from "../store/table";

/** Bits of `rpc.at` while named keys are answered; above them the place of the next one, 12 bits, and of the first. */
const WRITTEN = 1;
const UNKNOWN = 2;
const NEXT = 4;
const FIRST = 16384;

/** GetConfiguration: stream. When all keys are wanted `rpc.at` is minus the place of the next one in the table. */
export function getConfiguration(p: Cursor): void {
  const list = member(p, "key");
  const first = list < 0 ? -1 : item(list);
  rpc.out += '{"configurationKey":[';
  rpc.at = first < 0 ? -table("variables").indexOf("\t") : first * (FIRST + NEXT);
  rpc.stream = opNumber(answerKeys);
}

/** Answer keys until a fragment is full; named ones twice: those that the station has, then those that it has not. */
export function answerKeys(): void {
  while (rpc.stream && rpc.out.length < FRAGMENT) {
    let more;
    if (rpc.at < 0) {
      const text = table("variables");
      const at = -rpc.at;
      answerKey(at, '"' + text.substring(at + 2, text.indexOf(";", at)) + '"');
      more = text.indexOf("\t", at + 1);
      rpc.at = -more;
      rpc.out += more < 0 ? "" : ",";
    } else {
      const from = (rpc.at >> 2) & 4095;
      const end = valueEnd(from);
      const at = configurationAt(scalar(from));
      const name = message.text.substring(from, end);
      const unknown = rpc.at & UNKNOWN;
      if (at < 0 === unknown > 0) {
        rpc.out += rpc.at & WRITTEN ? "," : unknown ? '],"unknownKey":[' : "";
        rpc.at |= WRITTEN;
        if (unknown) {
          rpc.out += name;
        } else {
          answerKey(at, name);
        }
      }
      more = item(end);
      if (more >= 0) {
        rpc.at += (more - from) * NEXT;
      } else if (!unknown) {
        more = 0;
        rpc.at = (rpc.at >> 14) * (FIRST + NEXT) + UNKNOWN;
      }
    }
    if (more < 0) {
      rpc.out += "]}";
      rpc.stream = 0;
    }
  }
}

/** Columns of the variable whose key is at `at` of the table. */
function keyRow(at: number): string[] {
  const text = table("variables");
  const row = text.substring(text.lastIndexOf("\n", at) + 1, text.indexOf("\n", at)).split(";");
  if (evses.fixed && row[Column.Key] === variable("OCPPCommCtrlr.UnlockOnEVSideDisconnect")) {
    row[Column.Kind] = "sbw\tf"; // there is nothing to unlock
  }
  return row;
}

/** A KeyValue: the key at `at` of the table, called `name`. */
function answerKey(at: number, name: string): void {
  const row = keyRow(at);
  const form = row[Column.Kind][4];
  rpc.out += '{"key":' + name + ',"readonly":' + (find("wop", form) < 0);
  if (form !== "o") {
    const value =
      form === "f" ? "false" : form === "m" ? row[Column.Limits].substr(find(row[Column.Limits], "..") + 2) : valueOf(row, 0);
    rpc.out += ',"value":' + quote(form === "u" ? value.replace("A", "Current").replace("W", "Power") : value);
  }
  rpc.out += "}";
}

/** ChangeConfiguration. */
export function changeConfiguration(p: Cursor): void {
  const at = configurationAt(scalar(member(p, "key")));
  let status = at < 0 ? "NotSupported" : "Rejected";
  if (at >= 0) {
    const row = keyRow(at);
    const key = row[Column.Key];
    const form = row[Column.Kind][4];
    const text = scalar(member(p, "value"));
    const value =
      form === "o"
        ? hexBytes(text)
        : form === "p"
          ? rotation(text)
          : form === "w"
            ? canonicalValue(row, row[Column.Kind][1] === "m" ? text.split(" ").join("") : text)
            : undefined;
    if (value !== undefined && keep(key, value)) {
      applySetting(key);
      status = "Accepted";
    }
  }
  rpc.out += '{"status":"' + status + '"}';
}

/** The 16 to 20 bytes that `text` has the hexadecimal digits of; undefined when it has not (SE-03). */
function hexBytes(text: string): string | undefined {
  let bytes = "";
  let high = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = parseInt(text[i], 16);
    if (!(digit >= 0)) {
      return undefined;
    }
    if (i & 1) {
      bytes += String.fromCharCode(high * 16 + digit);
    }
    high = digit;
  }
  return text.length & 1 || bytes.length < 16 || bytes.length > 20 ? undefined : bytes;
}

/** `text` as the ConnectorPhaseRotation `0.Unknown,1.RST` without blanks, undefined when it is none. */
function rotation(text: string): string | undefined {
  const value = text.split(" ").join("");
  const items = value.split(",");
  for (let i = 0; i < items.length; i++) {
    const connector = parseInt(items[i][0]);
    if (
      !(connector >= 0 && connector <= evses.tokens.length) ||
      items[i][1] !== "." ||
      find(",NotApplicable,Unknown,RST,RTS,SRT,STR,TRS,TSR,", "," + items[i].substr(2) + ",") < 0
    ) {
      return undefined;
    }
  }
  return value;
}
