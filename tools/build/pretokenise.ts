/**
 * The last stage: program text becomes bytes as the engine's lexer takes them, so that it is shorter, read faster, and long strings
 * are never copied to RAM. The `espruino` package knows the encoding of each token; its own pass over a whole text is not used, because it
 * merges `a+ +b`, drops the sign of `-0` and evaluates `atob("…")`, makes single digits longer and leaves the sign of a number outside it. What comes out is decoded
 * and compared with the program that went in.
 */
import * as acorn from "acorn";
import { packageTokeniser, RAW, untokenise } from "../image/tokens.ts";
import type { Edit, Traced } from "./traced.ts";

/** A variable of the engine holds this much text; a longer string stays in flash as a reference, any other is copied. */
const COPIED = 10;

/** The body of an operation, `(…)=>{…}`, as the loader takes it. */
export function pretokeniseBody(operation: Traced): Traced {
  return pretokenise(operation.part(bodyStart(operation.text), operation.text.length - 1));
}

/** The same as plain text, which the loader takes, too. */
export function bodyOf(operation: string): string {
  return operation.slice(bodyStart(operation), -1);
}

function bodyStart(operation: string): number {
  return operation.indexOf("=>{") + "=>{".length;
}

/** Tokenised program text, bytes one a character, with the sources that they came from. */
export function pretokenise(code: Traced): Traced {
  const edits: Edit[] = [];
  const encodings = new Map<string, string>();
  let end = 0;
  let before = "";
  for (const token of withSigns([...acorn.tokenizer(code.text, { ecmaVersion: 2015 })])) {
    const text = code.text.slice(token.start, token.end);
    let short = encodings.get(text);
    if (short === undefined) encodings.set(text, (short = encoding(token, text)));
    const gap = needsSpace(before, short) ? " " : "";
    if (gap !== code.text.slice(end, token.start)) edits.push({ start: end, end: token.start, text: gap });
    if (short !== text) edits.push({ start: token.start, end: token.end, text: short });
    end = token.end;
    before = short === text ? text : "";
  }
  if (end < code.text.length) edits.push({ start: end, end: code.text.length, text: "" });
  const tokenised = code.edit(edits);
  const again = untokenise(tokenised.text);
  if (outline(again) !== outline(code.text))
    throw new Error(`Pretokenising changed the program ${code.text.slice(0, 200)}; it is read as ${again.slice(0, 200)}.`);
  return tokenised;
}

/** A sign that belongs to the number behind it makes one token with it. */
function withSigns(tokens: readonly acorn.Token[]): acorn.Token[] {
  const whole: acorn.Token[] = [];
  for (const [index, token] of tokens.entries()) {
    const sign = tokens[index - 1] as acorn.Token | undefined;
    const isSigned = token.type.label === "num" && sign?.type.label === "+/-" && (sign as { value?: string }).value === "-";
    // Only behind what asks for an operand is it a sign.
    const isUnary = isSigned && (index < 2 || (tokens[index - 2].type as { beforeExpr?: boolean }).beforeExpr === true);
    if (isUnary && Number((token as { value?: unknown }).value) > 0) {
      whole.pop();
      whole.push(Object.assign(Object.create(token) as acorn.Token, { start: sign.start }));
    } else whole.push(token);
  }
  return whole;
}

/** The shortest text for a token; `text` itself where nothing is gained. */
function encoding(token: acorn.Token, text: string): string {
  const { tokenise } = packageTokeniser();
  const { label, keyword } = token.type;
  if (label === "string") {
    // The engine does not look whether there is room for the copy of a short one.
    const { value } = token as acorn.Token & { value: string };
    return value.length > COPIED && !/[^\0-\xff]/.test(value) ? tokenise(text) : text;
  }
  if (label === "num") {
    const short = text.startsWith("-") ? negative(Number(text)) : tokenise(text);
    return short.length <= text.length ? short : text;
  }
  if (keyword || label === "name") return tokenise(text);
  // Behind an operand, where no regular expression can begin.
  return text.length > 1 && label !== "regexp" ? tokenise("a" + text).slice(1) : text;
}

/** A negative number as the engine's lexer reads it; as text where it has no token. */
function negative(value: number): string {
  if (!Number.isInteger(value) || value < -(1 << 15)) return String(value);
  const bytes = value >= -128 ? [RAW.int8, value & 255] : [RAW.int16, value & 255, (value >> 8) & 255];
  return String.fromCharCode(...bytes);
}

/** Would the end of plain text and what follows be read as one? Encoded tokens end where they end. */
function needsSpace(before: string, text: string): boolean {
  const last = before.slice(-1);
  return (/[\w$]/.test(last) && /^[\w$]/.test(text)) || ((last === "+" || last === "-") && last === text);
}

/** The program without places and spellings. */
function outline(text: string): string {
  return JSON.stringify(acorn.parse(text, { ecmaVersion: 2015, allowReturnOutsideFunction: true }), (key, value: unknown) =>
    ["start", "end", "raw"].includes(key) ? undefined : Object.is(value, -0) ? "-0" : value,
  );
}
