/**
 * @overlay
 * OCPP 2.0.1 Part 2, B05 SetVariables and B06 GetVariables on the variable table. Both answers are streams, an item at a time.
 * No request within `BytesPerMessage` has more items than `ItemsPerMessage` announces (RPC-12), so they need not be counted.
 */
import { quote } from "../kernel/escape";
import { type Cursor, item, member, message, scalar, space, valueEnd } from "../kernel/json";
import { opNumber, variable } from "../kernel/overlay";
import { FRAGMENT, rpc } from "../kernel/rpc";
import { find } from "../kernel/text";
import { evses } from "../station/evse";
import { applySetting, valueOf } from "../station/variables";
import { keep } from "../store/settings";
import { canonicalValue, Column, componentKnown, keyOf, line } from "../store/table";
import { slotsUsable } from "./b-network";
import { Part } from "./words";

/** Members of an item and of the objects in it: places in this text name them (`Part`). */
const MEMBERS = ",component,variable,attributeType,attributeValue,name,instance,evse,id,connectorId,";

/** GetVariables: stream. */
export function getVariables(p: Cursor): void {
  rpc.out += '{"getVariableResult":[';
  rpc.at = item(member(p, "getVariableData"));
  rpc.stream = opNumber(answerItems);
}

/** SetVariables: the same. */
export function setVariables(p: Cursor): void {
  rpc.out += '{"setVariableResult":[';
  rpc.at = item(member(p, "setVariableData"));
  rpc.stream = opNumber(answerItems);
}

/** Where the parts (`Part`) of the item at `p` are, found in one walk; absent ones are undefined. */
export function parts(p: Cursor): Cursor[] {
  const m = message.text;
  const at: Cursor[] = [];
  let object = Part.End as Part; // … that we are in
  for (p = space(p + 1); ; p = space(p)) {
    if (m[p] === "}") {
      at[object === Part.End ? object : object + 1] = ++p;
      if (object === Part.End) {
        return at;
      }
      object = object === Part.Evse ? Part.Component : Part.End;
    } else if (m[p] === ",") {
      p++;
    } else {
      const end = m.indexOf('"', p + 1);
      const part = find(MEMBERS, "," + m.substring(p + 1, end) + ",");
      p = space(space(end + 1) + 1);
      if (part >= 0) {
        at[part + (object === Part.Variable ? 1 : 0)] = p;
      }
      if (part === Part.Component || part === Part.Variable || part === Part.Evse) {
        object = part;
        p++;
      } else {
        p = valueEnd(p);
      }
    }
  }
}

/** Columns of the variable whose item's parts are `at`, or why there is none (B-21, B-23): UnknownComponent, UnknownVariable. */
function resolve(at: Cursor[]): string[] | string {
  const name = scalar(at[Part.ComponentName]).toLowerCase();
  const variable = scalar(at[Part.VariableName]).toLowerCase();
  const instance = scalar(at[Part.Instance] || -1).toLowerCase();
  const evse = at[Part.Evse] ? parseInt(scalar(at[Part.Id])) : 0;
  const connector = scalar(at[Part.Connector] || -1);
  // Components of an EVSE or a connector exist under their numbers only.
  if (
    !componentKnown((connector ? "c" : at[Part.Evse] ? "e" : "s") + name) ||
    at[Part.ComponentInstance] ||
    evse > evses.tokens.length ||
    (at[Part.Evse] && evse < 1) ||
    (connector && connector !== "1")
  ) {
    return "UnknownComponent";
  }
  const row = line(keyOf(name + "." + variable + (instance ? "[" + instance + "]" : "")));
  if (!row || row[Column.Kind][2] === "-" || row[Column.Variable].toLowerCase() !== variable) {
    return "UnknownVariable";
  }
  row[Column.Instance + 1] = "" + evse;
  return row;
}

/** Answer items until a fragment is full. */
export function answerItems(): void {
  const m = message.text;
  while (rpc.stream && rpc.out.length < FRAGMENT) {
    const at = parts(rpc.at);
    const row = resolve(at);
    const type = at[Part.Type] ? scalar(at[Part.Type]) : "Actual";
    let status = "Rejected";
    rpc.out += "{";
    if (typeof row === "string") {
      status = row;
    } else if (type !== "Actual") {
      status = "NotSupportedAttributeType";
    } else if (at[Part.Value]) {
      if (row[Column.Kind][2] !== "r") {
        const value = canonicalValue(row, scalar(at[Part.Value]));
        const key = row[Column.Key];
        if (
          value !== undefined &&
          (key !== variable("OCPPCommCtrlr.NetworkConfigurationPriority") || slotsUsable(value)) &&
          keep(key, value)
        ) {
          applySetting(key);
          status = "Accepted";
        }
      }
    } else if (row[Column.Kind][2] !== "o") {
      rpc.out += '"attributeValue":' + quote(valueOf(row, parseInt(row[Column.Instance + 1]))) + ",";
      status = "Accepted";
    }
    // Component, variable as they came; attributeType Actual when it was not given (B-20).
    rpc.out +=
      '"attributeStatus":"' +
      status +
      '","attributeType":"' +
      type +
      '","component":' +
      m.substring(at[Part.Component], at[Part.ComponentEnd]) +
      ',"variable":' +
      m.substring(at[Part.Variable], at[Part.VariableEnd]) +
      "}";
    rpc.at = item(at[Part.End]);
    if (rpc.at < 0) {
      rpc.out += "]}";
      rpc.stream = 0;
    } else {
      rpc.out += ",";
    }
  }
}
