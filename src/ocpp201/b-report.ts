/**
 * @overlay
 * OCPP 2.0.1 Part 2, B07 GetBaseReport, B08 GetReport: the variable table as NotifyReport pages (B-30 … B-33). A page is a CALL of ours that is
 * written in fragments; between two pages everything else goes on.
 */
import { beginCall } from "../kernel/call";
import { clock } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { quote } from "../kernel/escape";
import { type Cursor, item, member, scalar, space, valueEnd } from "../kernel/json";
import { opNumber, table } from "../kernel/overlay";
import { FRAGMENT, rpc, soon } from "../kernel/rpc";
import { find } from "../kernel/text";
import { Call } from "../station/calls";
import { evses } from "../station/evse";
import { valueOf } from "../station/variables";
import { Column, keyOf, limitsOf, line } from "../store/table";
import { parts } from "./b-variables";
import { Report, report } from "./report";
import { Part } from "./words";

/** Entries of a page. */
const PAGE_ENTRIES = 5;

/** Entries of a GetReport that are kept (RPC-12). */
const RANGES = 12;

/** ComponentCriterionEnumType, 16 characters each. */
const CRITERIA = "Active          Available       Enabled         Problem";

/** DataEnumType, MutabilityEnumType: a letter of the table's column `Kind` picks one. */
const TYPES = ",sstring,iinteger,ddecimal,bboolean,tdateTime,oOptionList,mMemberList,qSequenceList,";
const MUTABILITIES = ",rReadOnly,wReadWrite,oWriteOnly,";

/** GetBaseReport: one report at a time. */
export function getBaseReport(p: Cursor): void {
  let status = "Rejected";
  if (!report.v || !report.v[Report.At]) {
    report.v = new Int32Array(Report.Size);
    status = begin(p, scalar(member(p, "reportBase")).charCodeAt(0));
  }
  rpc.out += '{"status":"' + status + '"}';
}

/** GetReport (B-33). What is wanted becomes ranges of the table, so that the request need not be kept. */
export function getReport(p: Cursor): void {
  let status = "Rejected";
  if (!report.v || !report.v[Report.At]) {
    const list = member(p, "componentVariable");
    const v = (report.v = new Int32Array(Report.Size + RANGES * 3));
    let k = Report.Size as number;
    v[k + 1] = list < 0 ? 65535 : 0;
    for (let q = list < 0 ? -1 : item(list); q >= 0; k += 3) {
      if (k === v.length) {
        report.v = undefined;
        rpc.error = "O"; // RPC-12
        return;
      }
      const at = parts(q);
      range(at, k);
      q = item(at[Part.End]);
    }
    const criteria = member(p, "componentCriteria");
    for (let q = criteria < 0 ? -1 : item(criteria); q >= 0; q = item(space(valueEnd(q)))) {
      v[Report.Criteria] |= 1 << (find(CRITERIA, scalar(q)) >> 4);
    }
    status = begin(p, 71);
  }
  rpc.out += '{"status":"' + status + '"}';
}

/** Put the range of the table that an item of GetReport with `at` (`Part`) means at `k` of the report; nothing when there is none. */
function range(at: Cursor[], k: number): void {
  const v = report.v!;
  const text = table("variables");
  const name = scalar(at[Part.ComponentName]).toLowerCase();
  const variable = scalar(at[Part.VariableName] || -1).toLowerCase();
  const instance = scalar(at[Part.Instance] || -1).toLowerCase();
  const connector = scalar(at[Part.Connector] || -1);
  let from = 0;
  let next;
  do {
    from = find(text, "\n:", from + 1);
    next = text.indexOf("\n", from + 2);
    if (from < 0) {
      return;
    }
  } while (text.substring(from + 3, next).toLowerCase() !== name);
  const end = find(text, "\n:", next);
  for (; next !== end && text[next + 1] !== "#"; next = text.indexOf("\n", next + 1)) {
    const row = text.substring(next + 1, text.indexOf("\n", next + 1)).split(";");
    if (
      (!variable || row[Column.Variable].toLowerCase() === variable) &&
      (!instance || (row[Column.Instance] || "").toLowerCase() === instance) &&
      !at[Part.ComponentInstance] &&
      (row[Column.Kind][0] === "s" ? !at[Part.Evse] : !connector || (connector === "1" && row[Column.Kind][0] === "c"))
    ) {
      v[k] = v[k] || next;
      v[k + 1] = next + 1;
      v[k + 2] = parseInt(scalar(at[Part.Id] || -1) || "0");
    }
  }
}

/** Begin the report; its `Report.Kind` is `kind`. The status of the answer. */
function begin(p: Cursor, kind: number): string {
  const v = report.v!;
  report.id = scalar(member(p, "requestId"));
  v[Report.Kind] = kind;
  advance();
  if (!v[Report.At]) {
    report.v = undefined;
    return "EmptyResultSet";
  }
  soon();
  return "Accepted";
}

