/**
 * Servers that a station meets in bad networks: refusals, broken handshakes, broken and merely unusual frames. Each
 * writes down what the client did. The attacks themselves are in `attacks.ts`.
 */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultAnswer } from "../../tools/csms/answers.ts";
import type { Payload, Protocol } from "../../tools/csms/schema.ts";
import { NO_CALL, WireCheck } from "../../tools/csms/wire-check.ts";
import {
  CLOSE,
  closeFrame,
  CONTINUATION,
  encodeFrame,
  FrameReader,
  parseRequest,
  PING,
  PONG,
  TEXT,
  textFrame,
  upgradeAnswer,
  type Frame,
  type UpgradeRequest,
} from "./raw-websocket.ts";

/** How a server differs from a good one. What is left out is done well. */
export interface Attack {
  /** As soon as the client is there, before it has said anything. */
  connected?(connection: Connection): void;
  /** In place of the answer to the upgrade request. */
  upgrade?(connection: Connection, request: UpgradeRequest): void;
  /** After the upgrade: what the server does unasked. */
  strike?(connection: Connection): void | Promise<void>;
  /** The way in which text is sent; the default is one frame. */
  send?(connection: Connection, text: string): void;
  /** The client's requests get no answers. */
  mute?: boolean;
}

export interface HostileOptions {
  /** Connections from this number on (counted from 1) are served well; default never. */
  goodFrom?: number;
  /** `strike` waits for `server.strike()`. */
  manual?: boolean;
}

const POLL_MS = 10;

/** One client's connection, as the server saw it. */
export class Connection {
  readonly t = Date.now();
  /** All bytes before the end of the request's head. */
  head = "";
  request: UpgradeRequest | null = null;
  upgraded = false;
  readonly frames: Frame[] = [];
  /** Text messages, put together from their fragments. */
  readonly texts: string[] = [];
  /** What RFC 6455 or OCPP-J has against the client's own frames: masks, reserved bits, JSON, error form … */
  readonly faults: string[] = [];
  /** The client's close frame; code 1005 when it has none. */
  close: { code: number; reason: string } | null = null;
  /** How the client (or a reset) ended TCP; `own` when this server did. */
  ended: "client" | "reset" | "own" | null = null;
  /** ms since 1970. */
  endedAt: number | null = null;

  private readonly reader = new FrameReader();
  private fragments: Buffer[] = [];

