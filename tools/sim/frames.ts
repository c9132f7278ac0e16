/**
 * OCPP frames seen on the way: the bytes of a connection are read as HTTP head and RFC 6455 frames beside their forwarding.
 * What cannot be read is not the concern of this reader; the bytes go on unchanged.
 */
import { appendFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Writable } from "node:stream";
import { masked } from "../page/shared/secrets.ts";

export type Direction = "in" | "out";

/** `GET /frames`: `out` leaves the station; `t` in ms since 1970 of the simulated time. */
export interface Frame {
  k: number;
  t: number;
  dir: Direction;
  text: string;
}

/** `ws` exports its receiver, its types do not say so. */
interface ReceiverClass {
  new (options: { isServer: boolean; skipUTF8Validation: boolean; maxPayload: number }): Writable;
}
const { Receiver } = createRequire(import.meta.url)("ws") as { Receiver: ReceiverClass };

/** Longest HTTP head that is waited for. */
const HEAD_LIMIT = 65_536;
const HEAD_END = Buffer.from("\r\n\r\n");
/** Frames that `GET /frames` still knows. */
const KEEP = 50_000;
/** OCPP-J message types: Part 4, 4.2. */
const CALL = 2;

/** Where messages end among the bytes of one direction: RFC 6455, 5.2 and 5.4. */
class Borders {
  /** Bytes of a frame's head that is not complete. */
  private head: number[] = [];
  /** Payload bytes to come. */
  private left = 0;
  private fragmented = false;

  /** A message has begun and is not complete. */
  get inside(): boolean {
    return this.head.length > 0 || this.left > 0 || this.fragmented;
  }

  read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.left > 0) {
        const part = Math.min(this.left, bytes.length - at);
        this.left -= part;
        at += part;
        continue;
      }
      this.head.push(bytes[at++]);
      const short = this.head[1] & 127;
      const lengthEnd = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.head.length < lengthEnd + (this.head[1] & 128 ? 4 : 0)) continue;
      this.left = this.head.slice(2, lengthEnd).reduce((sum, byte) => sum * 256 + byte, lengthEnd === 2 ? short : 0);
      const [first] = this.head;
      if ((first & 8) === 0) this.fragmented = first < 128;
      this.head = [];
    }
  }
}

/** One direction of a connection: an HTTP head, then frames when the connection was upgraded. */
class HalfReader {
  /** The head while it is incomplete; null once it is over. */
  private head: Buffer | null = Buffer.alloc(0);
  private readonly receiver: Writable;
  private readonly borders = new Borders();
  /** What follows is not read any more. */
  broken = false;

  constructor(
    private readonly direction: Direction,
    private readonly headEnded: (head: string) => void,
    text: (text: string) => void,
  ) {
    this.receiver = new Receiver({ isServer: direction === "out", skipUTF8Validation: true, maxPayload: 0 });
    this.receiver.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) text(data.toString("utf8"));
    });
    this.receiver.on("error", () => (this.broken = true));
  }

  read(bytes: Buffer): void {
    if (this.broken) return;
    if (this.head) {
      this.head = Buffer.concat([this.head, bytes]);
      const end = this.head.indexOf(HEAD_END);
      if (end < 0) {
        this.broken = this.head.length > HEAD_LIMIT;
        return;
      }
      const head = this.head.toString("latin1", 0, end);
      bytes = this.head.subarray(end + HEAD_END.length);
      this.head = null;
      if (this.direction === "in" && !/^HTTP\/1\.1 101 /.test(head)) this.broken = true;
      this.headEnded(head);
      if (this.broken) return;
    }
    this.borders.read(bytes);
    // A copy: the receiver takes the mask off in place.
    if (bytes.length > 0) this.receiver.write(Buffer.from(bytes));
  }

  /** The rest of a head or a message is still under way: an engine sends it piece by piece, and TCP may hold a piece back. */
  get incomplete(): boolean {
    return this.head ? this.head.length > 0 : this.borders.inside;
  }
}

/** Both directions of one connection, as plaintext. */
export class FrameReader {
  private readonly halves: Record<Direction, HalfReader>;
  /** A request of which the answer has not begun. */
  private requested = false;
  /** Message id of the station's CALL without an answer; there is one at a time (OCPP-J 4.1.1). */
  private call: string | null = null;

  constructor(private readonly text: (dir: Direction, text: string) => void) {
    this.halves = {
      out: new HalfReader(
        "out",
        () => (this.requested = true),
        (frame) => this.frame("out", frame),
      ),
      in: new HalfReader(
        "in",
        () => (this.requested = false),
        (frame) => this.frame("in", frame),
      ),
    };
  }

  read(dir: Direction, bytes: Buffer): void {
    this.halves[dir].read(bytes);
  }

  /** The server owes an answer, or the question is not complete. */
  get waiting(): boolean {
    if (this.halves.out.broken || this.halves.in.broken) return false;
    return this.requested || this.call !== null || this.halves.out.incomplete;
  }

  private frame(dir: Direction, text: string): void {
    const match = /^\s*\[\s*(\d)\s*,\s*"((?:[^"\\]|\\.)*)"/.exec(text);
    if (match) {
      const isCall = Number(match[1]) === CALL;
      if (dir === "out" && isCall) this.call = match[2];
      else if (dir === "in" && !isCall && match[2] === this.call) this.call = null;
    }
    this.text(dir, text);
  }
}

/** All frames of a station since the start of the simulator, numbered from 1; with a file also as JSON lines, without secrets. */
export class FrameLog {
  private readonly frames: Frame[] = [];
  private count = 0;

  constructor(
    private readonly now: () => number,
    private readonly path: string | null,
    private readonly added: (frame: Frame) => void,
  ) {}

  add(dir: Direction, text: string): void {
    const frame = { k: ++this.count, t: Math.round(this.now()), dir, text };
    this.frames.push(frame);
    if (this.frames.length > KEEP * 1.1) this.frames.splice(0, this.frames.length - KEEP);
    if (this.path !== null) appendFileSync(this.path, JSON.stringify({ ...frame, text: masked(text, true) }) + "\n");
    this.added(frame);
  }

  /** The frames after number `k`. */
  since(k: number): Frame[] {
    const first = this.frames[0]?.k ?? 1;
    return this.frames.slice(Math.max(0, k + 1 - first));
  }
}
