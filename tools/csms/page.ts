/**
 * The CSMS's page over HTTP, on loopback: static files, the calls of `page-api.ts` and their server-sent events.
 * Requests of other origins or under other host names are refused, so that no web page can command stations through it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pageFile } from "../page/serve.ts";
import type { Feed, FeedEntry } from "./feed.ts";
import { PageApi, type PageAnswer, type PageOptions } from "./page-api.ts";

export const USUAL_PAGE_PORT = 8090;

/** Of the web page, under `tools/page`. */
const PAGE_ROOMS = ["csms", "shared"];
/** Everything comes from here and is text; nothing that a frame brings can run. */
const HEADERS: Record<string, string> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};
const BODY_LIMIT = 1_000_000;
/** ms in which changes are gathered before the state is told. */
const STATE_PAUSE = 150;
/** A listener that takes nothing for so many bytes is given up; it comes back and goes on where it was. */
const MOST_UNSENT = 8_000_000;

export class CsmsPage {
  private readonly listeners = new Set<ServerResponse>();
  private readonly api: PageApi;
  private stateTimer: NodeJS.Timeout | null = null;
  private lastState = "";

  constructor(
    private readonly server: Server,
    private readonly feed: Feed,
    options: PageOptions,
  ) {
    this.api = new PageApi(options);
    server.on("request", (request, response) => {
      this.answer(request, response).catch((error: Error) => send(response, { status: 500, body: { error: error.message } }));
    });
    feed.listen((batch) => this.publish(batch));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The state may have changed. */
  changed(): void {
    if (this.listeners.size > 0) this.stateTimer ??= setTimeout(() => this.publishState(), STATE_PAUSE);
  }

  async close(): Promise<void> {
    if (this.stateTimer) clearTimeout(this.stateTimer);
    this.feed.close();
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (!this.own(request)) return send(response, { status: 403, body: { error: "only for the page itself" } });
    if (request.method === "POST") {
      const body = await jsonOf(request);
      if (body instanceof Unreadable) return send(response, { status: body.status, body: { error: body.message } });
      send(response, await this.api.post(pathname, body));
      return this.changed();
    }
    if (request.method !== "GET") return send(response, { status: 405, body: { error: "GET or POST" } });
    if (pathname === "/api/events") return this.listen(request, response, searchParams);
    if (pathname.startsWith("/api/")) return send(response, await this.api.get(pathname, searchParams));
    const file = await pageFile(pathname, PAGE_ROOMS);
    if (!file) return send(response, { status: 404, body: { error: `no GET ${pathname}` } });
    response.writeHead(200, { ...file.headers, ...HEADERS }).end(file.bytes);
  }

  private own({ headers }: IncomingMessage): boolean {
    const { port } = this.server.address() as AddressInfo;
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
    if (!hosts.includes(headers.host ?? "")) return false;
    return headers.origin === undefined || headers.origin === `http://${headers.host}`;
  }

  private listen(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream" });
    response.write(`retry: 1000\n\nevent: state\ndata: ${JSON.stringify(this.api.state())}\n\n`);
    const [run, k] = String(request.headers["last-event-id"] ?? query.get("since") ?? "").split("/");
    const known = run === this.api.state().run ? Number(k) : 0;
    this.feed.flush();
    const missed = this.feed.since(Number.isInteger(known) ? known : 0);
    if (missed.length > 0) response.write(this.batchEvent(missed));
    this.listeners.add(response);
    response.on("close", () => this.listeners.delete(response));
  }

  private publish(batch: FeedEntry[]): void {
    this.write(this.batchEvent(batch));
    this.changed();
  }

  private batchEvent(batch: FeedEntry[]): string {
    return `id: ${String(this.api.state().run)}/${batch.at(-1)?.k ?? 0}\nevent: feed\ndata: ${JSON.stringify(batch)}\n\n`;
  }

  private publishState(): void {
    this.stateTimer = null;
    const state = this.api.state();
    const compared = JSON.stringify({ ...state, now: null });
    if (compared === this.lastState) return;
    this.lastState = compared;
    this.write(`event: state\ndata: ${JSON.stringify(state)}\n\n`);
  }

  private write(text: string): void {
    for (const response of this.listeners) {
      if (response.writableLength > MOST_UNSENT) response.destroy();
      else response.write(text);
    }
  }
}

/** A body that is not taken. */
class Unreadable {
  constructor(
    readonly status: number,
    readonly message: string,
  ) {}
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    return new Unreadable(415, "the body is to be application/json");
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  if (size > BODY_LIMIT) return new Unreadable(413, `the body is longer than ${BODY_LIMIT} bytes`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  } catch {
    return new Unreadable(400, "the body is not JSON");
  }
}

function send(response: ServerResponse, { status, body }: PageAnswer): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { ...HEADERS, "Content-Type": "application/json" }).end(JSON.stringify(body) + "\n");
}

/**
 * Serves the page on `port`, 0 for any free one; without a port on the usual one, or any free one when that is taken.
 * Rejects with the system's error (EADDRINUSE …) when it cannot listen.
 */
export async function startCsmsPage(feed: Feed, options: PageOptions, port?: number): Promise<CsmsPage> {
  const server = createServer();
  try {
    await listening(server, port ?? USUAL_PAGE_PORT);
  } catch (error) {
    if (port !== undefined || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    await listening(server, 0);
  }
  return new CsmsPage(server, feed, options);
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
