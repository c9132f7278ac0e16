/**
 * @overlay
 * Checks a value of the message against its schema before anything is done with it: OCPP-J Part 4, 4.2.3 and RPC-08 a, f–j.
 * One pass, no recursion, no copies but of the names; the schema is a text in flash made from the official JSON schemas
 * (tools/build/schemas.ts has the format).
 */
import { characterCount } from "./escape";
import { parseDateTime } from "./datetime";
import { type Cursor, message, space, valueEnd } from "./json";
import { rpc } from "./rpc";
import { find, plain } from "./text";

/** Brackets within each other: RequestStartTransaction needs 12, customData may bring some more. */
const MAX_DEPTH = 24;

/**
 * Names are known by 21 bits of their CRC-32, in three bytes that hold nothing else.
 * @inline
 */
export function nameCode(name: string): string {
  const crc = E.CRC32(name);
  return String.fromCharCode((crc & 127) | 128, ((crc >> 7) & 127) | 128, ((crc >> 14) & 127) | 128);
}

/** Characters between `from` and `to` of the message; -1, -2 as `characterCount`. Looks piece by piece for text that needs it. */
function stringLength(from: number, to: number): number {
  for (let i = from; i < to; i += 64) {
    if (!plain(message.text.substring(i, i + 64 < to ? i + 64 : to))) {
      return characterCount(from, to);
    }
  }
  return to - from;
}

/**
 * What is wrong with `text` as a number of `type`: an error's initial, "" for nothing, "?" when JSON has no such number. On its own, because
 * the engine reads through what it skips.
 */
function numberFault(text: string, type: string): string {
  // -? digits [. digits] [e +-? digits]; no leading zero.
  let i = text[0] === "-" ? 1 : 0;
  const first = i;
  let plain = 1;
  let digits = 0;
  for (let part = 0; part < 3; part++) {
    const begin = i;
    for (; text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57; i++);
    if (i === begin) {
      return "?";
    }
    if (!part) {
      digits = i - begin;
    }
    if (part < 1 && text[i] === ".") {
      plain = 0;
    } else if (part < 2 && (text[i] === "e" || text[i] === "E")) {
      plain = 0;
      part = 1;
      if (text[i + 1] === "+" || text[i + 1] === "-") {
        i++;
      }
    } else {
      break;
    }
    i++;
  }
  if (i !== text.length || !text.length || (text[first] === "0" && digits > 1)) {
    return "?";
  }
  if (type[0] === "i") {
    const value = parseFloat(text);
    const comma = type.indexOf(",");
    if (!plain && value !== Math.floor(value)) {
      return "T";
    }
    return comma > 0 &&
      ((comma > 1 && value < parseInt(type.substring(1, comma))) ||
        (comma < type.length - 1 && value > parseInt(type.substr(comma + 1))))
      ? "P"
      : "";
  }
  if (type === "n1") {
    const tenths = parseFloat(text) * 10;
    return Math.abs(tenths - Math.floor(tenths + 0.5)) > 0.001 ? "P" : "";
  }
  return type === "n" || type === "*" ? "" : "T";
}

/**
 * Check the value at `p` against `type` of the schema text (`o` + name of an object type, `*` for anything).
 * Returns the position behind it, -1 when the text is not JSON, -2 when it is not UTF-8, -3 when it is nested too deep. `rpc.error` then holds the initial of the first schema error
 * (Occurrence, Type, PropertyConstraintViolation, FormatViolation), or "".
 */
