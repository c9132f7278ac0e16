/**
 * One open connection of a station: the calls of the CSMS over it, and what is needed to judge its frames.
 * OCPP 2.0.1 Part 4, 4.1 (one CALL at a time), 4.2 (errors).
 */
import { randomUUID } from "node:crypto";
import rpcLibrary from "ocpp-rpc";
import type { WebSocket } from "ws";
import { CallError, type CallOptions } from "./api.ts";
import type { Payload, Protocol } from "./schema.ts";
import type { StationRecord } from "./station-record.ts";
import { CALL, CALLERROR, CALLRESULT, WireCheck } from "./wire-check.ts";

export type RpcClient = InstanceType<typeof rpcLibrary.RPCClient>;

export class StationLink {
  readonly wire: WireCheck;
  /** Calls past the strict mode, by message id. */
  private readonly unchecked = new Map<string, { resolve(result: Payload): void; reject(error: Error): void }>();

  constructor(
    readonly client: RpcClient,
    readonly protocol: Protocol,
    readonly station: StationRecord,
  ) {
    this.wire = new WireCheck(protocol);
  }

  get identity(): string {
    return this.station.identity;
  }

  /** The one thing of the library that it does not offer: its WebSocket, for resets and pings. */
  get socket(): WebSocket {
    return (this.client as unknown as { _ws: WebSocket })._ws;
  }

  async call(action: string, payload: Payload, { timeoutMs, unchecked }: CallOptions): Promise<Payload> {
    if (unchecked) return this.callUnchecked(action, payload, timeoutMs);
    try {
      return (await this.client.call(action, payload, { callTimeoutMs: timeoutMs })) as Payload;
    } catch (error) {
      throw callError(error, action);
    }
  }

  /** An answer of the station has come; it may be that to an unchecked call, which the library does not know. */
  settle(id: string, type: number | null, text: string): void {
    const call = this.unchecked.get(id);
    if (!call) return;
    const parts = JSON.parse(text) as unknown[];
    if (type === CALLRESULT) call.resolve(parts[2] as Payload);
    if (type === CALLERROR) call.reject(new CallError(String(parts[2]), String(parts[3]), parts[4]));
  }

  /** The connection is gone. */
  ended(): void {
    for (const call of this.unchecked.values()) call.reject(new CallError("Disconnected", "the connection ended"));
  }

  private callUnchecked(action: string, payload: Payload, timeoutMs: number | undefined): Promise<Payload> {
    const id = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    return new Promise<Payload>((resolve, reject) => {
      timer = setTimeout(() => reject(new CallError("Timeout", `no answer to ${action}`)), timeoutMs);
      this.unchecked.set(id, { resolve, reject });
      this.client.sendRaw(JSON.stringify([CALL, id, action, payload]));
    }).finally(() => {
      clearTimeout(timer);
      this.unchecked.delete(id);
    });
  }
}

function callError(error: unknown, action: string): CallError {
  const { rpcErrorCode, message, details } = error as { rpcErrorCode?: string; message: string; details?: unknown };
  if (rpcErrorCode !== undefined) return new CallError(rpcErrorCode, message, details);
  if (error instanceof rpcLibrary.TimeoutError) return new CallError("Timeout", `no answer to ${action}`);
  return new CallError("Disconnected", message);
}
