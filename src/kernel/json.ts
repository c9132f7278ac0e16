/**
 * JSON in place (RFC 8259): an integer cursor walks the message in the receive buffer. Everything here trusts the text, because
 * `validate` has checked its syntax and its schema before; nothing is copied but the values that are asked for.
 */
import { unescape } from "./escape";

/** Position in the message. */
export type Cursor = number & { readonly __cursor?: never };

export const message = {
  /** The incoming message, one growing string. */
  text: "",
};

/** First position at or after `p` that is not white space. */
export function space(p: Cursor): Cursor {
  for (;;) {
    const c = message.text.charCodeAt(p);
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9) {
      return p;
    }
    p++;
  }
}

/** Position just behind the value that begins at `p`. */
export function valueEnd(p: Cursor): Cursor {
  const m = message.text;
  let depth = 0;
  for (; p < m.length; p++) {
    const c = m[p];
    if (c === '"') {
      let back;
      do {
        p = m.indexOf('"', p + 1);
        if (p < 0) {
          return m.length;
        }
        back = p;
        while (m[back - 1] === "\\") {
          back--;
        }
      } while ((p - back) & 1);
      if (!depth) {
        return p + 1;
      }
    } else if (c === "{" || c === "[") {
      depth++;
    } else if (c === "}" || c === "]") {
      if (!depth) {
        return p;
      }
      if (!--depth) {
        return p + 1;
      }
    } else if (!depth && (c === "," || c <= " ")) {
      return p;
    }
  }
  return p;
}

/** Name of a member of a message: a literal, in whose place the build puts its code. */
type MemberName = string & { readonly __member?: never };

/** The code of a name: low bits of its CRC-32, which tell the members of each object of the official schemas apart; put in by the build. */
declare function memberCode(name: string): MemberName;

/** Position of the value of member `name` of the object at `p`, -1 when absent (or when `p` is -1). */
export function member(p: Cursor, name: MemberName): Cursor {
  const m = message.text;
  while (p >= 0 && m[p] !== "}") {
    p = space(p + 1);
    if (m[p] !== '"') {
      break;
    }
    const end = valueEnd(p);
    const value = space(space(end) + 1);
    if (memberCode(m.substring(p + 1, end - 1)) === name) {
      return value;
    }
    p = space(valueEnd(value));
  }
  return -1;
}

/** The next item of an array: `p` stands at the `[` or behind the item before. -1 at the end. */
export function item(p: Cursor): Cursor {
  p = space(p);
  if (message.text[p] === "]") {
    return -1;
  }
  p = space(p + 1);
  return message.text[p] === "]" ? -1 : p;
}

/** The scalar at `p` as text, escapes resolved to UTF-8; "" when `p` is -1. */
export function scalar(p: Cursor): string {
  if (p < 0) {
    return "";
  }
  const end = valueEnd(p);
  if (message.text[p] !== '"') {
    return message.text.substring(p, end);
  }
  const text = message.text.substring(p + 1, end - 1);
  return text.indexOf("\\") < 0 ? text : unescape(text);
}
