/**
 * @overlay
 * OCPP 2.0.1 Part 2, C. Authorization: C01 with its answer; how a token is written and read.
 */
import { beginCall } from "../kernel/call";
import { quote } from "../kernel/escape";
import { type Cursor, item, member, scalar, space, valueEnd } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { pending, Step } from "../station/evse";
import { verdict } from "../station/authorize";
import { Call, TOKEN_TYPES } from "./words";

/** The name behind `letter` in TOKEN_TYPES, or (`letter` "") the letter of the type named `name`; "" when there is none. */
export function tokenType(letter: string, name: string): string {
  const types = TOKEN_TYPES.split(",");
  for (let i = 0; i < types.length; i++) {
    if (letter ? types[i][0] === letter : types[i].substr(1) === name) {
      return letter ? types[i].substr(1) : types[i][0];
    }
  }
  return "";
}

/** `"idToken":{…}` of a token, without braces around. */
export function idTokenMember(token: string): string {
  return '"idToken":{"idToken":' + quote(token.substr(1)) + ',"type":"' + tokenType(token[0], "") + '"}';
}

/** The token of the IdTokenType at `p`. */
export function readIdToken(p: Cursor): string {
  return tokenType("", scalar(member(p, "type"))) + scalar(member(p, "idToken"));
}

/** Authorize for the pending token. */
export function authorize(): void {
  pending.step = Step.Asked;
  beginCall(Call.Authorize, "Authorize");
  rpc.out += "{" + idTokenMember(pending.token) + "}";
}

/** Its answer: only `Accepted`, and only for the EVSEs of idTokenInfo.evseId when that is given (C-02, C-03). */
export function authorizeResult(p: Cursor): void {
  const info = member(p, "idTokenInfo");
  let accepted = scalar(member(info, "status")) === "Accepted";
  const list = member(info, "evseId");
  if (accepted && list >= 0) {
    accepted = false;
    for (let i = item(list); i >= 0; i = item(space(valueEnd(i)))) {
      const evse = parseInt(scalar(i)) - 1;
      if (pending.evse < 0 || pending.evse === evse) {
        pending.evse = evse;
        accepted = true;
        break;
      }
    }
  }
  verdict(accepted);
}
