/**
 * Modules `net` and `tls` of the engine, as client and as server: connecting blocks and throws, data come in pieces of at most 536 bytes, one in each turn of the idle
 * loop; what is written leaves after the current event; `drain` follows when all has left. TLS is that of a stock
 * engine: nothing is verified, and `connect` comes before the handshake. Espruino: libs/network/socketserver.c.
 */
import { createPrivateKey } from "node:crypto";
import { connect as netConnect, createServer, type Server as HostServer, type Socket as HostSocket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { Emitter } from "./emitter.ts";
import { REBOOT, type Callback, type IdleLoop, type Visited } from "./idle-loop.ts";

const CHUNK_BYTES = 536;
/** Unread bytes after which the peer has to wait: about a TCP window of the chip. */
const WINDOW_BYTES = 5_744;
const UNSENT_DATA = { code: -8, message: "unsent data" };
/** mbedTLS: fatal alert or failed handshake. */
const HANDSHAKE_FAILED = "mbedtls_ssl_handshake returned -0x7780";
/** Longer texts are file contents, shorter ones file names, which do not exist here. */
const LONGEST_NAME = 100;

export interface ConnectOptions {
  host?: unknown;
  port?: unknown;
  servername?: unknown;
  ca?: unknown;
  cert?: unknown;
  key?: unknown;
}

/**
 * The engine's socket code keeps the network it works with in one global. A `data` handler runs amid that code, and any call of it there
 * clears the global; the next use of a TLS socket in the same turn ends the engine. Espruino: libs/network/network.c, networkFree, ssl_send.
 */
class Network {
  private inData = false;
  private lostInTurn = 0;

  constructor(
    private readonly loop: IdleLoop,
    private readonly crash: () => void,
  ) {}

  /** Runs a `data` handler. */
  data(handler: () => boolean): boolean {
    this.inData = true;
    const heard = handler();
    this.inData = false;
    return heard;
  }

  /** The firmware calls `connect`, `write` or `end`. */
  called(): void {
    if (this.inData) this.lostInTurn = this.loop.turns;
  }

  /** A TLS socket is used; false when that was the end. */
  usable(): boolean {
    if (this.lostInTurn !== this.loop.turns) return true;
    this.crash();
    return false;
  }
}

export class EngineSocket extends Emitter implements Visited {
  /** Text to be sent, and whether to close at once: plain properties on the engine too, so firmware can close a stalled socket. */
  dSnd = "";
  clsNow: unknown = false;
  private readonly incoming: Buffer[] = [];
  private incomingBytes = 0;
  private open: boolean;
  /** The firmware was told of the connection. */
  private told = false;
  private wantsEnd = false;
  private peerGone = false;
  private closed = false;
  private handshakeFailed = false;

  constructor(
    loop: IdleLoop,
    private readonly host: HostSocket,
    private readonly secure: boolean,
    private readonly network: Network,
    private readonly measure: () => void,
  ) {
    super(loop);
    this.open = host.readyState === "open";
    host.setNoDelay(true);
    host.on(secure ? "secureConnect" : "connect", () => {
      this.open = true;
      loop.wake();
    });
    host.on("data", (bytes) => this.arrived(bytes));
    host.on("drain", () => loop.wake());
    host.on("error", () => undefined);
    host.on("close", () => {
      this.peerGone = true;
      this.handshakeFailed = secure && !this.open;
      loop.wake();
    });
    // The peer's end may come while there is still something to send.
    host.on("end", () => {
      this.peerGone = true;
      loop.wake();
    });
    loop.add(this);
  }

  write(data: unknown): boolean {
    this.measure();
    if (this.loop.dead) throw REBOOT;
    this.network.called();
    if (this.closed) throw new Error("This socket is closed");
    this.dSnd += String(data);
    this.loop.wake();
    return false;
  }

  end(data?: unknown): void {
    if (this.loop.dead) throw REBOOT;
    this.network.called();
    if (data !== undefined) this.write(data);
    if (this.dSnd === "") this.clsNow = true;
    this.wantsEnd = true;
    this.loop.wake();
  }

  override on(event: string, listener: Callback): void {
    super.on(event, listener);
    if (event === "data") this.loop.wake();
  }

  /** The program ended; the system closes its sockets. */
  destroy(): void {
    this.closed = true;
    this.host.destroy();
  }

  idle(): boolean {
    if (this.closed || (this.secure && !this.network.usable())) return false;
    // A TLS socket of the stock engine says so before the handshake.
    if (!this.told && (this.open || this.secure)) {
      this.told = true;
      this.emit("connect", this);
      if (this.dSnd === "") this.emit("drain", this);
    }
    this.send();
    const received = this.deliver();
    // What nobody wants is dropped with the connection.
    if (this.clsNow || (this.peerGone && (this.incoming.length === 0 || !this.listens("data")))) this.finish();
    if (this.closed) return false;
    const sending = this.open && (this.dSnd !== "" || this.wantsEnd) && !this.host.writableNeedDrain;
    return received || sending || (this.incoming.length > 0 && this.listens("data"));
  }

  private arrived(bytes: Buffer): void {
    this.incoming.push(bytes);
    this.incomingBytes += bytes.length;
    if (this.incomingBytes > WINDOW_BYTES) this.host.pause();
    this.loop.wake();
  }

  private send(): void {
    if (this.dSnd !== "") {
      if (!this.open || this.peerGone || this.host.writableNeedDrain) return;
      this.host.write(Buffer.from(this.dSnd.slice(0, CHUNK_BYTES), "latin1"));
      this.dSnd = this.dSnd.slice(CHUNK_BYTES);
      if (this.dSnd === "" && !this.wantsEnd) this.emit("drain", this);
    } else if (this.wantsEnd) {
      this.clsNow = true;
    }
  }

  private deliver(): boolean {
    if (this.incoming.length === 0 || !this.listens("data")) return false;
    const bytes = this.incoming[0];
    const piece = bytes.subarray(0, CHUNK_BYTES);
    if (bytes.length > piece.length) this.incoming[0] = bytes.subarray(piece.length);
    else this.incoming.shift();
    this.incomingBytes -= piece.length;
    if (this.incomingBytes <= WINDOW_BYTES && this.host.isPaused()) this.host.resume();
    return this.network.data(() => this.hears("data", piece.toString("latin1")));
  }

  private finish(): void {
    this.closed = true;
    this.loop.remove(this);
    if (this.peerGone) this.host.destroy();
    else this.host.end(() => this.host.destroySoon());
    const failed = this.peerGone && this.dSnd !== "";
    if (failed) this.emit("error", { ...UNSENT_DATA });
    this.emit("end");
    this.emit("close", failed);
    if (this.handshakeFailed && !this.wantsEnd) {
      this.loop.queue(() => {
        throw new Error(HANDSHAKE_FAILED);
      });
    }
  }
}

/** What `createServer` gives: it listens on every address of the host. */
export class EngineServer {
  private host: HostServer | null = null;

  constructor(private readonly accepted: (host: HostSocket) => void) {}

  listen(port: number): this {
    this.host = createServer((socket) => this.accepted(socket));
    this.host.on("error", () => undefined);
    this.host.listen(port);
    return this;
  }

  /** Connections that there are stay. */
  close(): void {
    this.host?.close();
    this.host = null;
  }
}

/** The two modules. */
export class Sockets {
  private readonly sockets = new Set<EngineSocket>();
  private readonly servers = new Set<EngineServer>();
  private readonly network: Network;

  /** `refused`: a port of this host at which nothing listens at the moment; `crash` ends the engine; `measure` is called at each write. */
  constructor(
    private readonly loop: IdleLoop,
    private readonly refused: (port: number) => boolean,
    crash: () => void,
    private readonly measure: () => void,
  ) {
    this.network = new Network(loop, crash);
  }

  connect(options: ConnectOptions, connected: unknown, secure: boolean): EngineSocket {
    if (typeof options !== "object" || options === null) {
      throw new Error(`Expecting Options to be an Object but it was ${typeof options}`);
    }
    if (connected !== undefined && typeof connected !== "function") {
      throw new Error(`Expecting Callback Function but got ${typeof connected}`);
    }
    const host = options.host === undefined ? "127.0.0.1" : String(options.host);
    const port = Number(options.port ?? (secure ? 443 : 0)) & 0xffff;
    const identity = secure ? certificates(options) : {};
    this.network.called();
    if (this.refused(port)) throw new Error("Unable to create socket");
    const servername = options.servername === undefined ? {} : { servername: String(options.servername) };
    const hostSocket = secure
      ? tlsConnect({
          host,
          port,
          ...servername,
          ...identity,
          rejectUnauthorized: false,
          minVersion: "TLSv1.2",
          maxVersion: "TLSv1.2",
        })
      : netConnect({ host, port });
    const socket = this.add(hostSocket, secure);
    if (connected) socket.on("connect", connected as Callback);
    return socket;
  }

  createServer(accepted: unknown): EngineServer {
    if (typeof accepted !== "function") throw new Error(`Expecting Callback Function but got ${typeof accepted}`);
    const server = new EngineServer((host) => {
      const socket = this.add(host, false);
      this.loop.queue(() => (accepted as (socket: EngineSocket) => unknown)(socket));
    });
    this.servers.add(server);
    return server;
  }

  private add(host: HostSocket, secure: boolean): EngineSocket {
    const socket = new EngineSocket(this.loop, host, secure, this.network, this.measure);
    this.sockets.add(socket);
    host.once("close", () => this.sockets.delete(socket));
    return socket;
  }

  destroy(): void {
    for (const server of this.servers) server.close();
    this.servers.clear();
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }
}

/** `ca`, `cert` and `key` are DER; an unfit `ca` makes `connect` throw although nothing is verified with it. */
function certificates({ ca, cert, key }: ConnectOptions): { cert?: string; key?: string } {
  if (ca !== undefined) der("ca", ca);
  return {
    ...(cert === undefined
      ? {}
      : { cert: `-----BEGIN CERTIFICATE-----\n${der("cert", cert).toString("base64")}\n-----END CERTIFICATE-----\n` }),
    ...(key === undefined ? {} : { key: privateKey(der("key", key)) }),
  };
}

function der(name: string, value: unknown): Buffer {
  const text = typeof value === "string" ? value : "";
  // A DER certificate or key is a sequence of more than 127 bytes.
  if (text.length <= LONGEST_NAME || !/^\x30[\x81\x82]/.test(text)) {
    throw new Error(`HTTPS init failed! mbedtls_x509_crt_parse of '${name}': Invalid format`);
  }
  return Buffer.from(text, "latin1");
}

function privateKey(bytes: Buffer): string {
  const types = ["pkcs8", "pkcs1", "sec1"] as const;
  for (const type of types) {
    try {
      return createPrivateKey({ key: bytes, format: "der", type }).export({ format: "pem", type: "pkcs8" }).toString();
    } catch {
      // Another of the three forms.
    }
  }
  throw new Error("HTTPS init failed! mbedtls_pk_parse_key of 'key': Invalid format");
}
