/**
 * @overlay
 * OCPP 1.6, 4.7 MeterValues, 4.8 StartTransaction, 4.10 StopTransaction: the oldest unconfirmed fact as one of them, and its answer (TX-01 … TX-26).
 *
 * The transactionId of 1.6 comes with the answer to StartTransaction. It is kept in a setting, `check=id;…` with the check of the journal's own
 * id, latest first, before the start is confirmed in the journal, until the end is. A transaction without one is −1 in what follows (TX-23).
 */
import { beginCall } from "../kernel/call";
import { clock, EPOCH } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { quote } from "../kernel/escape";
import { type Cursor, member, scalar } from "../kernel/json";
import { opNumber, variable } from "../kernel/overlay";
import { rpc, soon } from "../kernel/rpc";
import { find } from "../kernel/text";
import { LONGEST_TAG, lateVerdict } from "../station/authorize";
import { Call, Trigger } from "../station/calls";
import { again } from "../station/delivery";
import { readMeter } from "../station/evaluate";
import { evses, Field, Meter, station } from "../station/evse";
import { beginTime, contextOf, endedValues, meterValue } from "../station/meter-values";
import { measurands } from "../station/samples";
import { Cause, Extra, fact, Has, Reason } from "../store/fact";
import { Context, journal, Side } from "../store/journal";
import { confirm, factTime, peek, transactionId } from "../store/replay";
import { SecurityEvent, securityEvent } from "../store/security-log";
import { keep, setting } from "../store/settings";
import { knownToken } from "../store/tokens";
import { learn } from "./authorize";
import { REASONS } from "./words";

/** Ids that are kept at most. */
const IDS = 8;

/** The transactionId that the CSMS gave the transaction `id` of the journal, "" when it is not known. */
export function idOf(id: string): string {
  const all = ";" + setting(variable("Board.TransactionIds"));
  const check = ";" + E.CRC32(id) + "=";
  const at = find(all, check);
  return at < 0 ? "" : all.substring(at + check.length, all.indexOf(";", at + 1));
}

/** Keep `given` for the transaction `id` of the journal; "" forgets it. */
function keepId(id: string, given: string): void {
  const check = E.CRC32(id) + "=";
  const list = setting(variable("Board.TransactionIds")).split(";");
  let text = given && check + given + ";";
  for (let i = 0; i < list.length && i < IDS; i++) {
    if (list[i] && list[i].substr(0, check.length) !== check) {
      text += list[i] + ";";
    }
  }
  keep(variable("Board.TransactionIds"), text);
}

/** EVSE of the running transaction that the CSMS calls `id`, -1 when it knows none of that name. */
export function evseOf(id: string): number {
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    if (evses.v[evse * Field.Size + Field.Transaction] && idOf(transactionId(evse)) === id) {
      return evse;
    }
  }
  return -1;
}

/** Is the fact the one to be told as StartTransaction: the begin, or what brings its token? */
function starts(): boolean {
  return (
    (fact.has & (Has.Token | Has.End)) === Has.Token &&
    ((fact.has & Has.Start) > 0 || fact.cause === Cause.Authorized || fact.cause === Cause.RemoteStart)
  );
}

/** Send the oldest unconfirmed fact; one that 1.6 has no message for is confirmed. */
export function transaction(): void {
  if (!peek()) {
    return;
  }
  const has = fact.has;
  const evse = fact.evse;
  const unix = factTime();
  const id = idOf(fact.id) || "-1";
  station.sends++;
  if (has & Has.End) {
    stop(unix, id);
  } else if (starts()) {
    const start = has & Has.Start ? unix : beginTime(unix);
    const register =
      has & Has.Start ? fact.wattHours : journal.context[evse * Context.Size + Side.Reader + Context.BeginWattHours];
    beginCall(Call.Transaction, "StartTransaction");
    rpc.out +=
      '{"connectorId":' +
      (evse + 1) +
      ',"idTag":' +
      tag() +
      ',"meterStart":' +
      register +
      (fact.extra & Extra.Reservation ? ',"reservationId":' + fact.reservationId : "") +
      ',"timestamp":"' +
      dateTime(start) +
      '"}';
  } else {
    const identity = journal.identity[evse];
    // Nothing is told of a transaction that nobody has been accepted for.
    if (has & Has.Values && !(has & Has.Start) && (id !== "-1" || identity.length > identity.charCodeAt(0) + 1)) {
      meterValues(evse, id, unix);
    }
    if (!rpc.out) {
      confirm();
      station.sends = 0;
      soon();
    }
  }
  fact.token = fact.id = fact.history = "";
}

