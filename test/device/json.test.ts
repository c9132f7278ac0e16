/** The JSON reader of the firmware (src/kernel/validate.ts, json.ts; RFC 8259, RPC-08 a) against JSON.parse: any text, most of them nearly JSON. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";
import fc from "fast-check";

/** What is used of modules of the device, whose globals the types of the tools do not know. */
interface Kernel {
  item(p: number): number;
  message: { text: string };
  space(p: number): number;
  valueEnd(p: number): number;
  validate(schema: string, p: number, type: string): number;
}
const modules = ["json", "validate"].map((name) => createRequire(import.meta.url)(`../../src/kernel/${name}.ts`) as object);
const kernel = Object.assign({}, ...modules) as Kernel;

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const numRuns = process.env.FULL === "1" ? 100_000 : 3000;
/** Deeper than this is refused, whatever it is. */
const DEEPEST = 20;

/** Bytes as the engine has them, one character each. */
function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function isUtf8(text: string): boolean {
  return Buffer.from(text, "latin1").toString("utf8") !== ""
    ? bytes(Buffer.from(text, "latin1").toString("utf8")) === text
    : text === "";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(Buffer.from(text, "latin1").toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

function depth(text: string): number {
  let deepest = 0;
  let now = 0;
  for (const c of text) {
    if (c === "[" || c === "{") deepest = Math.max(deepest, ++now);
    if (c === "]" || c === "}") now--;
  }
  return deepest;
}

/** What the firmware says: is all of `text`, which ends with a bracket as a message does, one JSON value? */
function accepts(text: string): boolean {
  kernel.message.text = text;
  const end = kernel.validate("", 0, "*");
  return end >= 0 && kernel.space(end) >= text.length;
}

const TOKENS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "\\u",
  "0",
  "-",
  ".",
  "e",
  "E",
  "+",
  "1",
  "true",
  "null",
  " ",
  "\n",
  "\x01",
  "\u00e9",
  "a",
];
const edit = fc.record({
  at: fc.nat(200),
  drop: fc.integer({ min: 0, max: 3 }),
  put: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("", ...TOKENS) }, fc.string({ unit: "binary", maxLength: 3 })),
});
const nearlyJson = fc
  .tuple(
    fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc.array(fc.constantFrom(...TOKENS), { maxLength: 12 }).map((list) => list.join("")),
    ),
    fc.array(edit, { maxLength: 3 }),
  )
  .map(([json, edits]) =>
    edits.reduce((text, { at, drop, put }) => {
      const from = text.length === 0 ? 0 : at % text.length;
      return text.slice(0, from) + put + text.slice(from + drop);
    }, bytes(json)),
  )
  .map((text) => text.replace(/[^\0-\xff]/g, "?"));

describe(`JSON reader: ${numRuns} texts (SEED=${SEED})`, () => {
  const { stringify } = JSON;
  const globals = globalThis as { E?: unknown };

  /** Runs `body` where JSON and E are as on the engine, whose JSON.stringify escapes each byte beyond ASCII. */
  function onDevice<T>(body: () => T): T {
    JSON.stringify = (text: unknown) => stringify(text).replace(/[\x7f-\xff]/g, "\\xff");
    globals.E = { CRC32: (text: string) => crc32(Buffer.from(text, "latin1")) };
    try {
      return body();
    } finally {
      JSON.stringify = stringify;
      delete globals.E;
    }
  }

  it("takes what is JSON and nothing else", function () {
    this.timeout(300_000);
    fc.assert(
      fc.property(nearlyJson, (inner) => {
        const text = `[${inner}]`;
        fc.pre(depth(text) <= DEEPEST);
        assert.equal(
          onDevice(() => accepts(text)),
          isUtf8(text) && isJson(text),
          JSON.stringify(text),
        );
      }),
      { seed: SEED, numRuns },
    );
  });

  it("ends on any bytes, within the text", function () {
    this.timeout(300_000);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (array) => {
        const text = Buffer.from(array).toString("latin1");
        kernel.message.text = text;
        assert.ok(onDevice(() => kernel.validate("", 0, "*")) <= text.length);
        assert.ok(kernel.valueEnd(0) <= text.length);
        let p = 0;
        for (let n = 0; p >= 0 && p < text.length && n <= text.length; n++) p = kernel.item(p);
      }),
      { seed: SEED, numRuns },
    );
  });
});
