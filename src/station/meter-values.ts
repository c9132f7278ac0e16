/**
 * @overlay
 * The values of a fact as both protocols write them: OCPP 2.0.1 MeterValueType (J-01, J-03 … J-07), OCPP 1.6 MeterValue (MV-01 … MV-08).
 * In 1.6 a value is a text with its unit beside it: `mark` is the quotation mark, "" in 2.0.1.
 */
import { DATED, EPOCH, type UnixSeconds } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { Cause, Extra, fact, Has } from "../store/fact";
import { Context, journal, Side } from "../store/journal";
import { factTime, peek } from "../store/replay";
import { setting } from "../store/settings";
import { evses } from "./evse";
import { CLOCK_SAMPLE, HISTORY_ENTRY, measurands } from "./samples";

/** Bytes after which a long end of a transaction is cut into the next fragment. */
const PIECE = 900;

/** Value of the measurand `name` in `fact`, "" when it has none: a fact without `Extra.Supply` has neither voltage nor offer. */
function valueOf(name: string): string {
  const tenths = name[0] === "V" ? fact.decivolts : fact.deciamps;
  if (name[0] === "E") {
    return "" + fact.wattHours;
  }
  if (name === "Power.Active.Import") {
    return "" + fact.watts;
  }
  if (name === "Current.Import") {
    return Math.floor(fact.centiamps / 100) + "." + ("" + (100 + (fact.centiamps % 100))).substr(1);
  }
  if (!(fact.extra & Extra.Supply)) {
    return "";
  }
  // Offered power is that of the nominal voltage.
  return name[0] === "P" ? "" + 23 * evses.phases * tenths : Math.floor(tenths / 10) + "." + (tenths % 10);
}

/** `{"timestamp":…,"sampledValue":[…]}` of the values in `fact` for the measurands `list`; nothing when there are none. */
export function meterValue(time: UnixSeconds, context: string, list: string, mark: string): void {
  const names = list.split(",");
  let separator = '{"timestamp":"' + dateTime(time) + '","sampledValue":[';
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const value = name && valueOf(name);
    if (value) {
      rpc.out +=
        separator +
        '{"value":' +
        mark +
        value +
        mark +
        ',"context":"' +
        context +
        '","measurand":"' +
        name +
        (mark ? '","unit":"' : '","unitOfMeasure":{"unit":"') +
        (name[0] === "E" ? "Wh" : name[0] === "P" ? "W" : name[0] === "V" ? "V" : "A") +
        (mark ? '"}' : '"}}');
      separator = ",";
    }
  }
  if (separator === ",") {
    rpc.out += "]}";
  }
}

/** ReadingContext of a fact that is neither begin nor end. */
export function contextOf(): string {
  return fact.has & Has.Start || fact.extra & Extra.Evse
    ? "Transaction.Begin"
    : fact.cause === Cause.Trigger
      ? "Trigger"
      : fact.cause === Cause.MeterValueClock
        ? "Sample.Clock"
        : "Sample.Periodic";
}

/** When the transaction of the fact began that `peek` gave, which is of `time`. A begin that could never be dated is told with that. */
export function beginTime(time: UnixSeconds): UnixSeconds {
  const began = journal.context[fact.evse * Context.Size + Side.Reader + Context.BeginTime];
  return began < DATED ? (fact.time < DATED ? time - fact.time + began : time) : began + EPOCH;
}

/** Number at `at` of `text`, `bytes` bytes, high one first. */
function bigAt(text: string, at: number, bytes: number): number {
  let n = 0;
  for (let i = 0; i < bytes; i++) {
    n = n * 256 + text.charCodeAt(at + i);
  }
  return n;
}

/**
 * Values of an end until a piece is full: of the begin, of the samples between, of the end (J-04, J-07). `rpc.at` is the number of the
 * next one, doubled, + 1 when one has been written.
 */
export function endedValues(mark: string): void {
  if (!peek()) {
    rpc.stream = 0; // cannot be: nothing is confirmed while it is sent
    return;
  }
  const end = factTime();
  const begin = beginTime(end);
  const register = journal.context[fact.evse * Context.Size + Side.Reader + Context.BeginWattHours];
  const [wattHours, watts, centiamps] = [fact.wattHours, fact.watts, fact.centiamps];
  const samples = fact.history.length / HISTORY_ENTRY;
  const list = measurands(Has.End, 0);
  while (rpc.stream && rpc.out.length < PIECE) {
    const n = rpc.at >> 1;
    const before = rpc.out;
    rpc.out = "";
    if (!n) {
      fact.wattHours = register;
      fact.watts = fact.centiamps = 0;
      meterValue(begin, "Transaction.Begin", list, mark);
    } else if (n <= samples) {
      const at = (n - 1) * HISTORY_ENTRY;
      const seconds = bigAt(fact.history, at, 3);
      fact.wattHours = register + bigAt(fact.history, at + 3, 3);
      fact.watts = bigAt(fact.history, at + 6, 3);
      fact.centiamps = bigAt(fact.history, at + 9, 2);
      const aligned = seconds >= CLOCK_SAMPLE;
      meterValue(
        begin + (seconds & (CLOCK_SAMPLE - 1)),
        aligned ? "Sample.Clock" : "Sample.Periodic",
        aligned ? setting(variable("AlignedDataCtrlr.TxEndedMeasurands")) : list,
        mark,
      );
    } else {
      fact.wattHours = wattHours;
      fact.watts = watts;
      fact.centiamps = centiamps;
      meterValue(end, "Transaction.End", list, mark);
      rpc.stream = 0;
    }
    const written = rpc.out ? 1 : 0;
    rpc.out = before + (written && rpc.at & 1 ? "," : "") + rpc.out;
    rpc.at = (n + 1) * 2 + ((rpc.at & 1) | written);
  }
  if (!rpc.stream) {
    rpc.out += "]}";
  }
  fact.token = fact.id = fact.history = "";
}
