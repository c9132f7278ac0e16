/**
 * @overlay
 * OCPP 2.0.1 Part 2, G. Availability: G01 status, G02 heartbeat.
 */
import { beginCall } from "../kernel/call";
import { clock } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { type Cursor, member, scalar } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { evses, Field, Registration, station } from "../station/evse";
import { settingNumber } from "../store/settings";
import { setClock } from "./clock";
import { Call, IN_FLIGHT, STATUSES } from "./words";

/** StatusNotification of EVSE `evse` (0-based) with its status now. */
export function statusNotification(evse: number): void {
  const at = evse * Field.Size;
  const status = evses.v[at + Field.Status];
  evses.v[at + Field.Reported] = status + IN_FLIGHT;
  beginCall(Call.StatusNotification, "StatusNotification");
  rpc.out +=
    '{"timestamp":"' +
    dateTime(clock.boot + clock.up) +
    '","connectorStatus":"' +
    STATUSES.split(",")[status] +
    '","evseId":' +
    (evse + 1) +
    ',"connectorId":1}';
}

/** Heartbeat (G02). */
export function heartbeat(): void {
  station.heartbeat = 0;
  beginCall(Call.Heartbeat, "Heartbeat");
  rpc.out += "{}";
  if (station.registration === Registration.Accepted) {
    station.left = settingNumber(variable("OCPPCommCtrlr.HeartbeatInterval"));
  }
}

/** Its answer sets the clock. */
export function heartbeatResult(p: Cursor): void {
  if (p >= 0) {
    station.faults = 0; // all is well again
    setClock(scalar(member(p, "currentTime")));
  }
}