  constructor(
    readonly number: number,
    readonly socket: Socket,
    private readonly attack: Attack,
    private readonly manual: boolean,
  ) {
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.bytes(bytes));
    socket.on("end", () => this.end("client"));
    socket.on("error", () => this.end("reset"));
    socket.on("close", () => this.end("client"));
    attack.connected?.(this);
  }

  get open(): boolean {
    return this.ended === null && this.upgraded;
  }

  /** As the attack sends text. */
  send(text: string): void {
    if (this.attack.send) this.attack.send(this, text);
    else this.write(textFrame(text));
  }

  /** Bytes as they are; false when the other side does not keep up. */
  write(bytes: Buffer | string): boolean {
    return this.ended === null && this.socket.writable ? this.socket.write(bytes) : true;
  }

  /** Ends TCP after what was written. */
  finish(): void {
    this.end("own");
    this.socket.end();
  }

  /** Ends TCP with a reset. */
  reset(): void {
    this.end("own");
    this.socket.resetAndDestroy();
  }

  /** Waits until a ping has come back, so that everything before it was read; false when the connection is gone. */
  async settled(timeoutMs = 5000): Promise<boolean> {
    const payload = Buffer.from(`settled ${this.frames.length}`);
    this.write(encodeFrame({ opcode: PING, payload }));
    const end = Date.now() + timeoutMs;
    while (this.open && this.close === null && Date.now() < end) {
      if (this.frames.some((frame) => frame.opcode === PONG && frame.payload.equals(payload))) return true;
      await sleep(1);
    }
    return false;
  }

  strike(): void | Promise<void> {
    return this.attack.strike?.(this);
  }

  private end(how: "client" | "reset" | "own"): void {
    if (this.ended !== null) return;
    this.ended = how;
    this.endedAt = Date.now();
  }

  private bytes(bytes: Buffer): void {
    if (this.request) {
      for (const frame of this.upgraded ? this.reader.read(bytes) : []) this.frame(frame);
      return;
    }
    this.head += bytes.toString("latin1");
    const end = this.head.indexOf("\r\n\r\n");
    if (end < 0) return;
    this.request = parseRequest(this.head.slice(0, end));
    if (this.attack.upgrade) this.attack.upgrade(this, this.request);
    else this.accept();
  }

  /** The good answer to the upgrade request, or one with other header lines. */
  accept(changes: Record<string, string | null> = {}): void {
    if (!this.request) return;
    this.upgraded = true;
    this.write(upgradeAnswer(this.request, changes));
    if (!this.manual) void this.strike();
  }

  private frame(frame: Frame): void {
    this.frames.push(frame);
    if (!frame.mask) this.faults.push(`opcode ${frame.opcode}: not masked`);
    if (frame.rsv !== 0) this.faults.push(`opcode ${frame.opcode}: reserved bits ${frame.rsv}`);
    if (frame.opcode === PING) this.write(encodeFrame({ opcode: PONG, payload: frame.payload }));
    if (frame.opcode === CLOSE) this.closed(frame.payload);
    if (frame.opcode === TEXT) this.fragments = [frame.payload];
    if (frame.opcode === CONTINUATION) this.fragments.push(frame.payload);
    if ((frame.opcode === TEXT || frame.opcode === CONTINUATION) && frame.fin) {
      const text = Buffer.concat(this.fragments).toString("utf8");
      this.texts.push(text);
      this.judge(text);
      if (!this.attack.mute) this.answer(text);
    }
  }

  /** Judged without its request, which may have been garbage. */
  private judge(text: string): void {
    const { faults } = new WireCheck(this.protocol).check("station", text);
    for (const fault of faults) if (fault !== NO_CALL) this.faults.push(`${fault}: ${text}`);
  }

  private get protocol(): Protocol {
    return this.request?.headers.get("sec-websocket-protocol")?.startsWith("ocpp1.6") ? "ocpp1.6" : "ocpp2.0.1";
  }

  private closed(payload: Buffer): void {
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.close = { code, reason: payload.subarray(2).toString("utf8") };
    this.write(closeFrame(code === 1005 ? null : code));
    this.socket.end();
  }

  private answer(text: string): void {
    let parts: unknown[];
    try {
      parts = JSON.parse(text) as unknown[];
    } catch {
      return;
    }
    const [type, id, action, request] = parts;
    if (type !== 2) return;
    const context = { now: Date.now(), interval: 300, nextTransactionId: () => this.texts.length };
    const answer = defaultAnswer(this.protocol, String(action), request as Payload, context);
    this.send(JSON.stringify(answer ? [3, id, answer] : [4, id, "NotImplemented", "", {}]));
  }
}

export class HostileServer {
  readonly connections: Connection[] = [];

  constructor(private readonly server: Server) {}

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The newest connection. */
  get last(): Connection | undefined {
    return this.connections.at(-1);
  }

  /** Lets the attack loose on the newest connection. */
  async strike(): Promise<void> {
    await this.last?.strike();
  }

  async waitFor<T>(predicate: () => T, timeoutMs = 5000, what = String(predicate)): Promise<NonNullable<T>> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const found = predicate();
      if (found) return found;
      if (Date.now() >= end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
      await sleep(POLL_MS);
    }
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

export async function startHostile(attack: Attack, options: HostileOptions = {}): Promise<HostileServer> {
  const server = createServer();
  const hostile = new HostileServer(server);
  server.on("connection", (socket) => {
    const number = hostile.connections.length + 1;
    const good = options.goodFrom !== undefined && number >= options.goodFrom;
    hostile.connections.push(new Connection(number, socket, good ? {} : attack, options.manual === true));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return hostile;
}
