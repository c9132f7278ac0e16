/**
 * The embedded CSMS: a lenient server for OCPP 2.0.1 and 1.6 on `ocpp-rpc` in strict mode. Every frame of both directions
 * is kept and judged; the frames that are against the protocol stand in `violations`, breaches of rules between frames
 * (sequence numbers, times, order) in `findings`. OCPP 2.0.1 Part 4, 3 (connection) and 4 (RPC).
 */
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import rpcLibrary, { RPCServer } from "ocpp-rpc";
import type { WebSocket } from "ws";
import {
  CallError,
  NO_ANSWER,
  rpcError,
  type CallOptions,
  type ConnectionAttempt,
  type CsmsFrame,
  type CsmsOptions,
  type Finding,
  type Handler,
  type LogEntry,
  type Violation,
} from "./api.ts";
import { answeredActions, defaultAnswer } from "./answers.ts";
import { CIPHERS, makeCertificate } from "./certificate.ts";
import { ACCEPT, type Profile } from "./profile.ts";
import { strictValidator, type Payload, type Protocol } from "./schema.ts";
import { StationLink, type RpcClient } from "./station-link.ts";
import { StationRecord } from "./station-record.ts";
import { CALL, CALLRESULT, type CheckedFrame, type Party } from "./wire-check.ts";

export * from "./api.ts";
export { type Payload, type Protocol } from "./schema.ts";
export { StationRecord, type Transaction, type TransactionEvent } from "./station-record.ts";

/** The options with their defaults. */
interface Settings extends CsmsOptions {
  protocols: Protocol[];
  interval: number;
  callTimeoutMs: number;
  now: () => number;
  keepFrames: number;
}

const POLL_MS = 20;

export class Csms {
  readonly stations = new Map<string, StationRecord>();
  readonly frames: CsmsFrame[] = [];
  readonly violations: Violation[] = [];
  readonly findings: Finding[] = [];
  readonly attempts: ConnectionAttempt[] = [];
  /** Answers the actions that have no handler of their own; null: as the lenient CSMS does. `applyProfile` sets both. */
  otherwise: Handler | null = null;
  profile: Profile = ACCEPT;
  /** Every upgrade is refused with 503. */
  overloaded = false;

  private readonly links = new Map<string, StationLink>();
  private readonly handlers = new Map<string, Handler>();
  private readonly sockets = new Set<Socket>();
  private readonly rpc: RPCServer;
  private transactionIds = 0;
  private aheadMs = 0;

  /** Use `startCsms`. */
  constructor(
    private readonly settings: Settings,
    private readonly server: Server,
    /** Root certificate (PEM) that verifies this server; null without TLS. */
    readonly ca: string | null,
  ) {
    for (const [action, handler] of Object.entries(settings.handlers ?? {})) this.handlers.set(action, handler);
    this.rpc = new RPCServer({
      protocols: settings.protocols,
      strictMode: true,
      strictModeValidators: settings.protocols.map(strictValidator),
      pingIntervalMs: settings.pingIntervalMs ?? 0,
      callTimeoutMs: settings.callTimeoutMs,
    });
    this.rpc.auth((accept, reject, handshake) => {
      const { password } = settings;
      const known = password === undefined || handshake.password?.toString("utf8") === password;
      this.attempts.push({
        t: Date.now(),
        identity: handshake.identity,
        path: handshake.request.url ?? "",
        offered: [...handshake.protocols],
        authorization: handshake.headers.authorization ?? null,
        accepted: known && !this.overloaded && handshake.identity !== "",
      });
      if (handshake.identity === "") return reject(404, "Not found");
      if (this.overloaded) return reject(503, "Service Unavailable");
      if (known) return accept();
      this.log("LINK", handshake.identity, "refused with 401: wrong or missing password");
      reject(401, "Unauthorized");
    });
    this.rpc.on("client", (client: RpcClient) => this.attach(client));
    server.on("upgrade", (request, socket: Socket, head) => {
      // The library throws on a path that is not percent-encoded well.
      this.rpc.handleUpgrade(request, socket, head).catch(() => socket.destroy());
    });
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
  }

