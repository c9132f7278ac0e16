/**
 * Random WebSocket frames from a seed: OCPP messages with something wrong in them, JSON that is none, odd texts, control
 * frames, fragments, and now and then a frame that breaks RFC 6455. The messages they come from have no effect on a
 * station, so that one which stays right by chance does no harm.
 */
import { BINARY, CONTINUATION, encodeFrame, PING, PONG, TEXT } from "./raw-websocket.ts";

/** mulberry32: small, and the same everywhere. */
export class Random {
  constructor(private state: number) {}

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 4294967296) * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

export interface RandomFrame {
  bytes: Buffer;
  kind: string;
  /** RFC 6455 demands that the receiver fails the connection. */
  breaks: boolean;
}

/** How often a frame breaks RFC 6455. */
const BREAKING = 0.002;

const HARMLESS: [action: string, payload: unknown][] = [
  ["GetVariables", { getVariableData: [{ component: { name: "ClockCtrlr" }, variable: { name: "DateTime" } }] }],
  ["SetVariables", { setVariableData: [{ component: { name: "No" }, variable: { name: "No" }, attributeValue: "1" }] }],
  ["GetTransactionStatus", { transactionId: "no-such-transaction" }],
  ["RequestStopTransaction", { transactionId: "no-such-transaction" }],
  ["DataTransfer", { vendorId: "com.example", messageId: "m", data: { a: [1, 2.5, true, null, "é"] } }],
  ["ClearCache", {}],
  ["TriggerMessage", { requestedMessage: "SignV2GCertificate" }],
];

const ODD_TEXTS = [
  "",
  " ",
  "null",
  "0",
  "-",
  "[]",
  "{}",
  "[2]",
  "[2,",
  '[2,"',
  "[,]",
  "\ufeff[]",
  '"\\ud834"',
  "[[[[",
  "1e999",
  "truefalse",
];
const ODD_VALUES = [
  "null",
  "true",
  "-1",
  "1e400",
  '""',
  "[]",
  "{}",
  "[[]]",
  '"\\u0000"',
  '"\\ud800"',
  "12345678901234567890",
  '{"a":{}}',
];
const ODD_CHARACTERS = ["\u0000", "\u007f", "é", "€", "𝄞", "\u202e", "\\", '"', "\n", "\ufffd"];

type TextKind = (random: Random, call: string) => string;

/** Ways from a good message to a bad one. */
const TEXT_KINDS: Record<string, TextKind> = {
  odd: (random) => random.pick(ODD_TEXTS),
  noise: (random) => random.bytes(random.below(200)).toString("latin1"),
  truncated: (random, call) => call.slice(0, random.below(call.length)),
  deleted: (random, call) => {
    const at = random.below(call.length);
    return call.slice(0, at) + call.slice(at + 1 + random.below(3));
  },
  inserted: (random, call) => {
    const at = random.below(call.length);
    return call.slice(0, at) + random.pick(ODD_CHARACTERS) + call.slice(at);
  },
  doubled: (random, call) => {
    const at = random.below(call.length);
    const length = 1 + random.below(20);
    return call.slice(0, at + length) + call.slice(at);
  },
  value: (random, call) => {
    const strings = [...call.matchAll(/"[^"]*"/g)];
    const { 0: found, index } = random.pick(strings);
    return call.slice(0, index) + random.pick(ODD_VALUES) + call.slice(index + found.length);
  },
  type: (random, call) => call.replace("[2", "[" + random.pick(["3", "4", "5", "0", "-2", "2.5", '"2"', "null", "22"])),
  id: (random, call) =>
    call.replace(/^\[2,"[^"]*"/, "[2," + random.pick(['""', `"${"i".repeat(37)}"`, "7", "null", '"\\u0031"'])),
  action: (random, call) => call.replace(/"[A-Za-z]+",/, random.pick(['"Nonsense",', '"constructor",', '"",', "7,", '"reset",'])),
  extra: (random, call) => call.slice(0, -1) + random.pick([",1]", ",{}]", ",null,null]", "]]", "]x"]),
  payload: (random, call) => call.slice(0, call.indexOf("{")) + random.pick(ODD_VALUES) + "]",
  deep: (random) => {
    const depth = 1 + random.below(400);
    return `[2,"d","DataTransfer",{"vendorId":"v","data":${"[".repeat(depth)}${random.below(2) ? "]".repeat(depth) : ""}}]`;
  },
  long: (random) => `[2,"l","DataTransfer",{"vendorId":"${random.pick(["x", "é", "\\\\"]).repeat(random.below(3000))}"}]`,
  many: (random) => `[2,"m","GetVariables",{"getVariableData":[${"{},".repeat(random.below(300))}{}]}]`,
  answer: (random) => `[3,"unknown-${random.below(1000)}",${random.pick(ODD_VALUES)}]`,
  error: (random) => `[4,"unknown-${random.below(1000)}",${random.pick(ODD_VALUES)},"",{}]`,
  unchanged: (_random, call) => call,
};

type FrameKind = (random: Random, payload: Buffer) => Buffer;

const BREAKS: Record<string, FrameKind> = {
  "reserved bits": (random, payload) => encodeFrame({ rsv: 1 + random.below(7), payload }),
  "unknown opcode": (random, payload) => encodeFrame({ opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload }),
  masked: (random, payload) => encodeFrame({ mask: random.bytes(4), payload }),
  "invalid UTF-8": (random) =>
    encodeFrame({ payload: Buffer.concat([Buffer.from('["'), Buffer.from([0xc3]), random.bytes(3), Buffer.from([0xff])]) }),
  "long ping": (random) => encodeFrame({ opcode: PING, payload: random.bytes(126 + random.below(100)) }),
  "fragmented ping": (random) => encodeFrame({ opcode: PING, fin: false, payload: random.bytes(5) }),
  "continuation first": (_random, payload) => encodeFrame({ opcode: CONTINUATION, payload }),
};

function call(random: Random): string {
  const [action, payload] = random.pick(HARMLESS);
  return JSON.stringify([2, `r${random.below(1_000_000)}`, action, payload]);
}

/** A text as one frame or as legal fragments. */
function framed(random: Random, payload: Buffer): Buffer {
  if (random.below(8)) return encodeFrame({ payload });
  const at = random.below(payload.length + 1);
  return Buffer.concat([
    encodeFrame({ fin: false, opcode: TEXT, payload: payload.subarray(0, at) }),
    encodeFrame({ opcode: CONTINUATION, payload: payload.subarray(at) }),
  ]);
}

/** Never ends; the same seed gives the same frames. */
export function* randomFrames(seed: number, breaking = BREAKING): Generator<RandomFrame, never> {
  const random = new Random(seed);
  for (;;) {
    const kind = random.pick(Object.keys(TEXT_KINDS));
    const payload = Buffer.from(TEXT_KINDS[kind]!(random, call(random)), "utf8");
    if (random.below(1_000_000) < breaking * 1_000_000) {
      const name = random.pick(Object.keys(BREAKS));
      yield { bytes: BREAKS[name]!(random, payload), kind: name, breaks: true };
    } else if (random.below(20) === 0) {
      const opcode = random.pick([PING, PONG, BINARY]);
      yield { bytes: encodeFrame({ opcode, payload: random.bytes(random.below(126)) }), kind: `opcode ${opcode}`, breaks: false };
    } else yield { bytes: framed(random, payload), kind, breaks: false };
  }
}
