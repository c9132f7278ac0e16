/**
 * @overlay
 * Variables whose value is made when it is asked for, and settings whose change has to be carried somewhere at once.
 */
import { ALLOW_UNVERIFIED_TLS } from "board";
import { clock } from "../kernel/clock";
import { connection } from "../kernel/connection";
import { dateTime } from "../kernel/datetime";
import { variable, type VariableKey } from "../kernel/overlay";
import { selectProfiles } from "../store/profiles";
import { settingNumber, setting } from "../store/settings";
import { Column } from "../store/table";
import { listEntries } from "../store/tokens";
import { power } from "./evaluate";
import { evses, Field, Flag, Registration, station, STATUSES } from "./evse";
import { settleProfiles } from "./profile";
import { alignSamples } from "./samples";

/** Value of live variable number `live` of `variables.txt`, for EVSE `evse` (0-based). */
export function liveValue(live: number, evse: number): string {
  const v = evses.v;
  if (live === 1 || live === 2) {
    // The station's state: the first in the order of `Status` that one of its EVSEs is in.
    let state = v[(live === 1 ? 0 : evse) * Field.Size + Field.Status];
    for (let at = Field.Status as number; live === 1 && at < v.length; at += Field.Size) {
      if (v[at] < state) {
        state = v[at];
      }
    }
    return STATUSES.split(",")[state];
  }
  if (live === 3) {
    return "" + power(evse);
  }
  if (live === 8) {
    return "" + evses.phases;
  }
  if (live === 4) {
    return evses.fixed ? "cType2" : "sType2";
  }
  if (live === 5) {
    return dateTime(clock.boot + clock.up);
  }
  if (live === 6) {
    // What is in force, not what was asked for: an engine that was not proven to verify certificates gives no profile 2.
    return setting(variable("SecurityCtrlr.BasicAuthPassword")) ? "1" : "0";
  }
  if (live === 60) {
    return "" + connection.slot;
  }
  if (live === 61) {
    return "" + connection.timeout;
  }
  if (live === 62) {
    return setting(variable("Board.CaCertificate")) ? "1" : "0";
  }
  if (live === 40) {
    return "" + ((v[evse * Field.Size + Field.Flags] & Flag.LockProblem) > 0);
  }
  if (live === 50) {
    return "" + listEntries();
  }
  if (live === 80) {
    settleProfiles();
    return "" + selectProfiles().length;
  }
  return "" + ALLOW_UNVERIFIED_TLS;
}

/** Value of the variable of `row` on EVSE `evse` (1-based). */
export function valueOf(row: string[], evse: number): string {
  return row[Column.Live] ? liveValue(parseInt(row[Column.Live]), evse - 1) : setting(row[Column.Key], row);
}

/** The setting `key` has a new value: what runs by the old one is put right. */
export function applySetting(key: VariableKey): void {
  if (key === variable("OCPPCommCtrlr.HeartbeatInterval")) {
    if (station.registration === Registration.Accepted) {
      station.left = settingNumber(key);
    }
  } else if (key === variable("OCPPCommCtrlr.WebSocketPingInterval")) {
    connection.ping = settingNumber(key);
    connection.quiet = 0;
  } else if (key === variable("SampledDataCtrlr.TxUpdatedInterval") || key === variable("SampledDataCtrlr.TxEndedInterval")) {
    const field = key === variable("SampledDataCtrlr.TxUpdatedInterval") ? Field.Sample : Field.EndSample;
    for (let at = 0; at < evses.v.length; at += Field.Size) {
      if (evses.v[at + Field.Transaction]) {
        evses.v[at + field] = settingNumber(key);
        if (station.simple) {
          evses.v[at + Field.EndSample] = settingNumber(key);
        }
      }
    }
  } else if (key === variable("AlignedDataCtrlr.Interval") || key === variable("AlignedDataCtrlr.TxEndedInterval")) {
    alignSamples();
  } else if (key === variable("SecurityCtrlr.BasicAuthPassword")) {
    station.reconnect = 1; // the new password is used from the next connection on, which is made now
  }
}
