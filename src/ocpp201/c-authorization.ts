/**
 * @overlay
 * OCPP 2.0.1 Part 2, C. Authorization: C01 with its answer, C10, C11; how a token is written and read.
 */
import { beginCall } from "../kernel/call";
import { quote } from "../kernel/escape";
import { type Cursor, item, member, scalar, space, valueEnd } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { Call } from "../station/calls";
import { pending, Step } from "../station/evse";
import { tokenInfo, verdict } from "../station/authorize";
import { rememberToken } from "../store/tokens";
import { TOKEN_TYPES } from "./words";

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

/** Its answer (C-02, C-03). */
export function authorizeResult(p: Cursor): void {
  verdict(learn(member(p, "idTokenInfo"), pending.token));
}

/** What the IdTokenInfoType at `p` says about `token`, as `src/store/tokens.ts` writes it; the cache keeps it (C-14). */
export function learn(p: Cursor, token: string): string {
  const value = readTokenInfo(p);
  rememberToken(token, value);
  return value;
}

/** The IdTokenInfoType at `p` as `src/store/tokens.ts` writes it. Only `Accepted` is accepted, at the EVSEs of evseId if that is given (C-03). */
export function readTokenInfo(p: Cursor): string {
  const list = member(p, "evseId");
  const group = member(p, "groupIdToken");
  let mask = 0;
  if (scalar(member(p, "status")) === "Accepted") {
    mask = list < 0 ? 255 : 0;
    for (let i = list < 0 ? -1 : item(list); i >= 0; i = item(space(valueEnd(i)))) {
      const evse = parseInt(scalar(i)) - 1;
      mask |= evse >= 0 && evse < 8 ? 1 << evse : 0;
    }
  }
  return tokenInfo(mask, scalar(member(p, "cacheExpiryDateTime")), group < 0 ? "" : readIdToken(group));
}