/** The token of the fact as an idTag. One that is too long is none (and reported when the CSMS has taken the message). */
function tag(): string {
  return quote(fact.token.length > LONGEST_TAG ? "" : fact.token.substr(1));
}

/** MeterValues of EVSE `evse` with the values in `fact`; "" as `id`: outside of a transaction. Nothing, when there are none. */
function meterValues(evse: number, id: string, time: number): void {
  const list = measurands(0, fact.cause);
  beginCall(id ? Call.Transaction : Call.Notice, "MeterValues");
  rpc.out += '{"connectorId":' + (evse + 1) + (id ? ',"transactionId":' + id : "") + ',"meterValue":[';
  const head = rpc.out.length;
  meterValue(time, contextOf(), list, '"');
  if (rpc.out.length > head) {
    rpc.out += "]}";
  } else {
    rpc.out = "";
    rpc.call = 0;
  }
}

/** StopTransaction: the fact is an end. What it has to tell of the time between may be long, and goes out in pieces. */
function stop(time: number, id: string): void {
  const reason =
    fact.cause === Cause.UnlockCommand
      ? "UnlockCommand"
      : fact.cause === Cause.ResetCommand && fact.reason === Reason.Other
        ? "SoftReset"
        : REASONS.split(",")[fact.reason] || "Other";
  beginCall(Call.Transaction, "StopTransaction");
  rpc.out +=
    '{"transactionId":' +
    id +
    ',"meterStop":' +
    fact.wattHours +
    ',"timestamp":"' +
    dateTime(time) +
    '","reason":"' +
    reason +
    '"' +
    (fact.has & Has.Token && fact.token.length <= LONGEST_TAG ? ',"idTag":' + tag() : "");
  if (measurands(Has.End, 0) || fact.history) {
    rpc.out += ',"transactionData":[';
    rpc.at = 0;
    rpc.stream = opNumber(stopNext);
    stopNext();
  } else {
    rpc.out += "}";
  }
}

/** The next piece of it. */
export function stopNext(): void {
  endedValues('"');
}

/** The answer to what `transaction` sent. */
export function transactionResult(p: Cursor): void {
  if (again(p) || !peek()) {
    return;
  }
  const id = fact.id;
  const start = starts();
  const token = fact.has & Has.Token ? fact.token : "";
  const end = fact.has & Has.End;
  fact.token = fact.id = fact.history = "";
  let known;
  if (p >= 0 && token && token.length <= LONGEST_TAG && member(p, "idTagInfo") >= 0) {
    const before = start ? knownToken(token) : "";
    known = learn(p, token);
    if (before[0] === "L" && before.charCodeAt(1) && !known.charCodeAt(0)) {
      station.triggered |= Trigger.Conflict; // AU-07
    }
  }
  if (start) {
    // On flash before the start is confirmed: what follows needs it.
    keepId(id, p >= 0 ? scalar(member(p, "transactionId")) : "");
  }
  if ((start || end) && token.length > LONGEST_TAG) {
    securityEvent(SecurityEvent.TokenTooLong, id); // no card number in a log
  }
  confirm();
  if (end) {
    // Only now: an end that is sent again after a power failure is that of the same transaction.
    keepId(id, "");
  }
  for (let evse = 0; start && known !== undefined && evse < evses.tokens.length; evse++) {
    if (evses.v[evse * Field.Size + Field.Transaction] && transactionId(evse) === id) {
      lateVerdict(evse, known);
    }
  }
}

/** MeterValues of EVSE `evse`, which was asked for (TR-01) or is due outside of a transaction (MV-02). */
export function sendMeterValues(evse: number): void {
  const at = evse * Field.Size;
  const aligned = evses.v[at + Field.Meter] === Meter.Clock;
  evses.v[at + Field.Meter] = Meter.None;
  readMeter(evse);
  fact.has = 0;
  fact.extra = Extra.Supply;
  fact.cause = aligned ? Cause.MeterValueClock : Cause.Trigger;
  const id = evses.v[at + Field.Transaction] ? idOf(transactionId(evse)) : "";
  meterValues(evse, id, aligned ? station.alignedAt + EPOCH : clock.boot + clock.up);
  if (rpc.call) {
    rpc.call = Call.Notice;
  }
}