/** Go on to the next variable of an EVSE that the report tells; `Report.At` is 0 behind the last one. */
function advance(): void {
  const v = report.v!;
  const text = table("variables");
  let told;
  do {
    const scope = v[Report.Evse];
    if (scope && scope < evses.tokens.length) {
      v[Report.Evse]++;
    } else {
      let at = text.indexOf("\n", v[Report.At] + 1);
      if (text[at + 1] === ":") {
        v[Report.Component] = at + 3;
        at = text.indexOf("\n", at + 2);
      }
      if (text[at + 1] === "#") {
        v[Report.At] = 0;
        return;
      }
      v[Report.At] = at;
      v[Report.Evse] = 0;
    }
    const row = current();
    const kind = row[Column.Kind];
    if (kind[0] !== "s" && !v[Report.Evse]) {
      v[Report.Evse] = 1;
    }
    const which = v[Report.Kind];
    told =
      kind[2] !== "-" &&
      (which === 70 || (which === 67 ? kind[2] !== "r" : which === 83 ? row[Column.Variable] === "AvailabilityState" : wanted()));
  } while (!told);
}

/** GetReport: is the variable that the report is at in one of the ranges, and does its component meet one of the criteria? */
function wanted(): boolean {
  const v = report.v!;
  const at = v[Report.At];
  const evse = v[Report.Evse];
  let meets = false;
  for (let k = Report.Size as number; k < v.length; k += 3) {
    meets = meets || (v[k] <= at && at < v[k + 1] && (!v[k + 2] || v[k + 2] === evse));
  }
  if (meets && v[Report.Criteria]) {
    meets = false;
    for (let k = 0; k < 4; k++) {
      if (v[Report.Criteria] & (1 << k)) {
        const text = table("variables");
        const name = text.substring(v[Report.Component], text.indexOf("\n", v[Report.Component]));
        const row = line(keyOf((name + "." + CRITERIA.substr(k * 16, 16).trim()).toLowerCase()));
        const value = row ? valueOf(row, evse) : "";
        // A component without the variable is active, available, enabled, and has no problem.
        meets = meets || (k < 3 ? value !== "false" : value === "true");
      }
    }
  }
  return meets;
}

/** Columns of the variable that the report is at. */
function current(): string[] {
  const text = table("variables");
  const at = report.v![Report.At] + 1;
  return text.substring(at, text.indexOf("\n", at)).split(";");
}

/** Begin the next page. */
export function notifyReport(): void {
  const v = report.v!;
  v[Report.Room] = PAGE_ENTRIES;
  beginCall(Call.NotifyReport, "NotifyReport");
  rpc.out +=
    '{"requestId":' +
    report.id +
    ',"generatedAt":"' +
    dateTime(clock.boot + clock.up) +
    '","seqNo":' +
    v[Report.SeqNo]++ +
    ',"reportData":[';
  rpc.stream = opNumber(reportNext);
}

/** Write halves of entries until a fragment is full. */
export function reportNext(): void {
  const v = report.v!;
  while (rpc.stream && rpc.out.length < FRAGMENT) {
    if (v[Report.Half]) {
      characteristics(current());
      advance();
      v[Report.Room]--;
      v[Report.Half] = 0;
      if (v[Report.At] && v[Report.Room]) {
        rpc.out += ",";
      } else {
        rpc.out += v[Report.At] ? '],"tbc":true}' : "]}";
        rpc.stream = 0;
      }
    } else {
      attribute(current());
      v[Report.Half] = 1;
    }
  }
}

/** First half of an entry: component, variable, its one attribute (B-31). */
function attribute(row: string[]): void {
  const text = table("variables");
  const v = report.v!;
  const kind = row[Column.Kind];
  const evse = v[Report.Evse];
  const name = v[Report.Component];
  rpc.out +=
    '{"component":{"name":"' +
    text.substring(name, text.indexOf("\n", name)) +
    (evse ? '","evse":{"id":' + evse + (kind[0] === "c" ? ',"connectorId":1}' : "}") : '"') +
    '},"variable":{"name":"' +
    row[Column.Variable] +
    (row[Column.Instance] ? '","instance":"' + row[Column.Instance] : "") +
    '"},"variableAttribute":[{"mutability":"' +
    word(MUTABILITIES, kind[2]) +
    (kind[2] === "r" ? '"' : '","persistent":true');
  if (kind[2] !== "o") {
    rpc.out += ',"value":' + quote(valueOf(row, evse));
  }
  rpc.out += "}]";
}

/** Second half: its characteristics. */
function characteristics(row: string[]): void {
  const limits = limitsOf(row);
  const type = row[Column.Kind][1];
  rpc.out += ',"variableCharacteristics":{"dataType":"' + word(TYPES, type) + '","supportsMonitoring":false';
  if (row[Column.Unit]) {
    rpc.out += ',"unit":"' + row[Column.Unit] + '"';
  }
  if (limits) {
    const dots = limits.indexOf(".");
    rpc.out +=
      type === "i" || type === "d" || type === "s"
        ? (type === "s" ? "" : ',"minLimit":' + limits.substr(0, dots)) + ',"maxLimit":' + limits.substr(dots + 2)
        : ',"valuesList":"' + limits + '"';
  }
  rpc.out += "}}";
}

/** The word of `words` whose first letter is `letter`. */
function word(words: string, letter: string): string {
  const at = find(words, "," + letter) + 2;
  return words.substring(at, words.indexOf(",", at));
}

/** A page is answered, or never will be: the next one (B-32). */
export function reportResult(): void {
  if (report.v && !report.v[Report.At]) {
    report.v = undefined;
  }
  soon();
}
