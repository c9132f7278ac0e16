/**
 * Module `dgram` of the engine: a socket is there with its `bind` or its first `send`, what comes is an event with the sender's address, cut at
 * the length of the engine's buffer. Espruino: libs/network/jswrap_net.c, socketserver.c.
 */
import { createSocket, type Socket as HostSocket } from "node:dgram";
import { Emitter } from "./emitter.ts";
import { REBOOT, type IdleLoop } from "./idle-loop.ts";

/** 536 bytes without the header that the engine puts before each datagram. */
const MOST_BYTES = 528;

export class EngineDatagrams extends Emitter {
  private host: HostSocket | null = null;
  private closed = false;

  bind(port: number): this {
    this.open().bind(port);
    return this;
  }

  send(data: unknown, port: number, address: string): void {
    this.open().send(Buffer.from(String(data), "latin1"), port, address, () => undefined);
  }

  private open(): HostSocket {
    if (this.loop.dead) throw REBOOT;
    if (this.closed) throw new Error("This socket is closed");
    if (this.host) return this.host;
    const host = createSocket("udp4");
    host.on("error", () => undefined);
    host.on("message", (bytes, { address, port }) => {
      // Taken for the end of a connection.
      if (bytes.length === 0) return this.close();
      const text = bytes.subarray(0, MOST_BYTES).toString("latin1");
      this.emit("message", text, { address, port, size: text.length });
    });
    return (this.host = host);
  }

  close(): void {
    if (this.closed) return;
    this.destroy();
    this.emit("close", false);
  }

  /** The program ended. */
  destroy(): void {
    this.closed = true;
    this.host?.close();
    this.host = null;
  }
}

/** The module. */
export class Datagrams {
  private readonly sockets = new Set<EngineDatagrams>();

  constructor(private readonly loop: IdleLoop) {}

  createSocket(): EngineDatagrams {
    const socket = new EngineDatagrams(this.loop);
    this.sockets.add(socket);
    return socket;
  }

  destroy(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }
}
