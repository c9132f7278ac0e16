/**
 * @overlay
 * Which values are sampled and when: OCPP 2.0.1 Part 2, J01 (clock-aligned) and J02 (in a transaction); conformance J-02 … J-07.
 */
import { clock, EPOCH } from "../kernel/clock";
import { Connection, connection } from "../kernel/connection";
import { stationTime } from "../kernel/datetime";
import { variable } from "../kernel/overlay";
import { soon } from "../kernel/rpc";
import { Cause, Has } from "../store/fact";
import { Context, journal } from "../store/journal";
import { setting, settingNumber, settingTrue } from "../store/settings";
import { power, recordFact } from "./evaluate";
import { evses, Field, Meter, Registration, station } from "./evse";

/** A sample for Ended: seconds since the begin (3 bytes; top bit: clock-aligned), energy since the begin (Wh, 3), power (W, 3), current (cA, 2). */
export const HISTORY_ENTRY = 11;
/** So many, so that Ended fits into a record. When there are more every second one goes (E-42). */
const HISTORY_ENTRIES = 14;
/** Top bit of an entry's seconds. */
export const CLOCK_SAMPLE = 0x800000;

/** Names of the measurands of a record with `has` and `cause`, with commas. */
export function measurands(has: number, cause: Cause): string {
  return (
    setting(
      has & Has.Start
        ? variable("SampledDataCtrlr.TxStartedMeasurands")
        : has & Has.End
          ? variable("SampledDataCtrlr.TxEndedMeasurands")
          : cause === Cause.MeterValueClock
            ? variable("AlignedDataCtrlr.Measurands")
            : variable("SampledDataCtrlr.TxUpdatedMeasurands"),
    ) || (station.simple && !(has & Has.End) ? "Energy.Active.Import.Register" : "") // MV-03
  );
}

/** A periodic sample is due (J-06). */
export function sampleDue(evse: number): void {
  // Of a transaction that does not know its EVSE there is nothing to tell (J-08).
  if (!evses.v[evse * Field.Size + Field.Unknown] && measurands(0, Cause.MeterValuePeriodic)) {
    recordFact(evse, Cause.MeterValuePeriodic, Has.Values);
  }
  evses.v[evse * Field.Size + Field.Sample] = settingNumber(variable("SampledDataCtrlr.TxUpdatedInterval"));
  soon();
}

/** Seconds between two samples for the end of a transaction: a protocol may have one interval for them and the periodic ones (MV-04). */
function endInterval(): number {
  return settingNumber(
    station.simple ? variable("SampledDataCtrlr.TxUpdatedInterval") : variable("SampledDataCtrlr.TxEndedInterval"),
  );
}

/** The same of the clock-aligned ones. */
function alignedEndInterval(): number {
  return settingNumber(station.simple ? variable("AlignedDataCtrlr.Interval") : variable("AlignedDataCtrlr.TxEndedInterval"));
}

/** The transaction of EVSE `evse` begins or resumes: its samples are counted from now on. */
export function startSamples(evse: number): void {
  evses.v[evse * Field.Size + Field.Sample] = settingNumber(variable("SampledDataCtrlr.TxUpdatedInterval"));
  evses.v[evse * Field.Size + Field.EndSample] = endInterval();
}

/** A sample for Ended is due (J-07). */
export function endSampleDue(evse: number): void {
  if (!evses.v[evse * Field.Size + Field.Unknown] && setting(variable("SampledDataCtrlr.TxEndedMeasurands"))) {
    keepSample(evse, 0);
  }
  evses.v[evse * Field.Size + Field.EndSample] = endInterval();
}

/** `value` in `bytes` bytes, high one first. */
function big(value: number, bytes: number): string {
  let text = "";
  while (bytes--) {
    text += String.fromCharCode((value >> (bytes * 8)) & 255);
  }
  return text;
}

/** Keep a sample of the transaction of EVSE `evse` for its Ended; `flag`: 0 or CLOCK_SAMPLE. */
function keepSample(evse: number, flag: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  const w = evse * Context.Size;
  if (!evses.history) {
    evses.history = [];
    for (let i = 0; i < evses.tokens.length; i++) {
      evses.history.push("");
    }
  }
  let text = evses.history[evse];
  if (text.length >= HISTORY_ENTRIES * HISTORY_ENTRY) {
    const all = text;
    text = "";
    for (let i = HISTORY_ENTRY; i < all.length; i += 2 * HISTORY_ENTRY) {
      text += all.substr(i, HISTORY_ENTRY);
    }
  }
  const seconds = (stationTime() - journal.context[w + Context.BeginTime]) & (CLOCK_SAMPLE - 1);
  const energy = v[at + Field.WattHours] - journal.context[w + Context.BeginWattHours];
  evses.history[evse] =
    text + big(seconds | flag, 3) + big(energy, 3) + big(power(evse), 3) + big(Math.floor((v[at + Field.Milliamps] + 5) / 10), 2);
}

/** Seconds to the next clock-aligned sample: intervals are counted from midnight (UTC). Called when the clock or an interval has changed. */
export function alignSamples(): void {
  const interval = settingNumber(variable("AlignedDataCtrlr.Interval"));
  const ended = alignedEndInterval();
  const second = (clock.boot + clock.up) % 86400;
  const next = interval ? interval - (second % interval) : 86400;
  const nextEnded = ended ? ended - (second % ended) : 86400;
  const sooner = nextEnded < next ? nextEnded : next;
  station.aligned = clock.boot && (interval || ended) ? (sooner < 86400 - second ? sooner : 86400 - second) : 0;
}

/** A clock-aligned sample is due (J-02, J-03, J-04). */
export function alignedDue(): void {
  const v = evses.v;
  const interval = settingNumber(variable("AlignedDataCtrlr.Interval"));
  const ended = alignedEndInterval();
  const second = (clock.boot + clock.up) % 86400;
  const wanted = interval && second % interval === 0 && measurands(0, Cause.MeterValueClock);
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const at = evse * Field.Size;
    const running = v[at + Field.Transaction] && !v[at + Field.Unknown];
    if (running && ended && second % ended === 0 && setting(variable("AlignedDataCtrlr.TxEndedMeasurands"))) {
      keepSample(evse, CLOCK_SAMPLE);
    }
    if (!wanted) {
      continue;
    }
    if (!running) {
      // MeterValues wait for nobody (E-44): what cannot be sent now is not sent with another time's register.
      v[at + Field.Meter] =
        connection.state === Connection.Open && station.registration === Registration.Accepted ? Meter.Clock : Meter.None;
    } else if (!settingTrue(variable("AlignedDataCtrlr.SendDuringIdle"))) {
      recordFact(evse, Cause.MeterValueClock, Has.Values);
    }
  }
  station.alignedAt = clock.boot - EPOCH + clock.up;
  alignSamples();
  soon();
}
