/**
 * @overlay
 * Who may charge: cards at the reader, remote starts, verdicts. OCPP 2.0.1 Part 2, C01, C04, C15, F01, E05; the order in which a card
 * finds its EVSE is that of docs/ARCHITECTURE.md, "A card is presented".
 *
 * A token is a text: one letter for its type (`TOKEN_TYPES` of the protocol rooms: A ISO14443, B ISO15693, C Central, E eMAID, K KeyCode,
 * L Local, M MacAddress, N NoAuthorization), then the idToken.
 */
import { Connection, connection } from "../kernel/connection";
import { variable } from "../kernel/overlay";
import { soon } from "../kernel/rpc";
import { Cause, Reason } from "../store/fact";
import { find } from "../kernel/text";
import { setting, settingNumber, settingTrue } from "../store/settings";
import { endTransaction, evaluate } from "./evaluate";
import { evses, Field, pending, Permit, Pilot, Registration, station, Step } from "./evse";

/** `pending.evse` of a card that found every EVSE in use: Authorize, then nothing (C-05). */
const NOWHERE = -2;

/** Can a transaction be begun on EVSE `evse`? 2: a car is connected, 1: none is yet, 0: no. */
function startable(evse: number): number {
  const v = evses.v;
  const at = evse * Field.Size;
  const pilot = v[at + Field.Pilot];
  return (v[at + Field.Transaction] && v[at + Field.Told]) ||
    v[at + Field.Permit] ||
    v[at + Field.Fault] ||
    pilot > Pilot.C ||
    station.reset
    ? 0
    : v[at + Field.Plug] && pilot
      ? 2
      : 1;
}

/** The best EVSE for a new transaction: one with a car, else (`any`) -1 when one is free, else NOWHERE. */
function choose(): number {
  let best = NOWHERE;
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const s = startable(evse);
    if (s === 2) {
      return evse;
    }
    if (s) {
      best = -1;
    }
  }
  return best;
}

/** A card is at the reader of EVSE `reader` (-1 = the station's). */
export function card(token: string, reader: number): void {
  const v = evses.v;
  const name = token.toLowerCase();
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const at = evse * Field.Size;
    if ((reader < 0 || reader === evse) && evses.tokens[evse].toLowerCase() === name) {
      if (v[at + Field.Transaction] && v[at + Field.Permit] !== Permit.Over) {
        // C-04: the token that started stops, without a question.
        endTransaction(evse, Cause.StopAuthorized, Reason.Local, token);
        evaluate(evse);
        return;
      }
      if (v[at + Field.LockWanted] && !v[at + Field.Permit]) {
        v[at + Field.LockWanted] = 0;
        evaluate(evse);
        return;
      }
    }
  }
  if (pending.step === Step.Ask || pending.step === Step.Asked || (pending.step === Step.Waiting && pending.remote)) {
    return;
  }
  const evse = reader < 0 ? choose() : startable(reader) ? reader : NOWHERE;
  if (evse === NOWHERE && !busy()) {
    return;
  }
  pending.token = token;
  pending.evse = evse;
  pending.left = pending.remote = 0;
  ask();
}

/** Is a transaction running, or a cable still locked for somebody (B-54)? */
export function busy(): boolean {
  for (let at = 0; at < evses.v.length; at += Field.Size) {
    if (evses.v[at + Field.Transaction] || evses.v[at + Field.LockWanted]) {
      return true;
    }
  }
  return false;
}

/** Ask the CSMS about the pending token, or decide alone when it cannot be asked. */
function ask(): void {
  pending.step = Step.Ask;
  if (connection.state === Connection.Open && station.registration === Registration.Accepted) {
    soon();
  } else {
    verdictOffline();
  }
}

/** C-11: the CSMS cannot be asked. */
export function verdictOffline(): void {
  verdict(settingTrue(variable("AuthCtrlr.OfflineTxForUnknownIdEnabled")));
}

/** The pending token is accepted or not. */
export function verdict(accepted: boolean): void {
  pending.step = Step.Idle;
  // B-09: a station that was never accepted offers no energy. B-08: one that cannot ask again after a power failure stays accepted.
  const known =
    station.registration || (connection.state !== Connection.Open && settingTrue(variable("Board.Registered")) ? 1 : 0);
  if (!accepted || pending.evse === NOWHERE || known !== Registration.Accepted) {
    pending.token = "";
    return;
  }
  let evse = pending.evse;
  if (evse < 0) {
    evse = evses.tokens.length > 1 ? choose() : 0;
  }
  if (evse === -1 && find(setting(variable("TxCtrlr.TxStartPoint")), "Authorized") >= 0) {
    // E-14: the transaction begins before its car comes, at any EVSE.
    for (evse = 0; !startable(evse); evse++);
    evses.v[evse * Field.Size + Field.Unknown] = 1;
  }
  if (evse === -1) {
    pending.step = Step.Waiting;
    pending.left = settingNumber(variable("TxCtrlr.EVConnectionTimeOut"));
  } else if (evse >= 0 && startable(evse)) {
    grant(evse);
    evaluate(evse);
  }
}

/** The pending token may charge at EVSE `evse`, within EVConnectionTimeOut when no car is there yet. */
export function grant(evse: number): void {
  const v = evses.v;
  const at = evse * Field.Size;
  evses.tokens[evse] = pending.token;
  v[at + Field.Permit] = Permit.Granted;
  v[at + Field.Left] = settingNumber(variable("TxCtrlr.EVConnectionTimeOut"));
  v[at + Field.Told] = 0;
  v[at + Field.Cause] = pending.remote ? Cause.RemoteStart : Cause.Authorized;
  v[at + Field.RemoteStartId] = pending.remoteStartId;
  pending.step = Step.Idle;
  pending.token = "";
  pending.left = 0;
}

/**
 * RequestStartTransaction: `evse` 0-based, -1 = the station chooses. False when it is not possible now (F-02).
 * @inline
 */
export function remoteStart(evse: number, token: string, remoteStartId: number): boolean {
  // F-03: an accepted one keeps its place; the next is refused.
  if (pending.step === Step.Ask || pending.step === Step.Asked || (evse < 0 && pending.step === Step.Waiting && pending.remote)) {
    return false;
  }
  if (evse < 0) {
    evse = choose();
  } else if (!(evse < evses.tokens.length) || !startable(evse)) {
    return false;
  }
  if (evse === NOWHERE) {
    return false;
  }
  pending.token = token;
  pending.evse = evse;
  pending.left = 0;
  pending.remote = 1;
  pending.remoteStartId = remoteStartId;
  // C-09: a Central token and no token at all are never asked about.
  if (token[0] !== "C" && token[0] !== "N" && settingTrue(variable("AuthCtrlr.AuthorizeRemoteStart"))) {
    ask();
  } else {
    verdict(true);
  }
  return true;
}

/** The CSMS takes the authorization of the transaction on EVSE `evse` back (E05.FR.02, E05.FR.10). */
export function deauthorize(evse: number): void {
  const at = evse * Field.Size;
  if (settingTrue(variable("TxCtrlr.StopTxOnInvalidId"))) {
    endTransaction(evse, Cause.Deauthorized, Reason.DeAuthorized, "");
  } else {
    const most = settingNumber(variable("TxCtrlr.MaxEnergyOnInvalidId"));
    evses.v[at + Field.Permit] = Permit.Withdrawn;
    evses.v[at + Field.EnergyStop] = most && evses.v[at + Field.WattHours] + most;
  }
  evaluate(evse);
}
