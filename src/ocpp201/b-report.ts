/**
 * @overlay
 * OCPP 2.0.1 Part 2, B07 GetBaseReport: the variable table as NotifyReport pages (B-30 … B-32). A page is a CALL of ours that is
 * written in fragments; between two pages everything else goes on.
 */
import { beginCall } from "../kernel/call";
import { clock } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { quote } from "../kernel/escape";
import { type Cursor, member, scalar } from "../kernel/json";
import { opNumber, table } from "../kernel/overlay";
import { FRAGMENT, rpc, soon } from "../kernel/rpc";
import { find } from "../kernel/text";
import { evses } from "../station/evse";
import { Column } from "../store/table";
import { Report, report } from "./report";
import { valueOf } from "./variables";
import { Call } from "./words";

/** Entries of a page. */
const PAGE_ENTRIES = 5;

/** DataEnumType, MutabilityEnumType: a letter of the table's column `Kind` picks one. */
const TYPES = ",sstring,iinteger,ddecimal,bboolean,tdateTime,oOptionList,mMemberList,qSequenceList,";
const MUTABILITIES = ",rReadOnly,wReadWrite,oWriteOnly,";

/** GetBaseReport: one report at a time. */
export function getBaseReport(p: Cursor): void {
  let status = "Rejected";
  if (!report.v) {
    status = "Accepted";
    report.id = scalar(member(p, "requestId"));
    report.v = new Int32Array(Report.Size);
    report.v[Report.At] = table("variables").charCodeAt(1) * 3; // in the line before the first variable
    report.v[Report.Kind] = scalar(member(p, "reportBase")).charCodeAt(0);
    advance();
    soon();
  }
  rpc.out += '{"status":"' + status + '"}';
}

/** Go on to the next variable of an EVSE that the report tells; `Report.At` is 0 behind the last one. */
function advance(): void {
  const v = report.v!;
  const text = table("variables");
  let wanted;
  do {
    const scope = v[Report.Evse];
    if (scope && scope < evses.tokens.length) {
      v[Report.Evse]++;
    } else {
      let at = text.indexOf("\n", v[Report.At] + 1);
      if (text[at + 1] === ":") {
        v[Report.Component] = at + 2;
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
    wanted = kind[2] !== "-" && (which === 70 || (which === 67 ? kind[2] !== "r" : row[Column.Variable] === "AvailabilityState"));
  } while (!wanted);
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
  const limits = row[Column.Limits];
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
