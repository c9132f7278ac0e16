/**
 * @overlay
 * OCPP 2.0.1 Part 2, B05 SetVariables and B06 GetVariables on the variable table. Both answers are streams, an item at a time.
 */
import { quote } from "../kernel/escape";
import { type Cursor, item, member, message, scalar, space, valueEnd } from "../kernel/json";
import { opNumber, table, variable, type VariableKey } from "../kernel/overlay";
import { FRAGMENT, rpc } from "../kernel/rpc";
import { find } from "../kernel/text";
import { evses } from "../station/evse";
import { keep } from "../store/settings";
import { canonicalValue, Column, keyOf, line } from "../store/table";
import { applySetting, valueOf } from "./variables";

/** GetVariables: check the number of items (RPC-12), then stream. */
export function getVariables(p: Cursor): void {
  const list = member(p, "getVariableData");
  if (tooMany(list, variable("DeviceDataCtrlr.ItemsPerMessage[GetVariables]"))) {
    rpc.error = "O";
    return;
  }
  rpc.out += '{"getVariableResult":[';
  rpc.at = item(list);
  rpc.stream = opNumber(getNext);
}

/** SetVariables: the same. */
export function setVariables(p: Cursor): void {
  const list = member(p, "setVariableData");
  if (tooMany(list, variable("DeviceDataCtrlr.ItemsPerMessage[SetVariables]"))) {
    rpc.error = "O";
    return;
  }
  rpc.out += '{"setVariableResult":[';
  rpc.at = item(list);
  rpc.stream = opNumber(setNext);
}

function tooMany(list: Cursor, limit: VariableKey): boolean {
  let left = parseInt(line(limit)![Column.Default]); // read-only: the table has it
  for (let p = item(list); p >= 0; p = item(space(valueEnd(p)))) {
    left--;
  }
  return left < 0;
}

/** Item behind the one that was answered, or the end of the answer. */
function step(): void {
  rpc.at = item(space(valueEnd(rpc.at)));
  if (rpc.at < 0) {
    rpc.out += "]}";
    rpc.stream = 0;
  } else {
    rpc.out += ",";
  }
}

/**
 * Columns of the variable that the item at `p` names, or why there is none (B-21, B-23): UnknownComponent, UnknownVariable.
 */
function resolve(p: Cursor): string[] | string {
  const component = member(p, "component");
  const named = member(p, "variable");
  const name = scalar(member(component, "name")).toLowerCase();
  const instance = scalar(member(named, "instance")).toLowerCase();
  const known = table("variables");
  if (
    name.indexOf(",") >= 0 ||
    find(known.substr(0, known.indexOf("\n")), "," + name + ",") < 0 ||
    member(component, "instance") >= 0
  ) {
    return "UnknownComponent";
  }
  const key = keyOf(name + "." + scalar(member(named, "name")).toLowerCase() + (instance ? "[" + instance + "]" : ""));
  const row = line(key);
  const at = member(component, "evse");
  const evse = at < 0 ? 0 : parseInt(scalar(member(at, "id")));
  const connector = member(at, "connectorId");
  // Components of an EVSE or a connector exist under their numbers only.
  const scope = name === "evse" ? "e" : name === "connector" ? "c" : "s";
  if (
    evse > evses.tokens.length ||
    (scope === "s" ? at >= 0 : evse < 1) ||
    (scope === "e" && connector >= 0) ||
    (scope === "c" && (connector < 0 || scalar(connector) !== "1"))
  ) {
    return "UnknownComponent";
  }
  if (!row || row[Column.Kind][2] === "-" || row[Column.Variable].toLowerCase() !== scalar(member(named, "name")).toLowerCase()) {
    return "UnknownVariable";
  }
  row[Column.Live + 1] = "" + evse;
  return row;
}

/** The JSON text at `p`, as the CSMS wrote it. */
function text(p: Cursor): string {
  return message.text.substring(p, valueEnd(p));
}

/** The end of a result: attributeType (Actual when it was not given), component and variable as they came (B-20). */
function finish(p: Cursor, status: string): void {
  const type = member(p, "attributeType");
  rpc.out += '"attributeStatus":"' + status + '"' + ',"attributeType":' + (type < 0 ? '"Actual"' : text(type)) + ',"component":';
  rpc.out += text(member(p, "component")) + ',"variable":';
  rpc.out += text(member(p, "variable")) + "}";
}

/** Answer items of GetVariables until a fragment is full. */
export function getNext(): void {
  while (rpc.stream && rpc.out.length < FRAGMENT) {
    const p = rpc.at;
    const row = resolve(p);
    const type = member(p, "attributeType");
    let status = "Accepted";
    rpc.out += "{";
    if (typeof row === "string") {
      status = row;
    } else if (type >= 0 && scalar(type) !== "Actual") {
      status = "NotSupportedAttributeType";
    } else if (row[Column.Kind][2] === "o") {
      status = "Rejected";
    } else {
      rpc.out += '"attributeValue":' + quote(valueOf(row, parseInt(row[Column.Live + 1]))) + ",";
    }
    finish(p, status);
    step();
  }
}

/** Answer items of SetVariables until a fragment is full. */
export function setNext(): void {
  while (rpc.stream && rpc.out.length < FRAGMENT) {
    const p = rpc.at;
    const row = resolve(p);
    const type = member(p, "attributeType");
    let status = "Rejected";
    rpc.out += "{";
    if (typeof row === "string") {
      status = row;
    } else if (type >= 0 && scalar(type) !== "Actual") {
      status = "NotSupportedAttributeType";
    } else if (row[Column.Kind][2] !== "r") {
      const value = canonicalValue(row, scalar(member(p, "attributeValue")));
      const key = row[Column.Key];
      if (value !== undefined && keep(key, value)) {
        applySetting(key);
        status = "Accepted";
      }
    }
    finish(p, status);
    step();
  }
}
