/**
 * @overlay
 * A complete message came (OCPP-J Part 4, 4.2; RPC-03, RPC-04, RPC-07, RPC-08).
 */
import { closeWith } from "./connect";
import { characterCount, characterLength } from "./escape";
import { message, space, valueEnd } from "./json";
import { load, type OpNumber, slice } from "./overlay";
import { flush, rpc, soon } from "./rpc";
import { find, plain } from "./text";
import { nameCode, validate } from "./validate";

/** The number by which the protocol knows an action; put in by the build. */
declare function memberCode(action: string): number;

/** Take the message in the buffer. `surplus` > 0: it was longer than the limit and only its beginning is there (RPC-12). */
export function receiveMessage(surplus: number): void {
  let m = message.text;
  let id = '"-1"';
  let type = "";
  let action = "";
  let payload = -1;
  rpc.error = "R";
  // The elements before the payload: type, id and, in a CALL, the action.
  let p = space(0);
  for (let n = 0; m[p] === (n ? "," : "["); n++) {
    p = space(p + 1);
    const end = valueEnd(p);
    // The inside of an id or an action; a longer text is neither.
    const word = m[p] === '"' && end - p < 99 ? m.substring(p + 1, end - 1) : "";
    if (!plain(word) && characterCount(p + 1, end - 1) === -2) {
      closeWith(1007); // RFC 6455 8.1
      return;
    }
    if (!n) {
      type = m.substring(p, end);
    } else if (n === 1) {
      // An id with a backslash is nobody's; without this check a broken one would be repeated in the answer.
      if (m[end - 1] !== '"' || !word || word.length > 36 || !plain(word)) {
        break;
      }
      id = m.substring(p, end);
      if (type === "2") {
        rpc.error = "R";
      } else if (type !== "3" && type !== "4") {
        rpc.error = "M";
        break;
      }
    } else if (type === "2" && n === 2) {
      if (m[p] !== '"') {
        break;
      }
      action = word;
    } else {
      payload = p;
      break;
    }
    p = space(end);
  }
  const waited = (type === "3" || type === "4") && rpc.call && id === '"' + rpc.id + '"';
  if (
    (m.charCodeAt(p) > 127 && !characterLength(m, p)) ||
    (type === "3" && !waited && payload >= 0 && validate("", payload, "*") === -2)
  ) {
    closeWith(1007); // RFC 6455 8.1
    return;
  }
  if (type === "3" || type === "4") {
    // RPC-04: late, unknown or unreadable answers are dropped, never answered.
    if (waited) {
      const call = rpc.call;
      rpc.call = 0;
      load(rpc.result, call, type === "3" && !surplus ? payload : -1);
      soon();
    }
    message.text = "";
    return;
  }
  if (payload >= 0) {
    const schema = slice(rpc.schema);
    if (surplus) {
      rpc.error = "F";
    } else {
      const code = nameCode(action);
      const offered = find(schema, "\n" + code + "{") >= 0;
      const end = validate(schema, payload, offered ? "o" + code : "*");
      if (end === -2) {
        closeWith(1007); // RFC 6455 8.1
        return;
      }
      if (end === -3) {
        rpc.error = "F";
      } else if (end < 0 || m[space(end)] !== "]" || space(space(end) + 1) < m.length) {
        rpc.error = "R";
        if (end < 0) {
          id = '"-1"'; // RPC-08 a: not JSON
        }
      } else if (rpc.barred) {
        rpc.error = "S";
      } else if (!offered) {
        rpc.error = find(slice(rpc.actions), code) < 0 ? "NotImplemented" : "NotSupported";
      }
    }
    if (!rpc.error) {
      rpc.out = "[3," + id + ",";
      m = ""; // a handler that has read all may let the text go
      // A handler that goes deep is named, not called, by the dispatch: one call less below it.
      const handler = load(rpc.request, memberCode(action), payload);
      if (handler) {
        load(handler as OpNumber, payload);
      }
      if (rpc.stream) {
        flush(0);
        return;
      }
    }
  }
  if (rpc.error) {
    rpc.out = errorWord(rpc.error);
    if (rpc.out) {
      rpc.out = "[4," + id + ',"' + rpc.out + '","",{}]';
    }
  } else if (rpc.out) {
    rpc.out += "]";
  }
  rpc.error = message.text = "";
  if (rpc.out) {
    flush(128); // else it is held back
  }
  soon();
}

/** `error` as the protocol in use says it: a letter stands for a word of its table. "": it does not answer. */
function errorWord(error: string): string {
  const words = slice(rpc.actions);
  if (rpc.barred && find(words, "\nS\n") >= 0) {
    error = "S"; // where a CALL may not be answered, nothing is
  }
  const at = find(words, "\n" + error) + 2;
  return error.length > 1 ? error : words.substring(at, words.indexOf("\n", at));
}
