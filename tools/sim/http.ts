/** The control interface over HTTP on loopback, and its server-sent events. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pageFile } from "../page/serve.ts";
import { Unreadable, type Answer, type Control } from "./control.ts";
import { UsageError } from "./engine.ts";
import type { Frame } from "./frames.ts";

const BODY_LIMIT = 65_536;
/** ms in which changes are gathered before the state is asked for. */
const STATE_PAUSE = 30;
/** The same when nobody listens: the page's history is kept all the same. */
const UNHEARD_PAUSE = 300;
/** Bytes of events that wait for a listener. */
const EVENTS_LIMIT = 16_000_000;
/** Of the web page, under `tools/page`. */
const PAGE_ROOMS = ["station", "shared"];

export class ControlServer {
  private readonly server: Server;
  private readonly events = new Set<ServerResponse>();
  private lastState = "";
  private stateTimer: NodeJS.Timeout | null = null;
  private stateDue = 0;

  private constructor(private readonly control: Control) {
    this.server = createServer((request, response) => {
      // A request that breaks off has nobody to answer to.
      this.answer(request, response).catch(() => response.destroy());
    });
  }

  /** `port` 0 takes any free one. */
  static async open(control: Control, port: number): Promise<ControlServer> {
    const server = new ControlServer(control);
    await new Promise<void>((resolve, reject) => {
      server.server.once("error", (error: NodeJS.ErrnoException) =>
        reject(
          error.code === "EADDRINUSE"
            ? new UsageError(`--port ${port}: the port is in use.`)
            : new UsageError(`--port ${port}: ${error.message}.`),
        ),
      );
      server.server.listen(port, "127.0.0.1", resolve);
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  frame(frame: Frame): void {
    this.publish("frame", JSON.stringify(frame));
    this.changed();
  }

  /** The state may have changed: whoever listens is told when it has. `soon`: the charger has done something. */
  changed(soon = false): void {
    const pause = soon || this.events.size > 0 ? STATE_PAUSE : UNHEARD_PAUSE;
    const due = performance.now() + pause;
    if (this.stateTimer && due >= this.stateDue) return;
    if (this.stateTimer) clearTimeout(this.stateTimer);
    this.stateDue = due;
    this.stateTimer = setTimeout(() => void this.publishState(), pause).unref();
  }

  async close(): Promise<void> {
    if (this.stateTimer) clearTimeout(this.stateTimer);
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "";
    const address = `http://127.0.0.1${request.url ?? "/"}`;
    if (!URL.canParse(address)) return send(response, { status: 404, body: { error: "no such path" } });
    const url = new URL(address);
    const { origin, host } = request.headers;
    // No page from elsewhere drives the station through somebody's browser.
    if (method !== "GET" && origin !== undefined && origin !== `http://${host}`) {
      return send(response, { status: 403, body: { error: "only for the page itself" } });
    }
    if (method === "GET" && url.pathname === "/events") return this.listen(response);
    const file = method === "GET" ? await pageFile(url.pathname, PAGE_ROOMS) : null;
    if (file) {
      response.writeHead(200, file.headers);
      response.end(file.bytes);
      return;
    }
    send(response, await this.control.call(method, url.pathname, url.searchParams, await jsonOf(request)));
  }

  private listen(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(":\n\n");
    this.events.add(response);
    response.on("close", () => this.events.delete(response));
    this.lastState = "";
    this.changed();
  }

  private publish(event: string, data: string): void {
    for (const response of this.events) {
      // Who does not read what is sent to it has to come back and fetch what it missed.
      if (response.writableLength > EVENTS_LIMIT) response.destroy();
      else response.write(`event: ${event}\ndata: ${data}\n\n`);
    }
  }

  private async publishState(): Promise<void> {
    const { status, body } = await this.control.call("GET", "/state", new URLSearchParams(), undefined);
    this.stateTimer = null;
    if (status !== 200) return;
    // Time, memory and flash counts change all the time; they come along with a change of something else.
    const compared = JSON.stringify({ ...(body as object), time: null, memory: null, flash: null });
    if (compared === this.lastState) return;
    this.lastState = compared;
    this.publish("state", JSON.stringify(body));
  }
}

/** The body's JSON; undefined when it is empty. */
async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  if (size > BODY_LIMIT) return new Unreadable(`the body is longer than ${BODY_LIMIT} bytes`);
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return new Unreadable("the body is not JSON");
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const [type, bytes] = Buffer.isBuffer(body)
    ? ["application/octet-stream", body]
    : typeof body === "string"
      ? ["text/plain; charset=utf-8", body]
      : ["application/json", JSON.stringify(body) + "\n"];
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" });
  response.end(bytes);
}
