/**
 * The attacks for `startHostile`, and servers that are unusual without being wrong. RFC 6455, 4.2 (handshake), 5 (frames),
 * 7 (closing), 8.1 (UTF-8). Each entry makes a fresh attack.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Attack, Connection } from "./hostile.ts";
import { Random, randomFrames } from "./random-frames.ts";
import { BINARY, closeFrame, CONTINUATION, encodeFrame, PING, PONG, TEXT } from "./raw-websocket.ts";

const BIG = 200_000;
/** "é" and "€" and a clef of four bytes: characters to cut in. */
const WIDE = '[2,"w1","DataTransfer",{"vendorId":"é€𝄞","messageId":"ü"}]';

function refusal(status: string, extra = ""): Attack {
  return {
    upgrade(connection) {
      connection.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n${extra}Connection: close\r\n\r\n`);
      connection.finish();
    },
  };
}

/** An upgrade with other header lines, then good behaviour. */
function accepted(changes: Record<string, string | null>): Attack {
  return { upgrade: (connection) => connection.accept(changes) };
}

/** Sends these bytes after the upgrade. */
function strikes(...pieces: Buffer[]): Attack {
  return {
    strike(connection) {
      for (const piece of pieces) connection.write(piece);
    },
  };
}

/** Splits `bytes` at the given positions. */
function cut(bytes: Buffer, positions: number[]): Buffer[] {
  const ends = [...positions, bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

/** A text message as frames, one for each piece; `between` gives frames to put in between. */
function fragmented(pieces: Buffer[], between: (index: number) => Buffer | null = () => null): Buffer {
  const frames = pieces.flatMap((payload, index) => {
    const frame = encodeFrame({
      fin: index === pieces.length - 1,
      opcode: index === 0 ? TEXT : CONTINUATION,
      payload,
    });
    const control = index < pieces.length - 1 ? between(index) : null;
    return control ? [frame, control] : [frame];
  });
  return Buffer.concat(frames);
}

/** Inside a character of two bytes or more. */
function insideCharacter(bytes: Buffer): number {
  return bytes.findIndex((byte) => (byte & 0xc0) === 0x80);
}

const wide = Buffer.from(WIDE, "utf8");

export const ATTACKS = {
  /* before or in place of the upgrade */
  refuses401: () => refusal("401 Unauthorized", 'WWW-Authenticate: Basic realm="csms"\r\n'),
  refuses404: () => refusal("404 Not Found"),
  refuses500: () => refusal("500 Internal Server Error"),
  redirects: () => refusal("302 Found", "Location: ws://127.0.0.1:9/\r\n"),
  noSubprotocol: () => accepted({ "Sec-WebSocket-Protocol": null }),
  wrongSubprotocol: () => accepted({ "Sec-WebSocket-Protocol": "soap" }),
  wrongAccept: () => accepted({ "Sec-WebSocket-Accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }),
  noAccept: () => accepted({ "Sec-WebSocket-Accept": null }),
  notHttp: (): Attack => ({
    upgrade(connection) {
      connection.write(Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 37 + 11) & 255)));
      connection.finish();
    },
  }),
  /** Ends TCP in the middle of the answer's head. */
  closesInHandshake: (): Attack => ({
    upgrade(connection) {
      connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webso");
      connection.finish();
    },
  }),
  resetsInHandshake: (): Attack => ({ upgrade: (connection) => connection.reset() }),
  /** A head that never ends, up to 1 MB or until the client leaves. */
  endlessHeader: (): Attack => ({
    upgrade(connection) {
      connection.write("HTTP/1.1 101 Switching Protocols\r\n");
      const line = "X-Filler: " + "x".repeat(1000) + "\r\n";
      const more = (left: number): void => {
        if (left === 0 || connection.ended !== null) return;
        connection.write(line);
        setImmediate(more, left - 1);
      };
      more(1000);
    },
  }),
  /** Takes the connection and the request and says nothing. */
  silentInHandshake: (): Attack => ({ upgrade: () => undefined }),
  /** Speaks before it was asked. */
  speaksFirst: (): Attack => ({
    connected: (connection) => connection.write("SSH-2.0-OpenSSH_9.2\r\n"),
    upgrade: () => undefined,
  }),

  /* after the upgrade */
  silent: (): Attack => ({ mute: true }),
  closesAtOnce: (): Attack => ({ strike: (connection) => connection.finish() }),
  resets: (): Attack => ({ strike: (connection) => connection.reset() }),
  /** One text frame of 200 kB. */
  bigText: () => strikes(encodeFrame({ payload: Buffer.from(`[2,"big","DataTransfer",{"vendorId":"${"x".repeat(BIG)}"}]`) })),
  /** The head of a frame of 2^40 bytes, and little of it. */
  announcesHuge: () => strikes(Buffer.from([0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0]), Buffer.alloc(2000, "x")),
  /** 200 kB in fragments of 1 kB: no single frame is too long. */
  bigFragments: () => {
    const text = Buffer.from(`[2,"big","DataTransfer",{"vendorId":"${"x".repeat(BIG)}"}]`);
    return strikes(
      fragmented(
        cut(
          text,
          Array.from({ length: Math.floor(text.length / 1000) }, (_, index) => (index + 1) * 1000),
        ),
      ),
    );
  },
  /** A text frame that ends inside a character. */
  invalidUtf8: () =>
    strikes(encodeFrame({ payload: Buffer.concat([wide.subarray(0, insideCharacter(wide)), Buffer.from('"}]')]) })),
  /** A frame that is cut inside a character by the end of TCP. */
  cutInCharacter: (): Attack => ({
    strike(connection) {
      const frame = encodeFrame({ payload: wide });
      connection.write(frame.subarray(0, insideCharacter(frame.subarray(2)) + 2));
      connection.finish();
    },
  }),
  masked: () => strikes(encodeFrame({ mask: Buffer.from([1, 2, 3, 4]), payload: wide })),
  reservedBits: (rsv = 4) => strikes(encodeFrame({ rsv, payload: wide })),
  unknownOpcode: (opcode = 3) => strikes(encodeFrame({ opcode, payload: wide })),
  binary: () => strikes(encodeFrame({ opcode: BINARY, payload: wide })),
  /** A control frame may neither be longer than 125 bytes nor fragmented. */
  longPing: () => strikes(encodeFrame({ opcode: PING, payload: Buffer.alloc(126, "p") })),
  fragmentedPing: () => strikes(encodeFrame({ opcode: PING, fin: false, payload: Buffer.from("p") })),
  continuationFirst: () => strikes(encodeFrame({ opcode: CONTINUATION, payload: wide })),
  /** A new text message before the last one was complete. */
  interruptedMessage: () => strikes(encodeFrame({ fin: false, payload: wide }), encodeFrame({ payload: wide })),
  /** A close frame with this code; null: without one. */
  closes: (code: number | null = 1000, reason = "") => strikes(closeFrame(code, reason)),
  /** A close frame with one byte. */
  closesWithHalfCode: () => strikes(encodeFrame({ opcode: 8, payload: Buffer.from([3]) })),

  /* unusual, but right: the client has to cope */
  pings: (payload: Buffer = Buffer.from("ping é 125".padEnd(100, "."))) =>
    strikes(encodeFrame({ opcode: PING, payload }), encodeFrame({ opcode: PONG, payload: Buffer.from("unasked") })),
  /** A length in 8 bytes where one is enough. RFC 6455 5.2 wants the shortest form, receivers need not insist. */
  longLengthForm: () => strikes(encodeFrame({ lengthBytes: 8, payload: wide })),
  /** A good message, cut inside a character into two fragments with a ping between. */
  splitInCharacter: () =>
    strikes(fragmented(cut(wide, [insideCharacter(wide)]), () => encodeFrame({ opcode: PING, payload: Buffer.from("between") }))),
  /** All texts in fragments of random lengths (0 too), control frames between them, TCP cut anywhere. */
  fragments: (seed = 1): Attack => {
    const random = new Random(seed);
    let queue = Promise.resolve();
    return {
      send(connection, text) {
        const bytes = Buffer.from(text, "utf8");
        const positions = Array.from({ length: random.below(6) }, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
        const message = fragmented(cut(bytes, positions), () => {
          const payload = random.bytes(random.below(20));
          return random.below(2) ? encodeFrame({ opcode: random.below(2) ? PING : PONG, payload }) : null;
        });
        queue = queue.then(() => trickle(connection, message, random));
      },
    };
  },
  /** Random frames from the seed, batch by batch; goes on with the next connection when a client has closed. */
  random: (seed: number, count = 10_000, breaking?: number): RandomAttack => new RandomAttack(seed, count, breaking),
};

/** Writes bytes in random pieces, with a turn of the event loop between them. */
async function trickle(connection: Connection, bytes: Buffer, random: Random): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random.below(random.below(4) ? 40 : 3);
    connection.write(bytes.subarray(at, end));
    at = end;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const BATCH = 25;

export class RandomAttack implements Attack {
  /** Frames sent so far. */
  sent = 0;
  /** Kinds of the frames that were sent last, the newest at the end: what to look at when a client died. */
  readonly recent: string[] = [];
  /** Batches after which a ping was not answered although the connection stayed. */
  stuck = 0;
  private readonly frames;

  constructor(
    readonly seed: number,
    readonly count: number,
    breaking?: number,
  ) {
    this.frames = randomFrames(seed, breaking);
  }

  async strike(connection: Connection): Promise<void> {
    while (connection.open && connection.close === null && this.sent < this.count) {
      for (let index = 0; index < BATCH && this.sent < this.count; index++, this.sent++) {
        const { bytes, kind } = this.frames.next().value;
        this.recent.push(kind);
        if (this.recent.length > BATCH) this.recent.shift();
        if (!connection.write(bytes)) await sleep(1);
      }
      if (!(await connection.settled()) && connection.open && connection.close === null) {
        this.stuck++;
        connection.reset();
      }
    }
  }
}
