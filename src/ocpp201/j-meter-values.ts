/**
 * @overlay
 * OCPP 2.0.1 Part 2, J. Meter values: the values of a fact (J-01, J-03 … J-07), and MeterValues of an EVSE without transaction (J-02, F-07).
 */
import { beginCall } from "../kernel/call";
import { clock, DATED, EPOCH, type UnixSeconds } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { opNumber, variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { readMeter } from "../station/evaluate";
import { evses, Field, Meter, station } from "../station/evse";
import { CLOCK_SAMPLE, HISTORY_ENTRY, measurands } from "../station/samples";
import { Cause, Extra, fact, Has } from "../store/fact";
import { Context, journal, Side } from "../store/journal";
import { factTime, peek } from "../store/replay";
import { setting } from "../store/settings";
import { Call } from "./words";

/** Bytes after which a long Ended is cut into the next fragment. */
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
export function meterValue(time: UnixSeconds, context: string, list: string): void {
  const names = list.split(",");
  let separator = '{"timestamp":"' + dateTime(time) + '","sampledValue":[';
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const value = name && valueOf(name);
    if (value) {
      rpc.out +=
        separator +
        '{"value":' +
        value +
        ',"context":"' +
        context +
        '","measurand":"' +
        name +
        '","unitOfMeasure":{"unit":"' +
        (name[0] === "E" ? "Wh" : name[0] === "P" ? "W" : name[0] === "V" ? "V" : "A") +
        '"}}';
      separator = ",";
    }
  }
  if (separator === ",") {
    rpc.out += "]}";
  }
}

/** `,"meterValue":[…]` of the fact that `peek` gave, of `time`, and the end of the payload; an Ended with many is sent in pieces. */
export function meterValues(time: UnixSeconds): void {
  const has = fact.has;
  const list = measurands(has, fact.cause);
  const before = rpc.out;
  rpc.out += ',"meterValue":[';
  const head = rpc.out.length;
  if (has & Has.End && (list || fact.history)) {
    rpc.at = 0;
    rpc.stream = opNumber(endedNext);
    endedNext();
    return;
  }
  // Of a transaction that does not know its EVSE yet there is nothing to tell (J-08).
  if (!(has & Has.End) && !(has & Has.Start && !(fact.extra & Extra.Evse))) {
    const context =
      has & Has.Start || fact.extra & Extra.Evse
        ? "Transaction.Begin"
        : fact.cause === Cause.Trigger
          ? "Trigger"
          : fact.cause === Cause.MeterValueClock
            ? "Sample.Clock"
            : "Sample.Periodic";
    meterValue(time, context, list);
  }
  rpc.out = (rpc.out.length > head ? rpc.out + "]" : before) + "}";
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
 * Values of an Ended until a piece is full: of the begin, of the samples between, of the end (J-04, J-07). `rpc.at` is the number of the
 * next one, doubled, + 1 when one has been written.
 */
export function endedNext(): void {
  if (!peek()) {
    rpc.stream = 0; // cannot be: nothing is confirmed while it is sent
    return;
  }
  const end = factTime();
  const w = fact.evse * Context.Size + Side.Reader;
  const began = journal.context[w + Context.BeginTime];
  // A begin that could never be dated is told with the time of the end.
  const begin = began < DATED ? (fact.time < DATED ? end - fact.time + began : end) : began + EPOCH;
  const register = journal.context[w + Context.BeginWattHours];
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
      meterValue(begin, "Transaction.Begin", list);
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
      );
    } else {
      fact.wattHours = wattHours;
      fact.watts = watts;
      fact.centiamps = centiamps;
      meterValue(end, "Transaction.End", list);
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

/** MeterValues of EVSE `evse` (0-based), which was asked for or is due (J-02, F-07). */
export function sendMeterValues(evse: number): void {
  const at = evse * Field.Size + Field.Meter;
  const aligned = evses.v[at] === Meter.Clock;
  evses.v[at] = Meter.None;
  readMeter(evse);
  beginCall(Call.MeterValues, "MeterValues");
  rpc.out += '{"evseId":' + (evse + 1) + ',"meterValue":[';
  const head = rpc.out.length;
  const list = setting(variable("AlignedDataCtrlr.Measurands"));
  fact.extra = Extra.Supply;
  meterValue(aligned ? station.alignedAt + EPOCH : clock.boot + clock.up, aligned ? "Sample.Clock" : "Trigger", list);
  if (rpc.out.length > head) {
    rpc.out += "]}";
  } else {
    rpc.out = ""; // no measurand is configured: nothing is sent
    rpc.call = 0;
  }
}
