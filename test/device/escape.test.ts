/** JSON string escapes and UTF-8 of the firmware (src/kernel/escape.ts) against the JSON and Buffer of Node. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { characterCount, characterLength, quote, unescape } from "../../src/kernel/escape.ts";
import { message } from "../../src/kernel/json.ts";
import { find } from "../../src/kernel/text.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const numRuns = process.env.FULL === "1" ? 100_000 : 2000;
const options = { seed: SEED, numRuns };

/** The byte strings of the engine: one character a byte. */
function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function utf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}

const unicode = fc.string({ unit: "binary", maxLength: 40 });
/** Bytes, many of them beginning or going on with a character of more than one. */
const byteString = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf, 0x90, 0x8f, 0xc0, 0xc1, 0xf5),
    ),
    { maxLength: 12 },
  )
  .map((list) => String.fromCharCode(...list));

/** `characterCount` of a message that holds nothing but the inside of a string. */
function inString(text: string): number {
  message.text = text;
  return characterCount(0, text.length);
}

function isUtf8(text: string): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, "latin1"));
    return true;
  } catch {
    return false;
  }
}

/** The character, or U+FFFD for a surrogate on its own: UTF-8 has none. */
function wellFormed(text: string): string {
  return Array.from(text, (c) => (c.length === 1 && c >= "\ud800" && c <= "\udfff" ? "\ufffd" : c)).join("");
}

describe(`strings of the firmware (SEED=${SEED})`, () => {
  it("unescape undoes JSON.stringify", () => {
    fc.assert(
      fc.property(unicode, (text) => assert.equal(unescape(bytes(JSON.stringify(text).slice(1, -1))), bytes(wellFormed(text)))),
      options,
    );
  });

  it("unescape resolves every \\u escape to UTF-8, lone surrogates to U+FFFD", () => {
    const unit = fc.integer({ min: 0, max: 0xffff });
    const surrogate = fc.integer({ min: 0xd7f0, max: 0xe00f });
    fc.assert(
      fc.property(fc.array(fc.oneof(unit, surrogate), { maxLength: 8 }), (units) => {
        const escaped = units.map((code) => "\\u" + code.toString(16).padStart(4, "0")).join("");
        assert.equal(utf8(unescape(escaped)), wellFormed(JSON.parse(`"${escaped}"`) as string));
      }),
      options,
    );
  });

  it("unescape knows the short escapes, and both cases of hexadecimal", () => {
    assert.equal(unescape('\\"\\\\\\/\\b\\f\\n\\r\\t'), '"\\/\b\f\n\r\t');
    assert.equal(unescape("\\u00E9\\u00e9\\u0041"), bytes("ééA"));
  });

  it("quote writes what JSON reads back", () => {
    fc.assert(
      fc.property(unicode, (text) => {
        const well = wellFormed(text);
        assert.equal(JSON.parse(utf8(quote(bytes(well)))), well);
      }),
      options,
    );
  });

  it("characterCount: what JSON and UTF-8 allow inside a string, and its number of characters", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "\\",
        "u",
        "n",
        "/",
        "0",
        "f",
        "G",
        "\\u12",
        "\\u00e9",
        "\\ud83d",
        "\\ude00",
        "\\ud83d\\ude00",
        "é",
        "😀",
        "\t",
        "\u0010",
      ),
      fc.string({ maxLength: 2 }),
      byteString.map(utf8),
    );
    const inside = fc.oneof(
      byteString,
      fc.array(part, { maxLength: 6 }).map((parts) => bytes(parts.join(""))),
    );
    fc.assert(
      fc.property(inside, (text) => {
        // The cursor ends a string at the first quote that no backslash precedes: such a text never comes here.
        let end = 0;
        while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
        fc.pre(end === text.length);
        const count = inString(text);
        let value: string | null = null;
        try {
          value = JSON.parse(`"${utf8(text)}"`) as string;
        } catch {
          // Not JSON.
        }
        const shown = JSON.stringify(text);
        if (value !== null && isUtf8(text)) assert.equal(count, [...value].length, shown);
        else if (!isUtf8(text)) assert.ok(count < 0, shown);
        else assert.equal(count, -1, shown);
      }),
      options,
    );
  });

  it("characterLength: the length of a well-formed character, 0 for any other bytes", () => {
    fc.assert(
      fc.property(byteString, (text) => {
        fc.pre(text.length > 0);
        const n = characterLength(text, 0);
        if (n > 0) assert.ok(isUtf8(text.slice(0, n)) && [...utf8(text.slice(0, n))].length === 1);
        else for (let k = 1; k <= 4; k++) assert.ok(!isUtf8(text.slice(0, k)) || k > text.length, JSON.stringify(text));
      }),
      options,
    );
  });

  it("find is indexOf", () => {
    const short = fc.string({ unit: fc.constantFrom("a", "b", ","), maxLength: 12 });
    fc.assert(
      fc.property(short, short, fc.nat(12), (text, needle, from) => {
        fc.pre(from <= text.length);
        assert.equal(find(text, needle, from), text.indexOf(needle, from));
      }),
      options,
    );
  });
});
