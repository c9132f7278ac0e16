/**
 * Pretokenised program text, as the engine runs it: words and operators of the language are single bytes from 138, whole numbers and long
 * strings stand in binary form. The bytes are those of the `espruino` package; here they become JavaScript again.
 */
import * as acorn from "acorn";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { runInNewContext } from "node:vm";

/** What stands before text and numbers. Espruino: src/jslex.h. */
export const RAW = { string8: 0xd1, string16: 0xd2, int0: 0xd3, int8: 0xd4, int16: 0xd5 } as const;

export interface Tokeniser {
  tokenise(code: string): string;
  untokenise(code: string): string;
}

let loaded: Tokeniser | undefined;

/** The tokeniser of the `espruino` package: its one file, not the package, which prints a lot and fills the global scope. */
export function packageTokeniser(): Tokeniser {
  if (loaded) return loaded;
  const file = createRequire(import.meta.url).resolve("espruino/plugins/pretokenise.js");
  const scope: { Config: object; Core: object; Plugins: { Pretokenise?: Tokeniser } } = {
    // 2: strings and numbers too, whatever the board is.
    Config: { PRETOKENISE: 2 },
    Core: { Env: { getBoardData: () => ({}) } },
    Plugins: {},
  };
  runInNewContext(readFileSync(file, "utf8"), { acorn, console, Espruino: scope }, { filename: file });
  return (loaded = scope.Plugins.Pretokenise!);
}

/** Comments and quoted text of plain code, in which every byte stands for itself, and names and numbers in one piece. */
const PLAIN = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|`(?:[^`\\]|\\[^])*`|\/\/[^\n]*|\/\*[^]*?\*\/|[\w$]+|[\0-\x89]/y;

/** JavaScript with the meaning of `code`, bytes one a character; text that is not tokenised comes back as it is. */
export function untokenise(code: string): string {
  if (!/[\x80-\xff]/.test(code)) return code;
  const { untokenise: wordOf } = packageTokeniser();
  const byteAt = (index: number): number => (index < code.length ? code.charCodeAt(index) : 0);
  let result = "";
  let at = 0;
  const put = (text: string, size: number): void => {
    const merges =
      (/[\w$]$/.test(result.slice(-1)) && /^[\w$]/.test(text)) ||
      text === "--" ||
      text === "++" ||
      (text.startsWith("-") && result.endsWith("-"));
    result += merges ? " " + text : text;
    at += size;
  };
  while (at < code.length) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(code)?.[0];
    const short = byteAt(at + 1);
    const long = short + 256 * byteAt(at + 2);
    if (plain !== undefined) put(plain, plain.length);
    else if (byteAt(at) === RAW.string8) put(quoted(code.slice(at + 2, at + 2 + short)), 2 + short);
    else if (byteAt(at) === RAW.string16) put(quoted(code.slice(at + 3, at + 3 + long)), 3 + long);
    else if (byteAt(at) === RAW.int0) put("0", 1);
    else if (byteAt(at) === RAW.int8) put(signed(short, 8), 2);
    else if (byteAt(at) === RAW.int16) put(signed(long, 16), 3);
    else put(wordOf(code[at]), 1);
  }
  return result;
}

/** A string literal of ASCII. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\xff]/g, (char) => "\\x" + char.charCodeAt(0).toString(16));
}

function signed(value: number, bits: number): string {
  return value < 2 ** (bits - 1) ? String(value) : String(value - 2 ** bits);
}