  /** Present time of the CSMS, ms since 1970. */
  now(): number {
    return this.settings.now() + this.aheadMs;
  }

  /** Sets the clock of the CSMS forward, beside a simulation whose time is moved on. */
  advance(seconds: number): void {
    this.aheadMs += seconds * 1000;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The address for stations; they append "/" and their identity. */
  get url(): string {
    // Engines that verify certificates do not accept an IP address as name.
    return this.ca === null ? `ws://127.0.0.1:${this.port}` : `wss://localhost:${this.port}`;
  }

  /** Calls a station. Throws CallError. One call a station is under way at a time, further ones wait. */
  async call(identity: string, action: string, payload: Payload = {}, options: CallOptions = {}): Promise<Payload> {
    return this.linkOf(identity).call(action, payload, { timeoutMs: this.settings.callTimeoutMs, ...options });
  }

  /** Sends text to a station as it is. It is recorded and judged like all frames, after sending. */
  raw(identity: string, text: string): void {
    this.linkOf(identity).client.sendRaw(text);
  }

  /** Answers `action` by `handler` from now on; returns the way back. */
  on(action: string, handler: Handler): () => void {
    this.handlers.set(action, handler);
    for (const link of this.links.values()) this.register(link, action);
    return () => {
      if (this.handlers.get(action) === handler) this.handlers.delete(action);
    };
  }

  /** The WebSocket of a station, for frames that the RPC layer does not send. */
  socketOf(identity: string): WebSocket {
    return this.linkOf(identity).socket;
  }

  /** Ends a station's connection: with a close frame, or by a reset of TCP. */
  disconnect(identity: string, how: { code: number; reason?: string } | "reset" = { code: 1000 }): void {
    const { socket } = this.linkOf(identity);
    if (how === "reset") socket.terminate();
    else socket.close(how.code, how.reason);
  }

  /** Waits until `predicate` gives something; looks after each frame and now and then. `what` names it in the error. */
  async waitFor<T>(predicate: () => T, timeoutMs = 5000, what = String(predicate)): Promise<NonNullable<T>> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const found = predicate();
      if (found) return found;
      if (Date.now() >= end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Ends everything at once; the stations see a reset or an end of TCP without close frames. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const { socket } of this.links.values()) socket.terminate();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all([ended, this.rpc.close({ force: true })]);
  }

  private linkOf(identity: string): StationLink {
    const link = this.links.get(identity);
    if (!link) throw new CallError("Offline", `station ${identity} is not connected`);
    return link;
  }

  private attach(client: RpcClient): void {
    const identity = client.identity ?? "";
    if (!client.protocol) {
      this.log("LINK", identity, "closed: no subprotocol in common");
      void client.close({ code: 1002, reason: "no subprotocol in common" });
      return;
    }
    let station = this.stations.get(identity);
    if (!station) this.stations.set(identity, (station = new StationRecord(identity, (text) => this.find(identity, text))));
    const protocol = client.protocol as Protocol;
    const link = new StationLink(client, protocol, station);
    const older = this.links.get(identity);
    this.links.set(identity, link);
    older?.socket.terminate();
    station.protocol = protocol;
    station.online = true;
    station.connects++;
    client.on("message", ({ message, outbound }: { message: string; outbound: boolean }) => {
      this.frame(link, outbound ? "csms" : "station", message);
    });
    client.on("strictValidationFailure", (failure: { outbound: boolean; method: string; params: unknown; error: Error }) => {
      // Incoming frames are judged on the wire; of the own ones this one never gets there.
      if (failure.outbound) this.violate(link, "csms", JSON.stringify(failure.params), `not sent: ${failure.error.message}`);
    });
    client.on("disconnect", ({ code }: { code: number }) => this.detach(link, code));
    link.socket.on("ping", () => station.pings++);
    link.socket.on("message", (data, isBinary) => {
      if (isBinary) this.violate(link, "station", `${(data as Buffer).length} B`, "a binary frame");
    });
    for (const action of [...answeredActions(protocol), ...this.handlers.keys()]) this.register(link, action);
    this.log("LINK", identity, `connected with ${protocol}`);
  }

