/**
 * @overlay
 * OCPP 1.6, 4.1 Authorize; how an idTag is written and read (AU-01 … AU-10). 1.6 knows no types of tokens: all are of the first, `A`.
 */
import { beginCall } from "../kernel/call";
import { quote } from "../kernel/escape";
import { type Cursor, member, scalar } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { tokenInfo, verdict } from "../station/authorize";
import { Call } from "../station/calls";
import { pending, Step } from "../station/evse";
import { rememberToken } from "../store/tokens";

/** The token of the idTag `name` of the object at `p`, "" when it is absent. */
export function tagOf(p: Cursor, name: string): string {
  const at = member(p, name);
  return at < 0 ? "" : "A" + scalar(at);
}

/** Authorize for the pending token. */
export function authorize(): void {
  pending.step = Step.Asked;
  beginCall(Call.Authorize, "Authorize");
  rpc.out += '{"idTag":' + quote(pending.token.substr(1)) + "}";
}

/** Its answer. */
export function authorizeResult(p: Cursor): void {
  verdict(learn(p, pending.token));
}

/** What the answer at `p` says about `token`, as `src/store/tokens.ts` writes it; the cache keeps it (AU-08). */
export function learn(p: Cursor, token: string): string {
  const value = readTagInfo(member(p, "idTagInfo"));
  rememberToken(token, value);
  return value;
}

/** The IdTagInfo at `p` as `src/store/tokens.ts` writes it. */
export function readTagInfo(p: Cursor): string {
  return tokenInfo(
    scalar(member(p, "status")) === "Accepted" ? 255 : 0,
    scalar(member(p, "expiryDate")),
    tagOf(p, "parentIdTag"),
  );
}
