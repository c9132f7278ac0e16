/**
 * The network between the station and the world: every outgoing connection of the firmware comes here and is forwarded to
 * the target that the firmware named on the link, the n-th connection to the n-th target. TLS passes through untouched. The link can be
 * down (nobody listens), reset, or stalled: a half-open network in which both ends keep their sockets and nothing arrives.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { FrameReader, type Direction } from "./frames.ts";

interface Target {
  host: string;
  port: number;
}

/** First byte of a TLS connection: a handshake record (RFC 5246, 6.2.1). */
const TLS_HANDSHAKE = 0x16;

class Connection {
  server: Socket | null = null;
  /** Bytes of the firmware that wait for the server or for the end of a stall. */
  private readonly waitingBytes: Buffer[] = [];
  private reader: FrameReader | null = null;
  private secure = false;
  private target: Target | null = null;
  private deviceGone = false;
  private serverGone = false;

  constructor(
    private readonly relay: Relay,
    readonly device: Socket,
  ) {
    device.setNoDelay(true);
    device.on("data", (bytes) => this.fromDevice(bytes));
    device.on("drain", () => this.server?.resume());
    device.on("error", () => undefined);
    device.on("close", () => {
      this.deviceGone = true;
      this.settleEnds();
    });
  }

  /** Goes to `target` as soon as the network carries anything. */
  open(target: Target): void {
    this.target = target;
    if (this.relay.stalled || this.deviceGone) return;
    const server = connect({ host: target.host, port: target.port, noDelay: true });
    this.server = server;
    server.on("connect", () => this.flush());
    server.on("data", (bytes) => {
      this.reader?.read("in", bytes);
      if (!this.device.destroyed && !this.device.write(bytes)) server.pause();
    });
    server.on("error", () => this.reset(this.device));
    server.on("close", () => {
      this.serverGone = true;
      this.settleEnds();
    });
  }

  get hasTarget(): boolean {
    return this.target !== null;
  }

  /** A stall begins: nothing is taken from the server any more. */
  stall(): void {
    this.server?.pause();
  }

  /** A stall ends. */
  resume(): void {
    if (this.deviceGone || this.serverGone) return this.settleEnds();
    if (!this.server && this.target) return this.open(this.target);
    this.server?.resume();
    this.flush();
  }

  /** Resets both ends. */
  drop(): void {
    this.reset(this.device);
    if (this.server) this.reset(this.server);
  }

  /** The server owes bytes or an answer, or bytes are still under way here. */
  get waiting(): boolean {
    if (this.deviceGone || this.serverGone) return false;
    if (!this.server || this.server.connecting || this.waitingBytes.length > 0) return true;
    if (this.server.writableLength > 0 || this.device.writableLength > 0) return true;
    return this.secure ? this.relay.secureWaiting : (this.reader?.waiting ?? false);
  }

  private fromDevice(bytes: Buffer): void {
    if (!this.reader && !this.secure) {
      this.secure = bytes[0] === TLS_HANDSHAKE;
      if (!this.secure) this.reader = new FrameReader(this.relay.text);
    }
    this.reader?.read("out", bytes);
    this.waitingBytes.push(bytes);
    this.flush();
  }

  private flush(): void {
    if (this.relay.stalled || !this.server || this.server.connecting || this.server.destroyed) return;
    for (const bytes of this.waitingBytes.splice(0)) this.server.write(bytes);
  }

  /** One end closed: so does the other, unless the network is stalled and it cannot know. */
  private settleEnds(): void {
    if (this.deviceGone && this.serverGone) this.relay.forget(this);
    if (this.relay.stalled) return;
    if (this.serverGone && !this.deviceGone) this.device.end(() => this.device.destroy());
    if (this.deviceGone && !this.serverGone) {
      if (this.server) this.server.end(() => this.server?.destroySoon());
      else this.relay.forget(this);
    }
  }

  private reset(socket: Socket): void {
    // Node leaks the handle of a socket that is reset while its end is under way.
    if (socket.connecting || socket.writableEnded) socket.destroy();
    else if (!socket.destroyed) socket.resetAndDestroy();
  }
}

export class Relay {
  private server: Server | null = null;
  private readonly connections = new Set<Connection>();
  private readonly targets: Target[] = [];
  /** Plaintext of the one TLS connection, as the firmware tells it. */
  private plaintext: FrameReader | null = null;
  private chosenPort = 0;
  stalled = false;

  private constructor(readonly text: (dir: Direction, text: string) => void) {}

  static async open(text: (dir: Direction, text: string) => void): Promise<Relay> {
    const relay = new Relay(text);
    await relay.listen();
    return relay;
  }

  get port(): number {
    return this.chosenPort;
  }

  get up(): boolean {
    return this.server !== null;
  }

  /** The firmware names the target of its next connection. */
  name(target: Target): void {
    const connection = [...this.connections].find((c) => !c.hasTarget);
    if (connection) connection.open(target);
    else this.targets.push(target);
  }

  /** Link down: connections are reset and new ones refused; or up again. */
  async setUp(up: boolean): Promise<void> {
    if (up && !this.server) return this.listen();
    if (!up && this.server) {
      const { server } = this;
      this.server = null;
      server.close();
      await this.drop();
    }
  }

  setStalled(stalled: boolean): void {
    if (this.stalled === stalled) return;
    this.stalled = stalled;
    for (const connection of [...this.connections]) {
      if (stalled) connection.stall();
      else connection.resume();
    }
  }

  /** Resets every connection; resolves when they are closed here. */
  async drop(): Promise<void> {
    const closed = [...this.connections].map(
      ({ device }) => new Promise<void>((resolve) => (device.closed ? resolve() : device.once("close", () => resolve()))),
    );
    for (const connection of this.connections) connection.drop();
    await Promise.all(closed);
  }

  /** The firmware is gone: its connections end, and what it had announced counts no more. */
  async restart(): Promise<void> {
    this.targets.length = 0;
    this.plaintext = null;
    await this.drop();
    this.connections.clear();
  }

  plain(dir: Direction, bytes: Buffer): void {
    this.plaintext ??= new FrameReader(this.text);
    this.plaintext.read(dir, bytes);
  }

  plainEnded(): void {
    this.plaintext = null;
  }

  /** An answer may still come by itself, if the server is one that answers. */
  get waiting(): boolean {
    return !this.stalled && [...this.connections].some((connection) => connection.waiting);
  }

  /** The same for the TLS connection: its handshake counts as a wait. */
  get secureWaiting(): boolean {
    return this.plaintext?.waiting ?? true;
  }

  forget(connection: Connection): void {
    this.connections.delete(connection);
  }

  async close(): Promise<void> {
    this.server?.close();
    this.server = null;
    this.stalled = false;
    await this.restart();
  }

  private async listen(): Promise<void> {
    const server = createServer((socket) => {
      const connection = new Connection(this, socket);
      this.connections.add(connection);
      const target = this.targets.shift();
      if (target) connection.open(target);
    });
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(this.chosenPort, "127.0.0.1", resolve));
    this.server = server;
    this.chosenPort = (server.address() as AddressInfo).port;
  }
}