export function validate(schema: string, p: Cursor, type: string): Cursor {
  const m = message.text;
  const stack: (string | number)[] = [];
  let line = ""; // fields of the object we are in; "" in an array or in anything
  let element = ""; // type of the elements of the array we are in; "" in an object
  let seen = 0; // required fields met
  let count = 0;
  rpc.error = "";
  for (;;) {
    // A value of `type` begins here.
    p = space(p);
    const c = m[p];
    const kind = type[0];
    let error = "";
    let end;
    if (c === "{" || c === "[") {
      if (stack.length > MAX_DEPTH * 4) {
        return -3;
      }
      stack.push(line, element, seen, count);
      line = element = "";
      seen = count = 0;
      if (c === "[") {
        element = kind === "a" ? type : "*";
        if (kind !== "a" && kind !== "*") {
          error = kind === "o" && stack.length === 4 ? "F" : "T";
        }
      } else if (kind === "o") {
        const at = find(schema, "\n" + type.substr(1) + "{") + type.length + 1;
        line = schema.substring(at, schema.indexOf("\n", at));
      } else if (kind !== "*") {
        error = "T";
      }
      p = space(p + 1);
      end = -1;
    } else {
      end = valueEnd(p);
      // Only short values are ever copied: the longest enum and date-time, and any number that is one.
      const long = end - p > 99;
      const text = long ? "" : c === '"' ? m.substring(p + 1, end - 1) : m.substr(p, end - p);
      if (c === '"') {
        if (end > m.length || m[end - 1] !== '"' || end - p < 2) {
          return -1;
        }
        const length = long || !plain(text) ? stringLength(p + 1, end - 1) : text.length;
        if (length < 0) {
          return length;
        }
        if (kind === "s") {
          const limit = parseInt(type.substr(1));
          if (limit && length > limit) {
            error = "P";
          }
        } else if (kind === "e") {
          const at = find(schema, "\n=" + type.substr(1) + ",");
          const code = nameCode(text);
          if (find(schema.substring(at, schema.indexOf("\n", at + 1)), code) < 0) {
            error = "P";
          }
        } else if (kind === "d") {
          if (parseDateTime(text) < 0) {
            error = "P";
          }
        } else if (kind !== "*") {
          error = "T";
        }
      } else if (text === "true" || text === "false") {
        if (kind !== "b" && kind !== "*") {
          error = "T";
        }
      } else if (text === "null") {
        if (kind !== "*") {
          error = "T";
        }
      } else {
        error = numberFault(text, type);
        if (error === "?") {
          return -1;
        }
      }
      if (error && stack.length === 0) {
        error = "F";
      }
      p = end;
    }
    if (error && !rpc.error) {
      rpc.error = error;
    }
    // Behind a value, or just inside a bracket: close what ends here, then step to the next value.
    for (;;) {
      if (end >= 0) {
        if (!stack.length) {
          return p;
        }
        count++;
        p = space(p);
      }
      const close = m[p];
      if (close === (element ? "]" : "}")) {
        error = "";
        if (element) {
          const bounds = element === "*" ? [] : element.substr(1).split(",");
          if (count < parseInt(bounds[0]) || (bounds[1] && count > parseInt(bounds[1]))) {
            error = "O";
          }
        } else if (line && seen !== (1 << parseInt(line[0], 36)) - 1) {
          error = "O";
        }
        if (error && !rpc.error) {
          rpc.error = error;
        }
        count = stack.pop() as number;
        seen = stack.pop() as number;
        element = stack.pop() as string;
        line = stack.pop() as string;
        p++;
        end = p;
        continue;
      }
      if (end >= 0) {
        if (close !== ",") {
          return -1;
        }
        p = space(p + 1);
      }
      break;
    }
    if (element) {
      type = element === "*" ? "*" : element.substr(element.indexOf(",", element.indexOf(",") + 1) + 1);
      continue;
    }
    if (m[p] !== '"') {
      return -1;
    }
    end = valueEnd(p);
    const name = m.substring(p + 1, end - p > 99 ? p + 1 : end - 1);
    const length = name && plain(name) ? 0 : stringLength(p + 1, end - 1);
    if (length < 0) {
      return length;
    }
    p = space(end);
    if (m[p] !== ":") {
      return -1;
    }
    p++;
    type = "*";
    if (line) {
      const code = nameCode(name);
      const from = find(line, code) + 3;
      if (from > 3) {
        type = line.substring(from + 1, line.indexOf(";", from));
        if (line[from] !== "-") {
          seen |= 1 << parseInt(line[from], 36);
        }
      } else if (name === "customData" && find(schema, "\nC!{") >= 0) {
        type = "oC!";
      } else if (line[line.length - 1] !== "*" && !rpc.error) {
        // RPC-08 j: a field that the schema does not know.
        rpc.error = "F";
      }
    }
  }
}
