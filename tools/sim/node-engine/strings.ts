/**
 * Strings as the engine has them: rows of bytes, and a search in which the end of the text counts as a match when it is how the needle
 * begins ("abc".indexOf("cd") is 2). Espruino: src/jswrap_string.c, jsvCompareString(…, equalAtEndOfString).
 */
import type { Realm } from "./globals.ts";

/** Is `needle` at `index`, or its beginning at the end of the text? */
function matchesAt(text: string, needle: string, index: number): boolean {
  return text.startsWith(needle, index) || (index < text.length && needle.startsWith(text.slice(index)));
}

export function indexOf(text: string, needle: string, from = 0): number {
  if (needle.length > text.length) return -1;
  const start = Math.min(Math.max(0, Math.trunc(Number(from)) || 0), text.length - needle.length + 1);
  if (needle.length === 1) return text.indexOf(needle, start);
  // Only the last characters can be a mere beginning of the needle, so the rest is left to the host.
  const exact = text.indexOf(needle, start);
  for (let i = Math.max(start, text.length - needle.length + 1); i < text.length; i++) {
    if (exact >= 0 && exact <= i) break;
    if (matchesAt(text, needle, i)) return i;
  }
  return exact < text.length ? exact : -1;
}

function replaced(text: string, needle: string, by: string, all: boolean): string {
  for (let at = indexOf(text, needle); at >= 0; at = all ? indexOf(text, needle, at + by.length) : -1) {
    text = text.slice(0, at) + by + text.slice(at + needle.length);
  }
  return text;
}

export function split(text: string, separator: string | undefined): string[] {
  if (separator === undefined) return [text];
  const parts: string[] = [];
  const size = separator.length;
  const end = text.length + 1 - size;
  let last = 0;
  for (let i = size === 0 ? 1 : 0; i <= end; i++) {
    if (i !== end && size !== 0 && !matchesAt(text, separator, i)) continue;
    if (i === end) {
      if (size === 0) break;
      i = end + size;
    }
    parts.push(text.slice(last, i));
    last = i + size;
  }
  return parts;
}

/** Text of a value of the firmware, never of an object. */
function textOf(value: unknown): string {
  if (value instanceof Object) throw new TypeError("only texts are searched for here; regular expressions are not to be used");
  return String(value);
}

const upper = (text: string): string => text.replace(/[a-z]/g, (c) => c.toUpperCase());
const lower = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase());

/** Puts the methods into the context's `String`. */
export function installStrings({ String: RealmString, array }: Realm): void {
  const methods: Record<string, (this: string, ...args: never[]) => unknown> = {
    indexOf: function (needle: unknown, from?: number) {
      return indexOf(String(this), textOf(needle), from);
    },
    includes: function (needle: unknown, from?: number) {
      return indexOf(String(this), textOf(needle), from) >= 0;
    },
    replace: function (needle: unknown, by: unknown) {
      return replaced(String(this), textOf(needle), textOf(by), false);
    },
    replaceAll: function (needle: unknown, by: unknown) {
      return replaced(String(this), textOf(needle), textOf(by), true);
    },
    split: function (separator: unknown) {
      return array(split(String(this), separator === undefined ? undefined : textOf(separator)));
    },
    toUpperCase: function () {
      return upper(String(this));
    },
    toLowerCase: function () {
      return lower(String(this));
    },
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(RealmString.prototype, name, { value, writable: true, configurable: true });
  }
  const { fromCharCode } = RealmString;
  RealmString.fromCharCode = (...codes: number[]) => fromCharCode(...codes.map((code) => code & 0xff));
}
