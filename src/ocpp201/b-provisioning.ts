/**
 * @overlay
 * OCPP 2.0.1 Part 2, B. Provisioning: B01–B03 boot, B11–B12 reset. The variables are in `b-variables.ts`.
 */
import { MODEL, SERIAL_NUMBER, VENDOR_NAME, VERSION } from "board";
import { answer, beginCall } from "../kernel/call";
import { connection } from "../kernel/connection";
import { type Cursor, member, scalar } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { Call, Trigger, UNREPORTED } from "../station/calls";
import { evses, Field, Flag, station } from "../station/evse";
import { reset as resetStation, resetEvse } from "../station/seconds";
import { setting } from "../store/settings";

/** BootNotification (B01). */
export function bootNotification(): void {
  beginCall(Call.BootNotification, "BootNotification");
  rpc.out +=
    '{"reason":"' +
    (station.triggered & Trigger.Boot ? "Triggered" : setting(variable("Board.BootReason"))) +
    '","chargingStation":{"model":"' +
    MODEL +
    '","vendorName":"' +
    VENDOR_NAME +
    '","serialNumber":"' +
    SERIAL_NUMBER +
    '","firmwareVersion":"' +
    VERSION +
    "-" +
    BUILD_ID +
    '"}}';
  station.triggered &= ~Trigger.Boot;
}

/** Reset (B11, B12) of the station, or of one EVSE alone (B-53), which then tells its status and nothing else. */
export function reset(p: Cursor): void {
  const at = member(p, "evseId");
  const immediate = scalar(member(p, "type")) === "Immediate";
  let status = "Accepted";
  if (at < 0) {
    if (resetStation(immediate, connection.timeout)) {
      status = "Scheduled";
    }
  } else {
    const v = evses.v;
    const w = (parseInt(scalar(at)) - 1) * Field.Size;
    if (!(w >= 0 && w < v.length)) {
      status = "Rejected";
    } else if (!immediate && (v[w + Field.Transaction] || v[w + Field.LockWanted])) {
      v[w + Field.Flags] |= Flag.Reset;
      status = "Scheduled";
    } else {
      v[w + Field.Reported] = UNREPORTED;
      resetEvse(w / Field.Size);
    }
  }
  answer(status);
}
