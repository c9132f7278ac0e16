/**
 * An engine whose console is bridged to a TCP port, as a serial-to-network adapter does it: the far end is the telnet console of Espruino's Linux build. (Its
 * standard input is read in one thread and dealt with in another without a lock, which loses characters and ends the engine now and then.)
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Espruino: libs/network/telnet/jswrap_telnet.c. */
const TELNET = 2323;

/** Is no other engine's console in the way? */
export function consoleIsFree(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: TELNET });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}

export class Bridge {
  /** To be run instead of the engine. */
  readonly launcher: string;
  port = 0;
  /** Sees each line before the engine does; false: it never gets there. */
  before: (line: string) => boolean = () => true;
  /** Hears what the engine prints. */
  after: (text: string) => void = () => undefined;
  private readonly directory = mkdtempSync(join(tmpdir(), "bridge-"));
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(binary: string) {
    this.launcher = join(this.directory, "engine");
    writeFileSync(this.launcher, `#!/bin/sh\nexec '${binary}' --telnet\n`, { mode: 0o755 });
    this.server = createServer((client) => this.joined(client));
  }

  static async open(binary: string): Promise<Bridge> {
    const bridge = new Bridge(binary);
    await new Promise<void>((resolve) => bridge.server.listen(0, "127.0.0.1", resolve));
    bridge.port = (bridge.server.address() as AddressInfo).port;
    return bridge;
  }

  /** As `--port` has it. */
  get name(): string {
    return `tcp:127.0.0.1:${this.port}`;
  }

  /** The power is off: whoever is connected hears nothing more. */
  cut(): void {
    for (const socket of this.sockets) socket.end();
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private joined(client: Socket): void {
    const engine = connect({ host: "127.0.0.1", port: TELNET });
    let line = "";
    this.sockets.add(client);
    client.on("data", (bytes) => {
      const lines = (line + bytes.toString("latin1")).split("\n");
      line = lines.pop()!;
      for (const one of lines) if (this.before(one)) engine.write(one + "\n", "latin1");
    });
    engine.on("data", (bytes) => {
      client.write(bytes);
      this.after(bytes.toString("latin1"));
    });
    for (const [socket, other] of [
      [client, engine],
      [engine, client],
    ]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.sockets.delete(client);
        other.end();
      });
    }
  }
}
