/**
 * A station for tests of the CSMS: sends what it is told, answers as it is told, and never corrects anything.
 */
import { WebSocket, type ClientOptions } from "ws";
import type { Payload } from "../../tools/csms/schema.ts";

type Answer = unknown[];

export interface FakeStationOptions extends ClientOptions {
  protocols?: string[];
  password?: string;
}

export class FakeStation {
  /** All texts from the CSMS. */
  readonly received: string[] = [];
  close: { code: number; reason: string } | null = null;
  /** Answers to calls of the CSMS: a result, or null for none. */
  answers: Record<string, (request: Payload) => Payload | null> = {};
  private readonly waiting = new Map<string, (answer: Answer) => void>();
  private ids = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data) => this.message(String(data)));
    socket.on("close", (code, reason) => (this.close = { code, reason: String(reason) }));
    socket.on("error", () => undefined);
  }

  /** Rejects when the upgrade is refused. */
  static connect(url: string, identity: string, options: FakeStationOptions = {}): Promise<FakeStation> {
    const { protocols = ["ocpp2.0.1"], password, ...more } = options;
    const headers: Record<string, string> =
      password === undefined ? {} : { authorization: `Basic ${btoa(`${identity}:${password}`)}` };
    const socket = new WebSocket(`${url}/${identity}`, protocols, { ...more, headers });
    const station = new FakeStation(socket);
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(station));
      socket.once("error", reject);
    });
  }

  /** Text as it is. */
  send(text: string): void {
    this.socket.send(text);
  }

  /** The answer as the CSMS sent it, an array. */
  call(action: string, payload: unknown, id = `s${++this.ids}`): Promise<Answer> {
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.send(JSON.stringify([2, id, action, payload]));
    });
  }

  end(): void {
    this.socket.terminate();
  }

  private message(text: string): void {
    this.received.push(text);
    let parts: Answer;
    try {
      parts = JSON.parse(text) as Answer;
    } catch {
      return;
    }
    if (!Array.isArray(parts)) return;
    const [type, id, action, payload] = parts;
    if (type !== 2) {
      this.waiting.get(String(id))?.(parts);
      this.waiting.delete(String(id));
      return;
    }
    const answer = this.answers[String(action)]?.(payload as Payload);
    if (answer) this.send(JSON.stringify([3, id, answer]));
    else if (answer === undefined) this.send(JSON.stringify([4, id, "NotSupported", "", {}]));
  }
}

export const BOOT = { reason: "PowerUp", chargingStation: { model: "Fake", vendorName: "Test" } };

/** A TransactionEvent with one register value. */
export function transactionEvent(eventType: string, seqNo: number, wattHours: number, more: Payload = {}): Payload {
  const { transactionInfo, ...rest } = more;
  const timestamp = new Date(Date.UTC(2026, 0, 1, 12, 0, seqNo)).toISOString();
  const context = { Started: "Transaction.Begin", Ended: "Transaction.End" }[eventType] ?? "Sample.Periodic";
  return {
    eventType,
    seqNo,
    timestamp,
    triggerReason: { Started: "Authorized", Ended: "StopAuthorized" }[eventType] ?? "MeterValuePeriodic",
    transactionInfo: { transactionId: "T1", ...(transactionInfo as Payload) },
    meterValue: [{ timestamp, sampledValue: [{ value: wattHours, context }] }],
    ...rest,
  };
}
