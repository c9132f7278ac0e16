/**
 * @overlay
 * OCPP 2.0.1 Part 2, B. Provisioning: B01–B03 boot, B11–B12 reset. The variables are in `b-variables.ts`.
 */
import { MODEL, SERIAL_NUMBER, VENDOR_NAME, VERSION } from "board";
import { beginCall } from "../kernel/call";
import { clock } from "../kernel/clock";
import { connection } from "../kernel/connection";
import { type Cursor, member, scalar } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc, soon } from "../kernel/rpc";
import { evses, Field, Flag, Registration, station } from "../station/evse";
import { reset as resetStation, resetEvse, resumeOrEnd } from "../station/seconds";
import { keep, setting, settingNumber } from "../store/settings";
import { answer } from "./answer";
import { setClock } from "./clock";
import { Call, Trigger, UNREPORTED } from "./words";

/** B-06: seconds before the next BootNotification when the CSMS gives no interval, so that it is not flooded. */
const BOOT_RETRY = 60;

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

/** Its answer: registration, time, interval (B01.FR.06, B-02, B-05, B-06, B-08). */
export function bootResult(p: Cursor): void {
  if (p >= 0) {
    setClock(scalar(member(p, "currentTime")));
  }
  if (p < 0 || !clock.boot) {
    // B-08: not accepted, at once on a new connection, else after a while. Without the time nothing could be stamped.
    station.left = p === -2 ? 0 : BOOT_RETRY;
    return;
  }
  const status = scalar(member(p, "status"));
  const interval = parseInt(scalar(member(p, "interval")));
  station.registration =
    status === "Accepted" ? Registration.Accepted : status === "Pending" ? Registration.Pending : Registration.Rejected;
  rpc.barred = station.registration === Registration.Rejected ? 1 : 0; // B-07
  const accepted = station.registration === Registration.Accepted ? "true" : "false";
  if (setting(variable("Board.Registered")) !== accepted) {
    keep(variable("Board.Registered"), accepted);
  }
  if (station.registration !== Registration.Accepted) {
    station.left = interval > 0 ? interval : BOOT_RETRY;
    return;
  }
  const beat = Math.min(interval, 86400); // B-10: one a day at least
  if (interval > 0 && beat !== settingNumber(variable("OCPPCommCtrlr.HeartbeatInterval"))) {
    keep(variable("OCPPCommCtrlr.HeartbeatInterval"), "" + beat);
  }
  station.left = settingNumber(variable("OCPPCommCtrlr.HeartbeatInterval"));
  if (setting(variable("Board.BootReason")) !== "PowerUp") {
    keep(variable("Board.BootReason"), "PowerUp");
  }
  for (let at = Field.Reported as number; at < evses.v.length; at += Field.Size) {
    evses.v[at] = UNREPORTED; // B-02: whatever was told while Pending
  }
  resumeOrEnd();
  soon();
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
