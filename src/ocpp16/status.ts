/**
 * @overlay
 * OCPP 1.6, 4.9 StatusNotification (ST-01 … ST-07) and 5.2 ChangeAvailability (RM-07). The status of a connector is the EVSE's `Phase`.
 */
import { answer, beginCall } from "../kernel/call";
import { clock } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { type Cursor, member, scalar } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc, soon } from "../kernel/rpc";
import { changeAvailability as change } from "../station/availability";
import { ASKED, Call, IN_FLIGHT } from "../station/calls";
import { Booking, evses, FAULTS, Field, Flag, Phase } from "../station/evse";
import { endBooking } from "../station/reservation";
import { settingNumber } from "../store/settings";
import { STATUSES } from "./words";

/** LocalListConflict in `FAULTS`. */
const CONFLICT = 6;

/** Status of the station as a whole, connector 0. */
function whole(): Phase {
  return evses.v[Field.Flags] & Flag.Station ? Phase.Unavailable : Phase.Available;
}

/** StatusNotification of the first connector whose status the CSMS does not know, 0 before the others. `accepted` 0: of those asked for. */
export function statusNotification(accepted: boolean): void {
  const v = evses.v;
  for (let connector = 0; connector <= evses.tokens.length && !rpc.out; connector++) {
    const at = connector ? (connector - 1) * Field.Size : 0;
    const place = at + (connector ? Field.Reported : Field.Whole);
    const told = v[place];
    let state = connector ? v[at + Field.Phase] : whole();
    const trail = connector && accepted ? v[at + Field.Trail] : 0;
    if (trail) {
      const shift = trail > 0xffff ? 16 : trail > 255 ? 8 : 0;
      state = (trail >> shift) - 1;
      v[at + Field.Trail] ^= (state + 1) << shift;
      soon();
    }
    if (v[at + Field.Booking] > Booking.Used) {
      endBooking(at / Field.Size, Booking.None); // there is no message for its end
    }
    if (told === ASKED || (accepted && told !== state)) {
      // A state that has not lasted long enough waits (ST-02); the first one after a boot does not.
      const wait =
        told < 0 || !connector || trail ? 0 : settingNumber(variable("Board.StatusDuration")) - clock.up + v[at + Field.Since];
      if (wait > 0) {
        v[at + Field.Hold] = wait;
      } else {
        v[place] = state + IN_FLIGHT;
        tell(connector, state, connector ? v[at + Field.Since] : clock.up);
      }
    }
  }
}

/** StatusNotification of `connector`: `state` since the uptime `since`. */
function tell(connector: number, state: number, since: number): void {
  const phase = state % Phase.Fault;
  const fault = (state - phase) / Phase.Fault;
  beginCall(Call.StatusNotification, "StatusNotification");
  rpc.out +=
    '{"connectorId":' +
    connector +
    ',"errorCode":"' +
    (fault ? FAULTS.split(",")[fault - 1] : "NoError") +
    '","status":"' +
    STATUSES.split(",")[phase] +
    // TX-07, TX-08
    (connector &&
    (phase === Phase.Finishing || phase === Phase.SuspendedEV) &&
    !evses.v[(connector - 1) * Field.Size + Field.Connected]
      ? '","info":"EV side disconnected'
      : "") +
    '","timestamp":"' +
    dateTime(clock.boot + since) +
    '"}';
}

/** AU-07: the CSMS refuses a token that its list accepts. Told of connector 0. */
export function localListConflict(): void {
  const state = whole();
  evses.v[Field.Whole] = state + IN_FLIGHT;
  tell(0, state + CONFLICT * Phase.Fault, clock.up);
}

/** ChangeAvailability (RM-07). Connector 0 is the station with all of its connectors. */
export function changeAvailability(p: Cursor): void {
  const connector = parseInt(scalar(member(p, "connectorId")));
  const inoperative = scalar(member(p, "type")) === "Inoperative";
  answer(
    connector < 0 || connector > evses.tokens.length
      ? "Rejected"
      : change(
          connector - 1,
          connector ? (inoperative ? Flag.Connector : Flag.Connector | Flag.Evse) : inoperative ? Flag.Station : Flag.Inoperative,
          inoperative,
        ),
  );
}
