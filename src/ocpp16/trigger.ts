/**
 * @overlay
 * OCPP 1.6, 5.17 TriggerMessage (TR-01, TR-02): the answer first, the message after.
 */
import { answer, beginCall } from "../kernel/call";
import { type Cursor, member, scalar } from "../kernel/json";
import { soon } from "../kernel/rpc";
import { ASKED, Call, Trigger } from "../station/calls";
import { evses, Field, Meter, Registration, station } from "../station/evse";
import { localListConflict } from "./status";

/** TriggerMessage. */
export function triggerMessage(p: Cursor): void {
  const v = evses.v;
  const wanted = scalar(member(p, "requestedMessage"));
  const meter = wanted === "MeterValues";
  const at = member(p, "connectorId");
  const only = at < 0 ? -1 : parseInt(scalar(at));
  let status = "Accepted";
  if (wanted === "Heartbeat") {
    station.heartbeat = 1;
  } else if (wanted === "BootNotification") {
    if (station.registration === Registration.Accepted) {
      status = "Rejected";
    } else {
      station.triggered |= Trigger.Boot;
    }
  } else if (wanted === "DiagnosticsStatusNotification") {
    station.triggered |= Trigger.LogStatus;
  } else if (wanted === "FirmwareStatusNotification") {
    station.triggered |= Trigger.FirmwareStatus;
  } else if (at >= 0 && !(only >= (meter ? 1 : 0) && only <= evses.tokens.length)) {
    status = "Rejected";
  } else {
    if (only < 1 && !meter) {
      v[Field.Whole] = ASKED;
    }
    for (let evse = 0; evse < evses.tokens.length; evse++) {
      if (only < 0 || only === evse + 1) {
        v[evse * Field.Size + (meter ? Field.Meter : Field.Reported)] = meter ? Meter.Trigger : ASKED;
      }
    }
  }
  answer(status);
  soon();
}

/** What else was asked for, or is to be told once. Neither an upload nor an update is there: Idle. */
export function triggered(): void {
  const bits = station.triggered;
  const bit = bits & Trigger.Conflict || bits & Trigger.LogStatus || bits;
  station.triggered ^= bit;
  if (bit === Trigger.Conflict) {
    localListConflict();
  } else {
    beginCall(Call.Notice, bit === Trigger.LogStatus ? "DiagnosticsStatusNotification" : "FirmwareStatusNotification");
    answer("Idle");
  }
}
