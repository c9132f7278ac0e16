/**
 * @overlay
 * OCPP 2.0.1 Part 2, J. Meter values: the values of a fact (J-01, J-05 … J-07).
 */
import { variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { Cause, fact, Has } from "../store/fact";
import { setting } from "../store/settings";

/** `,"meterValue":[…]` of the fact, stamped `time`; nothing when no measurand is configured. */
export function meterValue(time: string): void {
  const has = fact.has;
  const list = setting(
    has & Has.Start
      ? variable("SampledDataCtrlr.TxStartedMeasurands")
      : has & Has.End
        ? variable("SampledDataCtrlr.TxEndedMeasurands")
        : variable("SampledDataCtrlr.TxUpdatedMeasurands"),
  );
  if (!list) {
    return;
  }
  const context =
    has & Has.Start
      ? "Transaction.Begin"
      : has & Has.End
        ? "Transaction.End"
        : fact.cause === Cause.Trigger
          ? "Trigger"
          : "Sample.Periodic";
  const measurands = list.split(",");
  rpc.out += ',"meterValue":[{"timestamp":"' + time + '","sampledValue":[';
  for (let i = 0; i < measurands.length; i++) {
    const name = measurands[i];
    const kind = name[0];
    rpc.out +=
      (i ? ',{"value":' : '{"value":') +
      (kind === "E"
        ? fact.wattHours
        : kind === "P"
          ? fact.watts
          : Math.floor(fact.centiamps / 100) + "." + ("" + (100 + (fact.centiamps % 100))).substr(1)) +
      ',"context":"' +
      context +
      '","measurand":"' +
      name +
      '","unitOfMeasure":{"unit":"' +
      (kind === "E" ? "Wh" : kind === "P" ? "W" : "A") +
      '"}}';
  }
  rpc.out += "]}]";
}
