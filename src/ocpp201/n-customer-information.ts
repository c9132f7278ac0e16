/**
 * @overlay
 * OCPP 2.0.1 Part 2, N. Diagnostics: N09 CustomerInformation get, N10 clear. What the station knows of a customer is the token of a
 * running transaction, which is needed until that ends, as are the queued events until the CSMS has them, and what the authorization
 * cache says of it, which can be cleared. The local list is the CSMS's own.
 */
import { answer, beginCall } from "../kernel/call";
import { clock } from "../kernel/clock";
import { dateTime } from "../kernel/datetime";
import { quote } from "../kernel/escape";
import { type Cursor, member, scalar } from "../kernel/json";
import { rpc } from "../kernel/rpc";
import { Call } from "../station/calls";
import { evses, Field, station } from "../station/evse";
import { TOKENS } from "../store/map";
import { Log, openRecords, removeRecord, walk } from "../store/records";
import { transactionId } from "../store/replay";
import { tokenKey } from "../store/tokens";
import { readIdToken } from "./c-authorization";

/** CustomerInformation (N-04): the text is made now and sent after the answer. */
export function customerInformation(p: Cursor): void {
  const token = member(p, "idToken");
  const report = scalar(member(p, "report")) === "true";
  const clear = scalar(member(p, "clear")) === "true";
  const absent = (token >>> 31) + (member(p, "customerIdentifier") >>> 31) + (member(p, "customerCertificate") >>> 31);
  let status = "Accepted";
  if (absent !== 2) {
    status = "Invalid";
  } else if ((!report && !clear) || station.customer !== undefined) {
    status = "Rejected";
  } else {
    let data = token < 0 ? "" : known(readIdToken(token), clear);
    if (!report) {
      data = "";
    } else if (!data) {
      data = "No data. ";
    }
    station.customer = scalar(member(p, "requestId")) + "," + data + (clear ? "Cleared." : "");
  }
  answer(status);
}

/** What is stored about `token`, a sentence each; afterwards, with `clear`, the cache has forgotten it. */
function known(token: string, clear: boolean): string {
  let text = "";
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    if (
      evses.v[evse * Field.Size + Field.Transaction] &&
      evses.v[evse * Field.Size + Field.Told] &&
      evses.tokens[evse].toLowerCase() === token.toLowerCase()
    ) {
      text += "Transaction " + transactionId(evse) + ". ";
    }
  }
  const page = openRecords(TOKENS);
  const key = "C" + tokenKey(token);
  if (walk(page, key, 0)[Log.At]) {
    text += "Authorization cache. ";
    if (clear) {
      removeRecord(page, key);
    }
  }
  return text;
}

/** NotifyCustomerInformation: one is enough for what there can be. */
export function notifyCustomerInformation(): void {
  const text = station.customer!;
  const comma = text.indexOf(",");
  station.customer = undefined;
  beginCall(Call.Notice, "NotifyCustomerInformation");
  rpc.out +=
    '{"data":' +
    quote(text.substr(comma + 1)) +
    ',"seqNo":0,"generatedAt":"' +
    dateTime(clock.boot + clock.up) +
    '","requestId":' +
    text.substr(0, comma) +
    "}";
}
