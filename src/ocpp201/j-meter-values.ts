/**
 * @overlay
 * OCPP 2.0.1 Part 2, J. Meter values: the values of a fact (J-01, J-03 … J-07), and MeterValues of an EVSE without transaction (J-02, F-07).
 */
import { beginCall } from "../kernel/call";
import { clock, EPOCH, type UnixSeconds } from "../kernel/clock";
import { opNumber, variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { Call } from "../station/calls";
import { readMeter } from "../station/evaluate";
import { evses, Field, Meter, station } from "../station/evse";
import { contextOf, endedValues, meterValue } from "../station/meter-values";
import { measurands } from "../station/samples";
import { Extra, fact, Has } from "../store/fact";
import { setting } from "../store/settings";

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
    meterValue(time, contextOf(), list, "");
  }
  rpc.out = (rpc.out.length > head ? rpc.out + "]" : before) + "}";
}

/** Values of an Ended. */
export function endedNext(): void {
  endedValues("");
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
  meterValue(aligned ? station.alignedAt + EPOCH : clock.boot + clock.up, aligned ? "Sample.Clock" : "Trigger", list, "");
  if (rpc.out.length > head) {
    rpc.out += "]}";
  } else {
    rpc.out = ""; // no measurand is configured: nothing is sent
    rpc.call = 0;
  }
}
