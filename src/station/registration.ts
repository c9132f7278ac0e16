/**
 * @overlay
 * Registration at the CSMS, the time that it tells, and what has arrived there: the parts of OCPP 2.0.1 B01–B03, B04, G02 and of OCPP 1.6
 * 4.2, 4.6 that are the same in both.
 */
import { beginCall } from "../kernel/call";
import { clock } from "../kernel/clock";
import { connection } from "../kernel/connection";
import { confirmSlot } from "../kernel/engine/slots";
import { type Cursor, member, scalar } from "../kernel/json";
import { variable } from "../kernel/overlay";
import { rpc, soon } from "../kernel/rpc";
import { journal } from "../store/journal";
import { SecurityEvent, securityEvent } from "../store/security-log";
import { keep, setting, settingNumber } from "../store/settings";
import { Call, IN_FLIGHT, UNREPORTED } from "./calls";
import { charging } from "./charging";
import { Booking, evses, Field, Flag, Meter, Registration, station } from "./evse";
import { endBooking } from "./reservation";
import { resumeOrEnd } from "./seconds";
import { setClock } from "./set-clock";

/** B-06: seconds before the next BootNotification when the CSMS gives no interval, so that it is not flooded. */
const BOOT_RETRY = 60;

/** Nothing has been told of any EVSE. */
export function unreported(): void {
  for (let at = 0; at < evses.v.length; at += Field.Size) {
    evses.v[at + Field.Reported] = evses.v[at + Field.Whole] = UNREPORTED;
  }
}

/** The answer to BootNotification: registration, time, interval (B01.FR.06, B-02, B-05, B-06, B-08; BT-01 … BT-06). */
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
  confirmSlot();
  const beat = Math.min(interval, 86400); // B-10: one a day at least
  if (interval > 0 && beat !== settingNumber(variable("OCPPCommCtrlr.HeartbeatInterval"))) {
    keep(variable("OCPPCommCtrlr.HeartbeatInterval"), "" + beat);
  }
  station.left = settingNumber(variable("OCPPCommCtrlr.HeartbeatInterval"));
  if (setting(variable("Board.BootReason")) !== "PowerUp") {
    keep(variable("Board.BootReason"), "PowerUp");
  }
  unreported(); // B-02: whatever was told while Pending
  resumeOrEnd();
  soon();
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

/** The answer to a CALL that both protocols have is at `p`, as in `result` of the protocol. */
export function taken(call: Call, p: Cursor): void {
  if (call === Call.BootNotification) {
    bootResult(p);
  } else if (call === Call.Heartbeat) {
    if (p >= 0) {
      station.faults = 0; // all is well again
      setClock(scalar(member(p, "currentTime")));
    }
  } else if (call === Call.StatusNotification || call === Call.Notice) {
    // A status on its way when the connection broke may not have arrived: it is unreported (B04). The same for the other notices.
    const v = evses.v;
    for (let at = 0; at < v.length; at += Field.Size) {
      for (let field = Field.Reported as number; field <= Field.Whole; field++) {
        if (v[at + field] >= IN_FLIGHT) {
          v[at + field] = p === -2 ? UNREPORTED : v[at + field] - IN_FLIGHT;
        }
      }
      if (v[at + Field.Booking] >= IN_FLIGHT) {
        v[at + Field.Booking] -= IN_FLIGHT;
        if (p !== -2) {
          endBooking(at / Field.Size, Booking.None);
        }
      }
      if (v[at + Field.Flags] & Flag.LockTelling) {
        v[at + Field.Flags] ^= p === -2 ? Flag.LockTelling | Flag.LockTold : Flag.LockTelling;
      }
    }
  }
}

/**
 * The connection is open again: what was recorded before it is offline (E11.FR.07), what was asked for is no more. True: with another
 * CSMS than before, where everything begins anew (B10.FR.10).
 */
export function reopened(): boolean {
  journal.old = journal.count;
  journal.pack = journal.packing = undefined; // the reader moves now
  journal.target = 0;
  charging.wanted = undefined;
  station.reconnect = 0; // that was with the new password
  if (journal.dropped) {
    securityEvent(SecurityEvent.StorageFull, journal.dropped + " transaction events dropped");
    journal.dropped = 0;
  }
  for (let at = 0; at < evses.v.length; at += Field.Size) {
    evses.v[at + Field.Trail] = 0;
    if (evses.v[at + Field.Meter] === Meter.Clock) {
      evses.v[at + Field.Meter] = Meter.None; // its time is over (E-44)
    }
  }
  if (!connection.worked || connection.worked === connection.slot) {
    return false;
  }
  station.registration = Registration.None;
  station.left = 0;
  rpc.barred = 1;
  // What the one asked for is not told to the other.
  station.heartbeat = station.triggered = 0;
  station.customer = undefined;
  unreported();
  return true;
}
