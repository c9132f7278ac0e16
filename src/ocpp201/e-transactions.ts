/**
 * @overlay
 * OCPP 2.0.1 Part 2, E. Transactions: the oldest unconfirmed fact as a TransactionEvent, and its answer (E-03, E-04, E-30, E-40, E-43).
 */
import { beginCall } from "../kernel/call";
import { dateTime } from "../kernel/datetime";
import { type Cursor, member } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { lateVerdict } from "../station/authorize";
import { Call } from "../station/calls";
import { again } from "../station/delivery";
import { evses, Field, station } from "../station/evse";
import { Cause, Charging, Extra, fact, Has } from "../store/fact";
import { journal } from "../store/journal";
import { confirm, factTime, peek, transactionId } from "../store/replay";
import { idTokenMember, learn } from "./c-authorization";
import { meterValues } from "./j-meter-values";
import { CAUSES, CHARGING_STATES, REASONS } from "./words";

/** Send the oldest unconfirmed fact. */
export function transactionEvent(): void {
  if (!peek()) {
    return;
  }
  const has = fact.has;
  const sample = fact.cause === Cause.MeterValuePeriodic;
  const unix = factTime();
  const time = dateTime(unix);
  station.sends++;
  beginCall(Call.Transaction, "TransactionEvent");
  rpc.out +=
    '{"eventType":"' +
    (has & Has.Start ? "Started" : has & Has.End ? "Ended" : "Updated") +
    '","timestamp":"' +
    time +
    '","triggerReason":"' +
    CAUSES.split(",")[fact.cause] +
    '","seqNo":' +
    fact.seqNo +
    (journal.old ? ',"offline":true' : "") +
    ',"transactionInfo":{"transactionId":"' +
    fact.id +
    (sample ? "" : '","chargingState":"' + CHARGING_STATES.split(",")[fact.charging]) +
    (has & Has.End ? '","stoppedReason":"' + REASONS.split(",")[fact.reason] : "") +
    '"' +
    (has & Has.RemoteStart ? ',"remoteStartId":' + fact.remoteStartId : "") +
    "}" +
    (fact.extra & Extra.Reservation ? ',"reservationId":' + fact.reservationId : "") +
    // E-03: how many phases, whenever energy starts.
    (fact.cause === Cause.ChargingStateChanged && fact.charging === Charging.Charging
      ? ',"numberOfPhasesUsed":' + evses.phases
      : "") +
    (fact.extra & Extra.Evse ? ',"evse":{"id":' + (fact.evse + 1) + ',"connectorId":1}' : "");
  if (has & Has.Token) {
    rpc.out += "," + idTokenMember(fact.token);
  }
  if (has & Has.Values) {
    meterValues(unix);
  } else {
    rpc.out += "}";
  }
  fact.token = fact.id = fact.history = "";
}

/** The answer: the fact is confirmed, or it is sent again later (E13). */
export function transactionResult(p: Cursor): void {
  if (again(p)) {
    return;
  }
  let known;
  if (p >= 0 && peek() && fact.has & Has.Token) {
    // E-33: idTokenInfo counts only in the answer to an event that carried the token.
    const info = member(p, "idTokenInfo");
    if (info >= 0) {
      known = learn(info, fact.token);
    }
  }
  const id = fact.id;
  fact.token = fact.id = fact.history = "";
  confirm();
  // The transaction may have moved to another EVSE since (E-14).
  for (let evse = 0; known !== undefined && evse < evses.tokens.length; evse++) {
    if (evses.v[evse * Field.Size + Field.Transaction] && transactionId(evse) === id) {
      lateVerdict(evse, known);
    }
  }
}
