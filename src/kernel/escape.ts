/**
 * @overlay
 * JSON string escapes (RFC 8259 section 7) and UTF-8 (RFC 3629), byte by byte; loaded only for text that needs it.
 */
import { message } from "./json";
import { find, plain } from "./text";

/** `text` with its escapes resolved; `\u` becomes UTF-8, a lone surrogate becomes U+FFFD. */
export function unescape(text: string): string {
  let out = "";
  let i = 0;
  while (i < text.length) {
    const next = text.indexOf("\\", i);
    if (next < 0) {
      return out + text.substr(i);
    }
    out += text.substring(i, next);
    const c = text[next + 1];
    i = next + 2;
    if (c === "u") {
      let code = parseInt(text.substr(i, 4), 16);
      i += 4;
      if (code >= 0xd800 && code < 0xe000) {
        const low = text[i] === "\\" && text[i + 1] === "u" ? parseInt(text.substr(i + 2, 4), 16) : 0;
        if (code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
          code = 0x10000 + ((code - 0xd800) << 10) + low - 0xdc00;
          i += 6;
        } else {
          code = 0xfffd;
        }
      }
      let size = 128; // what the first byte can hold
      let rest = "";
      while (code >= size) {
        rest = String.fromCharCode(0x80 | (code & 63)) + rest;
        code >>= 6;
        size = size > 32 ? 32 : size >> 1;
      }
      out += String.fromCharCode((256 - 2 * size) | code) + rest;
    } else {
      const k = find("nrtbf", c);
      out += k < 0 ? c : "\n\r\t\b\f"[k];
    }
  }
  return out;
}

/** Length of the UTF-8 character at `i` of `text`, 0 when the bytes there are not one (overlong, surrogate, cut). */
export function characterLength(text: string, i: number): number {
  const c = text.charCodeAt(i);
  if (c < 0x80) {
    return 1;
  }
  const n = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
  for (let k = 1; k < n; k++) {
    const d = text.charCodeAt(i + k);
    if (
      !((d & 0xc0) === 0x80) ||
      (k === 1 && ((c === 0xe0 && d < 0xa0) || (c === 0xed && d > 0x9f) || (c === 0xf0 && d < 0x90) || (c === 0xf4 && d > 0x8f)))
    ) {
      return 0;
    }
  }
  return n;
}

/**
 * Number of characters of the JSON string whose inside lies between `from` and `to` of the message; -1 when it is none (control
 * character, unknown escape), -2 when it is not UTF-8. Nothing is copied: a string may be as long as a message.
 */
export function characterCount(from: number, to: number): number {
  const text = message.text;
  let count = 0;
  let high = 0; // the character before was the first half of a surrogate pair
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i);
    count++;
    if (c < 32) {
      return -1;
    }
    if (c === 92) {
      i++;
      let half = 0;
      if (text[i] === "u") {
        const code = parseInt(text.substr(i + 1, 4), 16) >> 10;
        half = code === 54 ? 1 : 0;
        count -= high && code === 55 ? 1 : 0;
        for (let k = 1; k < 5; k++) {
          const d = text.charCodeAt(i + k);
          if (!((d > 47 && d < 58) || ((d | 32) > 96 && (d | 32) < 103))) {
            return -1;
          }
        }
        i += 4;
      } else if (find('"\\/bfnrt', text[i]) < 0) {
        return -1;
      }
      high = half;
      continue;
    }
    high = 0;
    if (c > 127) {
      const n = characterLength(text, i);
      if (!n || i + n > to) {
        return -2;
      }
      i += n - 1;
    }
  }
  return count;
}

/** `text` (UTF-8) as a JSON string with its quotes. */
export function quote(text: string): string {
  if (plain(text)) {
    return '"' + text + '"';
  }
  let out = '"';
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34 || c === 92) {
      out += "\\" + text[i];
    } else if (c < 32) {
      out += "\\u" + (65536 + c).toString(16).substr(1);
    } else {
      out += text.substr(i, 1);
    }
  }
  return out + '"';
}
