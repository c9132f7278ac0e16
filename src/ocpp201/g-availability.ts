/**
 * @overlay
 * OCPP 2.0.1 Part 2, G. Availability: G01 status, G02 heartbeat, G03 and G04 ChangeAvailability, G05 lock failure.
 */
import { answer, beginCall } from "../kernel/call";
import { clock } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { type Cursor, member, scalar } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { changeAvailability as change } from "../station/availability";
import { evses, Field, Flag, STATUSES } from "../station/evse";
import { Call, IN_FLIGHT } from "../station/calls";
import { evseAt } from "./answer";

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

/** ChangeAvailability of the station, an EVSE or a connector (G-02 … G-07). */
export function changeAvailability(p: Cursor): void {
  const at = member(p, "evse");
  const evse = evseAt(at);
  answer(
    evse < -1
      ? "Rejected"
      : change(
          evse,
          evse < 0 ? Flag.Station : member(at, "connectorId") < 0 ? Flag.Evse : Flag.Connector,
          scalar(member(p, "operationalStatus")) === "Inoperative",
        ),
  );
}

/** NotifyEvent: the lock of EVSE `evse` fails, or works again (G-08). */
export function lockEvent(evse: number): void {
  const at = evse * Field.Size + Field.Flags;
  const now = dateTime(clock.boot + clock.up);
  evses.v[at] = (evses.v[at] ^ Flag.LockTold) | Flag.LockTelling;
  beginCall(Call.Notice, "NotifyEvent");
  rpc.out +=
    '{"generatedAt":"' +
    now +
    '","seqNo":0,"eventData":[{"eventId":' +
    rpc.count +
    ',"timestamp":"' +
    now +
    '","trigger":"Delta","actualValue":"' +
    (evses.v[at] & Flag.LockTold ? "true" : "false") +
    '","eventNotificationType":"HardWiredNotification","component":{"name":"ConnectorPlugRetentionLock","evse":{"id":' +
    (evse + 1) +
    ',"connectorId":1}},"variable":{"name":"Problem"}}]}';
}
