/**
 * The WebSocket reader of the firmware (src/kernel/websocket.ts; RFC 6455) by itself: random frames, most of them nearly right, cut anywhere. What it
 * answers does not depend on the cuts, and what it keeps stays within its limits.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { memberCode } from "../../tools/build/name-codes.ts";
import { encodeSlices } from "../../tools/image/slices.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const numRuns = process.env.FULL === "1" ? 100_000 : 2000;

const OPEN = 2;
const DRAINING = 3;
/** What the kernel may keep: MESSAGE_LIMIT, REST_LIMIT and a control frame. */
const MESSAGE_LIMIT = 4000;
const REST_LIMIT = 4600;

/** Numbers of the slices: schemas (none is offered), words of errors, operations that do nothing. */
const SLICES = ["\n", "\nRRpcFrameworkError\nMMessageTypeNotSupported\nFFormatViolation\n", "return ''"];
const WORDS = 1;
const NOTHING = 2;

interface Kernel {
  received(chunk: string): void;
  connection: { state: number; socket: unknown; quiet: number; left: number };
  frame: Record<"head" | "control" | "rest", string> & Record<"left" | "opcode" | "surplus" | "due", number>;
  message: { text: string };
  rpc: Record<string, unknown>;
  hooks: Record<string, unknown>;
}
const modules = ["websocket", "connection", "json", "rpc"].map(
  (name) => createRequire(import.meta.url)(`../../src/kernel/${name}.ts`) as object,
);
const kernel = Object.assign({}, ...modules) as Kernel;

/** What the engine has and Node has not; `random` counts so that masks are no matter of chance. */
function globalsOf(timers: (() => void)[]): Record<string, unknown> {
  let random = 0;
  return {
    E: {
      CRC32: (text: string) => crc32(Buffer.from(text, "latin1")),
      hwRand: () => ++random,
      toString: (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1"),
    },
    CODE: Buffer.from(encodeSlices(SLICES.map((text) => Buffer.from(text, "latin1")))).toString("latin1"),
    print: () => undefined,
    setTimeout: (run: () => void) => timers.push(run),
    memberCode,
  };
}

/** The payload of a masked frame with its first byte in front. */
function opened(frame: Buffer): string {
  const size = frame[1] & 127;
  const at = size === 126 ? 4 : 2;
  const mask = frame.subarray(at, at + 4);
  const payload = frame.subarray(at + 4).map((byte, i) => byte ^ mask[i & 3]);
  return frame[0].toString(16) + " " + Buffer.from(payload).toString("latin1");
}

/** What the station says to these chunks of a connection, and whether it ends it. */
function replies(chunks: readonly string[]): string[] {
  const said: string[] = [];
  const timers: (() => void)[] = [];
  const { connection, frame, message, rpc, hooks } = kernel;
  const socket = { write: (bytes: string) => said.push(opened(Buffer.from(bytes, "latin1"))), end: () => said.push("end") };
  Object.assign(connection, { state: OPEN, socket, quiet: 0, left: 0 });
  Object.assign(frame, { head: "", control: "", rest: "", left: -1, opcode: 0, surplus: 0, due: 0 });
  Object.assign(rpc, { call: 0, out: "", stream: 0, barred: 0, scheduled: 0, error: "", begun: 0, held: undefined });
  Object.assign(rpc, { schema: 0, actions: WORDS, request: NOTHING, next: NOTHING, result: NOTHING });
  for (const hook of Object.keys(hooks)) hooks[hook] = NOTHING;
  message.text = "";
  const own = Object.entries(globalsOf(timers));
  const { stringify } = JSON;
  const { set } = Uint8Array.prototype;
  const outer = own.map(([name]) => [name, (globalThis as Record<string, unknown>)[name]] as const);
  Object.assign(globalThis, Object.fromEntries(own));
  JSON.stringify = (text: unknown) => stringify(text).replace(/[\x7f-\xff]/g, "\\xff");
  // The engine takes a text for its bytes.
  Uint8Array.prototype.set = function (source: ArrayLike<number> | string, at?: number): void {
    set.call(this, typeof source === "string" ? Buffer.from(source, "latin1") : source, at);
  };
  try {
    for (const chunk of chunks) {
      if (connection.state === OPEN) kernel.received(chunk);
      for (let run; (run = timers.shift());) run();
      assert.ok(message.text.length <= MESSAGE_LIMIT && frame.rest.length <= REST_LIMIT);
      assert.ok(frame.control.length <= 125 && frame.head.length <= 10);
      assert.ok(connection.state === OPEN || connection.state === DRAINING);
    }
  } finally {
    JSON.stringify = stringify;
    Uint8Array.prototype.set = set;
    Object.assign(globalThis, Object.fromEntries(outer));
  }
  return said;
}

const MESSAGES = ['[2,"1","Nothing",{}]', '[2,"1"]', "[5]", "{}", '[3,"9",{}]', '[2,"\u00e9","A",{"b":[1,2]}]', "\xff", ""];

/** A frame of a server: its first byte, payload, and how its length is said. */
const serverFrame = fc
  .record({
    head: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(0x81, 0x81, 0x01, 0x80, 0x00, 0x89, 0x8a, 0x82) }, fc.nat(255)),
    payload: fc.oneof(
      fc.constantFrom(...MESSAGES),
      fc.string({ maxLength: 20 }),
      fc.nat(700).map((n) => "x".repeat(n)),
    ),
    form: fc.constantFrom(0, 0, 0, 126, 127),
    masked: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 128),
    lie: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, -1, 65_536),
  })
  .map(({ head, payload, form, masked, lie }) => {
    const bytes = Buffer.from(payload, "latin1");
    const size = Math.max(0, bytes.length + lie);
    const long = Buffer.alloc(8);
    long.writeBigUInt64BE(BigInt(size));
    const said = form || (size > 65_535 ? 127 : size > 125 ? 126 : 0);
    const length = said === 127 ? long : said === 126 ? long.subarray(6) : Buffer.alloc(0);
    return Buffer.concat([Buffer.of(head, (said || size) | masked), length, bytes]);
  });

const connectionBytes = fc
  .tuple(fc.array(serverFrame, { maxLength: 6 }), fc.uint8Array({ maxLength: 4 }))
  .map(([frames, junk]) => Buffer.concat([...frames, junk]).toString("latin1"));

describe(`WebSocket reader: ${numRuns} connections (SEED=${SEED})`, () => {
  it("says the same however the bytes are cut, and keeps no more than it may", function () {
    this.timeout(300_000);
    fc.assert(
      fc.property(connectionBytes, fc.array(fc.nat(3000), { maxLength: 12 }), (bytes, cuts) => {
        const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
        const chunks = ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
        assert.deepEqual(replies(chunks), replies([bytes]), JSON.stringify(bytes));
      }),
      { seed: SEED, numRuns },
    );
  });

  it("answers what is right", () => {
    assert.deepEqual(replies(["\x89\x02hi"]), ["8a hi"]);
    assert.deepEqual(replies(["\x88\x02\x03\xe8"]), ["88 \x03\xe8", "end"]);
    assert.deepEqual(replies(["\x81\x03[5]"]), ['81 [4,"-1","RpcFrameworkError","",{}]']);
    assert.deepEqual(replies(["\x91\x00"]), ["88 \x03\xea", "end"]);
    assert.deepEqual(replies(["\x81\x7e"]), [], "the header is not complete");
  });
});
