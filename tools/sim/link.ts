/**
 * The line between the simulated hardware and the firmware of board `sim`, or of a board on twins: text lines over TCP on loopback. Each line to the firmware is
 * answered by one `k`, in order, once the firmware has dealt with it; what the firmware says of its own accord comes between.
 */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Longest line to the firmware, in bytes. */
export const LINE_LIMIT = 200;
/** Longest line from the firmware: TLS plaintext in base64 and pieces of a state stay far below. */
const INPUT_LIMIT = 65_536;

/** The connection ended before the firmware had dealt with the line. */
export class LinkLost extends Error {
  constructor() {
    super("the firmware ended before it saw the input");
  }
}

export interface LinkListener {
  connected(): void;
  lost(): void;
  /** A line that drives the hardware; false when there is no such one. */
  output(line: string): boolean;
  /** Where the next connection through the relay goes. */
  target(host: string, port: number): void;
  /** Plaintext of the TLS connection. */
  plain(direction: "in" | "out", bytes: Buffer): void;
  plainEnded(): void;
  log(text: string): void;
}

interface Pending {
  done(): void;
  failed(error: Error): void;
}

export class Link {
  private readonly server: Server;
  private socket: Socket | null = null;
  private input = "";
  private readonly pending: Pending[] = [];
  /** Pieces of a state that is not complete yet. */
  private pieces = "";
  private state = "";

  private constructor(private readonly listener: LinkListener) {
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  static async open(listener: LinkListener): Promise<Link> {
    const link = new Link(listener);
    await new Promise<void>((resolve, reject) => link.server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return link;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The firmware is connected. */
  get isOpen(): boolean {
    return this.socket !== null;
  }

  /** Resolves when the firmware has dealt with the line; rejects with `LinkLost` when it never will. */
  send(line: string): Promise<void> {
    const { socket } = this;
    if (!socket) return Promise.reject(new LinkLost());
    const bytes = Buffer.from(line + "\n", "utf8");
    if (bytes.length > LINE_LIMIT) throw new RangeError(`line of ${bytes.length} bytes`);
    const answered = new Promise<void>((done, failed) => this.pending.push({ done, failed }));
    socket.write(bytes);
    return answered;
  }

  /** The firmware's state, as it says it. */
  async ask(): Promise<unknown> {
    this.state = "";
    await this.send("?");
    if (this.state === "") throw new Error("the firmware acknowledged `?` without a state");
    return JSON.parse(Buffer.from(this.state, "latin1").toString("utf8"));
  }

  /** Ends the connection from this side. */
  drop(): void {
    const { socket } = this;
    if (socket) {
      socket.destroy();
      this.ended(socket);
    }
  }

  close(): void {
    this.drop();
    this.server.close();
  }

  private accept(socket: Socket): void {
    this.drop();
    this.socket = socket;
    this.input = "";
    this.pieces = "";
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.receive(socket, text));
    socket.on("error", () => this.ended(socket));
    socket.on("close", () => this.ended(socket));
    this.listener.connected();
  }

  private ended(socket: Socket): void {
    if (socket !== this.socket) return;
    this.socket = null;
    for (const { failed } of this.pending.splice(0)) failed(new LinkLost());
    this.listener.lost();
  }

  private receive(socket: Socket, text: string): void {
    const lines = (this.input + text).split("\n");
    this.input = lines.pop()!;
    for (const line of lines) {
      if (socket !== this.socket) return;
      this.line(line);
    }
    if (this.input.length > INPUT_LIMIT) {
      this.listener.log(`link: a line of more than ${INPUT_LIMIT} bytes, connection ended`);
      this.drop();
    }
  }

  private line(line: string): void {
    const rest = line.slice(1);
    switch (line[0]) {
      case "k": {
        const pending = this.pending.shift();
        if (pending) pending.done();
        else this.listener.log("link: acknowledgement of nothing");
        return;
      }
      case "s":
        return this.statePiece(rest);
      case "c": {
        const comma = rest.lastIndexOf(",");
        const port = Number(rest.slice(comma + 1));
        if (comma > 0 && port > 0 && port < 65_536) return this.listener.target(rest.slice(0, comma), port);
        break;
      }
      case "m":
        if (rest === "-") return this.listener.plainEnded();
        if (rest.startsWith("i,")) return this.listener.plain("in", Buffer.from(rest.slice(2), "base64"));
        if (rest.startsWith("o,")) return this.listener.plain("out", Buffer.from(rest.slice(2), "base64"));
        break;
      case "l":
        return this.listener.log(Buffer.from(rest, "latin1").toString("utf8"));
    }
    if (this.listener.output(line)) return;
    this.listener.log(`link: unknown line ${JSON.stringify(line.slice(0, 80))}`);
  }

  /** `s{json}` whole, or `s+piece` … `s.piece`. */
  private statePiece(rest: string): void {
    if (rest.startsWith("{")) this.state = rest;
    else this.pieces += rest.slice(1);
    if (rest.startsWith(".")) {
      this.state = this.pieces;
      this.pieces = "";
    }
  }
}
