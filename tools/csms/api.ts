/**
 * What callers of the embedded CSMS see of it beside the `Csms` itself: options, handlers, errors and records.
 */
import { createRPCError } from "ocpp-rpc";
import type { TlsFiles } from "./certificate.ts";
import type { Payload, Protocol } from "./schema.ts";
import type { StationRecord } from "./station-record.ts";

/** Returned by a handler: the station gets no answer. */
export const NO_ANSWER = Symbol("no answer");

/** An error for a handler to throw: `code` is one of OCPP's, e.g. "InternalError". */
export function rpcError(code: string, description = ""): Error {
  return createRPCError(code, description, {}) as unknown as Error;
}

/** A call to a station failed: `code` is that of the CALLERROR, or Timeout, Offline, Disconnected. */
export class CallError extends Error {
  constructor(
    readonly code: string,
    description: string,
    readonly details: unknown = {},
  ) {
    super(description || code);
  }
}

export interface HandlerContext {
  action: string;
  identity: string;
  messageId: string;
  station: StationRecord;
  /** What the CSMS would answer without the handler. */
  defaultAnswer(): Payload;
  /** Sends text as it is, unchecked before sending. */
  raw(text: string): void;
}

type HandlerAnswer = Payload | typeof NO_ANSWER;
/** Answers, throws an `rpcError`, returns NO_ANSWER, or takes its time with a promise. */
export type Handler = (request: Payload, context: HandlerContext) => HandlerAnswer | Promise<HandlerAnswer>;

export interface CsmsFrame {
  /** ms since 1970. */
  t: number;
  /** Seen from the CSMS: `in` comes from the station. */
  dir: "in" | "out";
  identity: string;
  text: string;
}

export interface Violation extends CsmsFrame {
  reason: string;
}

export interface Finding {
  t: number;
  identity: string;
  text: string;
}

/** One request for a connection, also the refused ones. */
export interface ConnectionAttempt {
  t: number;
  identity: string;
  path: string;
  /** The subprotocols offered, in the station's order. */
  offered: string[];
  authorization: string | null;
  accepted: boolean;
}

export interface LogEntry {
  t: number;
  /** SCHEMA: against the protocol; RULE: a finding; LINK: connections. */
  kind: "FRAME" | "SCHEMA" | "RULE" | "LINK";
  identity: string;
  text: string;
  frame?: CsmsFrame;
}

export interface CsmsOptions {
  /** 0, the default: any free one. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** In order of preference; default ["ocpp2.0.1"]. */
  protocols?: Protocol[];
  /** Basic auth password of all stations; without it everybody is let in. */
  password?: string;
  /** true: with a certificate made for the run, whose root is `csms.ca`. */
  tls?: boolean | TlsFiles;
  log?: (entry: LogEntry) => void;
  handlers?: Record<string, Handler>;
  /** Heartbeat interval in s, default 300. */
  interval?: number;
  /** WebSocket pings to the stations, default 0: none. */
  pingIntervalMs?: number;
  /** Waiting time of `call`, default 10,000. */
  callTimeoutMs?: number;
  /** Clock of the CSMS in ms since 1970, default the real one; a simulation gives its own. */
  now?: () => number;
  /** How many frames are kept, default all. */
  keepFrames?: number;
}

export interface CallOptions {
  timeoutMs?: number;
  /** Send the payload even when it is against the schema. */
  unchecked?: boolean;
}
