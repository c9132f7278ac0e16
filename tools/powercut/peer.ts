/**
 * The other end of the station's connection, without sockets: takes the opening handshake and the frames of the station apart (RFC 6455),
 * answers its CALLs as a lenient CSMS does, and keeps what it heard.
 */
import { createHash } from "node:crypto";

/** RFC 6455, 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export type Payload = Record<string, unknown>;

/** A TransactionEvent as it came. */
export interface Heard {
  payload: Payload;
  /** Operations on the raw flash when it came. */
  operations: number;
  /** Number of the boot that sent it. */
  boot: number;
}

export interface PeerWorld {
  /** Simulated time, ms since 1970. */
  now(): number;
  operations(): number;
  boot(): number;
}

/** What the CSMS knows, over all connections. */
export class Csms {
  readonly heard: Heard[] = [];
  /** BootNotifications answered in the present boot of the station. */
  registered = false;
  /** Answer to BootNotification. */
  status = "Accepted";
  /** It hears and does not answer. */
  silent = false;
  /** Calls that were not as they are to be. */
  readonly faults: string[] = [];
  /** Tokens that are refused. */
  readonly refused = new Set<string>();
  /** Transactions of 1.6 that have begun and not ended, by connector: their id, and when they began. */
  readonly running = new Map<number, { transactionId: number; timestamp: string }>();
  readonly results = new Map<string, unknown[]>();
  private calls = 0;
  private transactions = 0;

  constructor(readonly world: PeerWorld) {}

  nextId(): string {
    return `c${++this.calls}`;
  }

  /** The answer to a CALL; undefined: none. */
  answer(action: string, payload: Payload): Payload | undefined {
    if (action === "TransactionEvent") {
      this.heard.push({ payload, operations: this.world.operations(), boot: this.world.boot() });
    }
    if (this.silent) return undefined;
    const currentTime = new Date(this.world.now()).toISOString();
    switch (action) {
      case "BootNotification":
        this.registered = true;
        return { currentTime, interval: 86_400, status: this.status };
      case "Heartbeat":
        return { currentTime };
      case "Authorize":
      case "TransactionEvent": {
        if (payload.idTag !== undefined) {
          return { idTagInfo: { status: this.refused.has(String(payload.idTag)) ? "Invalid" : "Accepted" } };
        }
        const token = (payload.idToken as { idToken?: string } | undefined)?.idToken;
        return token === undefined ? {} : { idTokenInfo: { status: this.refused.has(token) ? "Invalid" : "Accepted" } };
      }
      case "StartTransaction": {
        const transactionId = this.transactions++;
        this.running.set(Number(payload.connectorId), { transactionId, timestamp: String(payload.timestamp) });
        return { transactionId, idTagInfo: { status: this.refused.has(String(payload.idTag)) ? "Invalid" : "Accepted" } };
      }
      case "StopTransaction":
        for (const [connector, { transactionId }] of this.running) {
          if (transactionId === payload.transactionId) this.running.delete(connector);
        }
        return {};
      default:
        return {};
    }
  }
}

/** One connection. */
export class Peer {
  private bytes = "";
  private upgraded = false;
  private message = "";
  ended = false;

  /** `send` takes bytes for the station. */
  constructor(
    private readonly csms: Csms,
    private readonly send: (bytes: string) => void,
    private readonly close: () => void,
  ) {}

  get open(): boolean {
    return this.upgraded && !this.ended;
  }

  /** Bytes from the station. */
  take(bytes: string): void {
    this.bytes += bytes;
    if (!this.upgraded) this.upgrade();
    while (this.upgraded && this.frame());
  }

  call(action: string, payload: Payload): string {
    const id = this.csms.nextId();
    this.text(JSON.stringify([2, id, action, payload]));
    return id;
  }

  private upgrade(): void {
    const end = this.bytes.indexOf("\r\n\r\n");
    if (end < 0) return;
    const key = /sec-websocket-key: *(\S+)/i.exec(this.bytes)?.[1] ?? "";
    const protocol = /sec-websocket-protocol: *([^\s,]+)/i.exec(this.bytes)?.[1] ?? "";
    const accept = createHash("sha1")
      .update(key + GUID)
      .digest("base64");
    this.bytes = this.bytes.slice(end + 4);
    this.upgraded = true;
    this.send(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
        `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
  }

  /** Takes one frame; false when none is complete. */
  private frame(): boolean {
    const bytes = Buffer.from(this.bytes, "latin1");
    if (bytes.length < 6) return false;
    let size = bytes[1] & 127;
    let at = 2;
    if (size === 126) {
      if (bytes.length < 8) return false;
      size = bytes.readUInt16BE(2);
      at = 4;
    }
    if (bytes.length < at + 4 + size) return false;
    const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + size));
    for (let i = 0; i < size; i++) payload[i] ^= bytes[at + (i & 3)];
    this.bytes = this.bytes.slice(at + 4 + size);
    const opcode = bytes[0] & 15;
    if (opcode === PING) this.out(PONG, payload);
    else if (opcode === CLOSE) {
      this.out(CLOSE, payload.subarray(0, 2));
      this.ended = true;
      this.close();
      return false;
    } else if (opcode <= TEXT) {
      this.message += payload.toString("latin1");
      if (bytes[0] & 128) {
        const text = Buffer.from(this.message, "latin1").toString("utf8");
        this.message = "";
        this.heard(text);
      }
    }
    return true;
  }

  private heard(text: string): void {
    let message: unknown[];
    try {
      message = JSON.parse(text) as unknown[];
    } catch {
      this.csms.faults.push(`not JSON: ${text}`);
      const id = /^\[2,"([^"]*)"/.exec(text)?.[1];
      if (id !== undefined) this.text(JSON.stringify([3, id, {}]));
      return;
    }
    const [type, id] = message;
    if (type === 2) {
      const answer = this.csms.answer(String(message[2]), message[3] as Payload);
      if (answer) this.text(JSON.stringify([3, id, answer]));
    } else {
      this.csms.results.set(String(id), message);
    }
  }

  private text(text: string): void {
    this.out(TEXT, Buffer.from(text, "utf8"));
  }

  private out(opcode: number, payload: Buffer): void {
    if (this.ended) return;
    const head = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
    this.send(Buffer.concat([Buffer.from([128 | opcode, ...head]), payload]).toString("latin1"));
  }
}
