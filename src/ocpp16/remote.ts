/**
 * @overlay
 * OCPP 1.6, 5.11 RemoteStartTransaction, 5.12 RemoteStopTransaction, 5.14 Reset, 5.18 UnlockConnector (RM-01 … RM-06).
 */
import { answer } from "../kernel/call";
import { clock } from "../kernel/clock";
import { connection } from "../kernel/connection";
import { type Cursor, member, scalar } from "../kernel/json";
import { LONGEST_TAG, remoteStart } from "../station/authorize";
import { endTransaction, evaluate } from "../station/evaluate";
import { evses, Field, Registration, station } from "../station/evse";
import { unlock } from "../station/requests";
import { reset as resetStation } from "../station/seconds";
import { keepProfile, remoteProfile } from "../station/smart-charging";
import { Cause, Reason } from "../store/fact";
import { tagOf } from "./authorize";
import { profile16 } from "./smart-charging";
import { evseOf } from "./transactions";

/** RemoteStartTransaction (RM-01 … RM-04). Its profile goes to the transaction by a number that nobody else has: the second of the start. */
export function remoteStartTransaction(p: Cursor): void {
  const at = member(p, "connectorId");
  const evse = at < 0 ? -1 : parseInt(scalar(at)) - 1;
  const token = tagOf(p, "idTag");
  const profile = member(p, "chargingProfile");
  const n = profile < 0 ? "" : remoteProfile(profile16(profile, evse + 1), clock.up, member(profile, "transactionId"));
  const accepted =
    (profile < 0 || typeof n !== "string") &&
    station.registration === Registration.Accepted &&
    (at < 0 || evse >= 0) &&
    token.length <= LONGEST_TAG &&
    remoteStart(evse, token, clock.up, "");
  if (accepted && typeof n !== "string") {
    keepProfile(n, [n[0]]);
  }
  answer(accepted ? "Accepted" : "Rejected");
}

/** RemoteStopTransaction (TX-06). */
export function remoteStopTransaction(p: Cursor): void {
  const evse = station.registration === Registration.Accepted ? evseOf("" + parseFloat(scalar(member(p, "transactionId")))) : -1;
  if (evse >= 0) {
    endTransaction(evse, Cause.RemoteStop, Reason.Remote, "");
    evaluate(evse);
  }
  answer(evse < 0 ? "Rejected" : "Accepted");
}

/** UnlockConnector (RM-05): the answer waits for the lock. */
export function unlockConnector(p: Cursor): void {
  const evse = parseInt(scalar(member(p, "connectorId"))) - 1;
  if (evses.fixed || !(evse >= 0 && evse < evses.tokens.length)) {
    answer("NotSupported");
    return;
  }
  if (evses.v[evse * Field.Size + Field.Transaction]) {
    endTransaction(evse, Cause.UnlockCommand, Reason.Other, "");
  }
  unlock(evse);
}

/** Reset (RM-06): Soft, too, ends the transactions before. */
export function reset(p: Cursor): void {
  for (let evse = 0; scalar(member(p, "type")) === "Soft" && evse < evses.tokens.length; evse++) {
    if (evses.v[evse * Field.Size + Field.Transaction]) {
      endTransaction(evse, Cause.ResetCommand, Reason.Other, "");
      evaluate(evse);
    }
  }
  resetStation(true, connection.timeout);
  answer("Accepted");
}
