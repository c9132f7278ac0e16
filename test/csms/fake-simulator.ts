/**
 * The control interface of a simulator, as far as the demo uses it: a station that charges as told, without any firmware.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { transactionEvent } from "./fake-station.ts";

export class FakeSimulator {
  registration: string | null = "Accepted";
  /** Events that the station forgets, by seqNo. */
  lost: number[] = [];
  /** Answered with status 409. */
  refused: string | null = null;
  /** Inputs in order. */
  readonly inputs: string[] = [];
  private readonly frames: { k: number; t: number; dir: string; text: string }[] = [];
  private plugged = false;
  private draw = false;
  private transaction = false;
  private wattHours = 5000;
  private seqNo = 0;
  private time = Date.UTC(2026, 0, 1, 12);

  private constructor(private readonly server: Server) {
    server.on("request", (request, response) => {
      void this.answer(request).then(([status, body]) => response.writeHead(status).end(JSON.stringify(body)));
    });
    this.sent("Heartbeat", {});
  }

  static async start(): Promise<FakeSimulator> {
    const server = createServer();
    const simulator = new FakeSimulator(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return simulator;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private sent(action: string, payload: object): void {
    const k = this.frames.length + 1;
    this.frames.push({ k, t: this.time, dir: "out", text: JSON.stringify([2, String(k), action, payload]) });
    this.frames.push({ k: k + 1, t: this.time, dir: "in", text: JSON.stringify([3, String(k), {}]) });
  }

  private event(eventType: string): void {
    const timestamp = new Date(this.time).toISOString();
    const seqNo = this.seqNo++;
    if (!this.lost.includes(seqNo))
      this.sent("TransactionEvent", transactionEvent(eventType, seqNo, this.wattHours, { timestamp }));
  }

  private async answer(request: IncomingMessage): Promise<[number, unknown]> {
    const url = new URL(request.url ?? "/", "http://x");
    if (request.method === "GET")
      return [200, url.pathname === "/state" ? this.state() : this.since(Number(url.searchParams.get("since")))];
    let body = "";
    for await (const piece of request) body += String(piece);
    this.inputs.push(url.pathname);
    if (url.pathname === this.refused) return [409, { error: "not now" }];
    this.input(url.pathname.split("/").at(-1)!, JSON.parse(body) as { draw?: boolean; advance?: number });
    return [200, {}];
  }

  private since(k: number): object[] {
    return this.frames.filter((frame) => frame.k > k);
  }

  private input(name: string, { draw, advance = 0 }: { draw?: boolean; advance?: number }): void {
    if (name === "plug" || name === "unplug") {
      this.plugged = name === "plug";
      const connectorStatus = this.plugged ? "Occupied" : "Available";
      this.sent("StatusNotification", {
        timestamp: new Date(this.time).toISOString(),
        connectorStatus,
        evseId: 1,
        connectorId: 1,
      });
    }
    if (name === "tap") {
      this.transaction = !this.transaction;
      this.event(this.transaction ? "Started" : "Ended");
    }
    if (draw !== undefined) this.draw = draw;
    this.time += advance * 1000;
    if (advance && this.transaction) {
      this.wattHours += advance;
      this.event("Updated");
    }
  }

  private state(): object {
    const evse = {
      id: 1,
      plugged: this.plugged,
      contactor: this.transaction && this.draw,
      locked: this.transaction,
      amps: 0,
      meterWh: this.wattHours,
      status: this.plugged ? "Occupied" : "Available",
      transactionId: this.transaction ? "T1" : null,
    };
    return {
      powered: true,
      online: true,
      protocol: "ocpp2.0.1",
      registration: this.registration,
      evses: [evse],
      queue: { events: 0 },
    };
  }
}