  private detach(link: StationLink, code: number): void {
    link.ended();
    if (this.links.get(link.identity) === link) {
      this.links.delete(link.identity);
      link.station.online = false;
    }
    this.log("LINK", link.identity, `disconnected, code ${code}`);
  }

  private register(link: StationLink, action: string): void {
    link.client.handle(action, (call) => this.answer(link, action, call.params ?? {}, String(call.messageId)));
  }

  private async answer(link: StationLink, action: string, request: Payload, messageId: string): Promise<Payload> {
    const byDefault = (): Payload => {
      const answer = defaultAnswer(link.protocol, action, request, {
        now: this.now(),
        interval: this.settings.interval,
        nextTransactionId: () => ++this.transactionIds,
      });
      if (!answer) throw rpcError("NotImplemented", `${action} is not answered here`);
      return answer;
    };
    const handler = this.handlers.get(action) ?? this.otherwise;
    if (!handler) return byDefault();
    const { identity, station } = link;
    const raw = (text: string): void => link.client.sendRaw(text);
    const answer = await handler(request, { action, identity, messageId, station, defaultAnswer: byDefault, raw });
    if (answer !== NO_ANSWER) return answer;
    link.wire.forget("station", messageId);
    return rpcLibrary.NOREPLY as unknown as Payload;
  }

  private frame(link: StationLink, from: Party, text: string): void {
    const t = Date.now();
    const { identity, station } = link;
    const frame: CsmsFrame = { t, dir: from === "station" ? "in" : "out", identity, text };
    this.frames.push(frame);
    if (this.frames.length > this.settings.keepFrames) this.frames.shift();
    this.settings.log?.({ t, kind: "FRAME", identity, text, frame });
    const checked = link.wire.check(from, text);
    for (const reason of checked.faults) this.violate(link, from, text, reason);
    if (checked.faults.length === 0) this.learn(station, checked, t);
    const lenient = checked.overlaps !== null && !this.otherwise && !this.handlers.has(checked.overlaps);
    if (lenient && from === "station") {
      this.find(identity, `${checked.action} is sent while ${checked.overlaps} has no answer yet (one CALL at a time)`);
    }
    if (from === "station" && checked.id !== null) link.settle(checked.id, checked.type, text);
  }

  private learn(station: StationRecord, checked: CheckedFrame, t: number): void {
    const { type, action, payload, request, from } = checked;
    if (action === null || payload === null) return;
    if (type === CALL && from === "station") station.request(action, payload, t);
    if (type === CALLRESULT && request) station.result(action, request, payload);
  }

  private violate(link: StationLink, from: Party, text: string, reason: string): void {
    const dir = from === "station" ? "in" : "out";
    this.violations.push({ t: Date.now(), dir, identity: link.identity, text, reason });
    this.log("SCHEMA", link.identity, `${dir === "in" ? "->" : "<-"} ${reason}`);
  }

  private find(identity: string, text: string): void {
    this.findings.push({ t: Date.now(), identity, text });
    this.log("RULE", identity, text);
  }

  private log(kind: LogEntry["kind"], identity: string, text: string): void {
    this.settings.log?.({ t: Date.now(), kind, identity, text });
  }
}

/** Starts a CSMS; rejects with the system's error (EADDRINUSE …) when it cannot listen. */
export async function startCsms(options: CsmsOptions = {}): Promise<Csms> {
  const settings: Settings = {
    ...options,
    protocols: options.protocols ?? ["ocpp2.0.1"],
    interval: options.interval ?? 300,
    callTimeoutMs: options.callTimeoutMs ?? 10_000,
    now: options.now ?? Date.now,
    keepFrames: options.keepFrames ?? Infinity,
  };
  const files = options.tls === true ? await makeCertificate() : options.tls || null;
  const server = files
    ? createTlsServer({ key: files.key, cert: files.cert, ciphers: CIPHERS, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" })
    : createServer();
  server.on("request", (_request, response) => response.writeHead(404).end());
  const csms = new Csms(settings, server, files?.ca ?? null);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  return csms;
}
