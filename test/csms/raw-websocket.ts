/**
 * RFC 6455 by hand, for servers that break it on purpose and that look closely at what a client sends: frames with any
 * bits, a reader that keeps them, the upgrade request and its answer.
 */
import { createHash } from "node:crypto";

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export interface Frame {
  fin: boolean;
  /** The three reserved bits, 0 to 7. */
  rsv: number;
  opcode: number;
  /** null: not masked. */
  mask: Buffer | null;
  /** Unmasked. */
  payload: Buffer;
}

/** A frame's bytes; what is left out is as RFC 6455 5.2 wants it from a server. `lengthBytes` forces a longer length form. */
export function encodeFrame(frame: Partial<Frame> & { lengthBytes?: 0 | 2 | 8 }): Buffer {
  const { fin = true, rsv = 0, opcode = TEXT, mask = null, payload = Buffer.alloc(0) } = frame;
  const shortest = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8;
  const lengthBytes = frame.lengthBytes ?? shortest;
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (mask ? 0x80 : 0) | (lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) head.writeUInt16BE(payload.length, 2);
  if (lengthBytes === 8) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat(mask ? [head, mask, masked(payload, mask)] : [head, payload]);
}

export function textFrame(text: string): Buffer {
  return encodeFrame({ payload: Buffer.from(text, "utf8") });
}

export function closeFrame(code: number | null, reason = ""): Buffer {
  const payload = code === null ? Buffer.alloc(0) : Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
  return encodeFrame({ opcode: CLOSE, payload });
}

function masked(payload: Buffer, mask: Buffer): Buffer {
  return Buffer.from(payload.map((byte, index) => byte ^ mask[index & 3]!));
}

/** Collects bytes as they come and gives the frames that are complete. */
export class FrameReader {
  private bytes = Buffer.alloc(0);

  read(bytes: Buffer): Frame[] {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.next(); frame; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Frame | null {
    const { bytes } = this;
    if (bytes.length < 2) return null;
    const short = bytes[1]! & 127;
    const maskAt = short === 126 ? 4 : short === 127 ? 10 : 2;
    const payloadAt = maskAt + (bytes[1]! & 128 ? 4 : 0);
    if (bytes.length < payloadAt) return null;
    const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
    if (bytes.length < payloadAt + length) return null;
    const mask = payloadAt > maskAt ? Buffer.from(bytes.subarray(maskAt, payloadAt)) : null;
    const payload = bytes.subarray(payloadAt, payloadAt + length);
    this.bytes = bytes.subarray(payloadAt + length);
    return {
      fin: (bytes[0]! & 128) !== 0,
      rsv: (bytes[0]! >> 4) & 7,
      opcode: bytes[0]! & 15,
      mask,
      payload: mask ? masked(payload, mask) : Buffer.from(payload),
    };
  }
}

export interface UpgradeRequest {
  method: string;
  path: string;
  /** Names in lower case. */
  headers: Map<string, string>;
  /** The bytes as they came, without the empty line. */
  raw: string;
}

export function parseRequest(raw: string): UpgradeRequest {
  const [first = "", ...lines] = raw.split("\r\n");
  const [method = "", path = ""] = first.split(" ");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method, path, headers, raw };
}

/** What RFC 6455 4.1 wants of a client's request and this one lacks. */
export function requestFaults({ method, raw, headers }: UpgradeRequest): string[] {
  const faults: string[] = [];
  if (method !== "GET" || !/^GET \S+ HTTP\/1\.1\r\n/.test(raw)) faults.push("no GET with HTTP/1.1");
  if (!headers.get("host")) faults.push("no Host");
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") faults.push("no Upgrade: websocket");
  if (!/\bupgrade\b/i.test(headers.get("connection") ?? "")) faults.push("no Connection: Upgrade");
  if (headers.get("sec-websocket-version") !== "13") faults.push("no Sec-WebSocket-Version: 13");
  if (Buffer.from(headers.get("sec-websocket-key") ?? "", "base64").length !== 16) faults.push("no key of 16 bytes");
  return faults;
}

export function acceptKey(key: string): string {
  return createHash("sha1")
    .update(key + GUID)
    .digest("base64");
}

/** A good answer to an upgrade; `changes` replace header lines, null leaves one out. */
export function upgradeAnswer(request: UpgradeRequest, changes: Record<string, string | null> = {}): string {
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const lines: Record<string, string | null> = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": acceptKey(request.headers.get("sec-websocket-key") ?? ""),
    "Sec-WebSocket-Protocol": offered[0] || null,
    ...changes,
  };
  const head = Object.entries(lines).map(([name, value]) => (value === null ? "" : `${name}: ${value}\r\n`));
  return `HTTP/1.1 101 Switching Protocols\r\n${head.join("")}\r\n`;
}
