/** A station with the built image, its CSMS, and the page's address; and a fake of the simulator that sends what a test wants. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startCsms, type Csms, type CsmsOptions } from "../../tools/csms/csms.ts";
import type { StationView } from "../../tools/page/station-calls.ts";
import { pageFile } from "../../tools/page/serve.ts";
import { startStation, type Frame, type Station, type StationOptions, type StationState } from "../../tools/sim/sim.ts";
import { until } from "./browser.ts";

const running = new Set<{ close(): Promise<void> }>();

export function closing<T extends { close(): Promise<void> }>(thing: T): T {
  running.add(thing);
  return thing;
}

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const thing of [...running].reverse()) await thing.close();
  running.clear();
}

export interface StationBench {
  csms: Csms;
  station: Station;
  url: string;
}

/** A registered station whose time runs. */
export async function stationBench(options: StationOptions = {}, csmsOptions: CsmsOptions = {}): Promise<StationBench> {
  const holder: { station?: Station } = {};
  const csms = closing(await startCsms({ port: 0, now: () => holder.station?.now() ?? Date.now(), ...csmsOptions }));
  const station = closing(await startStation({ csms: csms.url, port: 0, evses: 2, ...options }));
  holder.station = station;
  await until("registered", async () => (await station.state()).registration === "Accepted", 15);
  return { csms, station, url: String(station.url) };
}

/** What the page asks the simulator for, out of memory: for many frames and long histories. */
export class FakeSimulator {
  readonly frames: Frame[] = [];
  readonly view: StationView;
  readonly state: StationState;
  private readonly listeners = new Set<ServerResponse>();
  private readonly server: Server;

  private constructor() {
    const evses = [1, 2];
    this.view = {
      run: "fake",
      build: "abc123",
      engine: "node",
      now: Date.now(),
      timeScale: 1,
      fixedCable: false,
      network: { up: true, stalled: false },
      cut: null,
      recorder: false,
      csmsPage: null,
      evses: evses.map((id) => ({ id, fault: null, lockFails: false, wantedAmps: 16 })),
      faultCodes: ["GroundFailure"],
      history: [],
    };
    this.state = {
      powered: true,
      online: true,
      protocol: "ocpp2.0.1",
      registration: "Accepted",
      time: null,
      evses: evses.map((id) => ({
        id,
        plugged: true,
        pilot: "C",
        contactor: true,
        locked: true,
        limitAmps: 16,
        amps: 16,
        meterWh: 1000,
        status: "Occupied",
        transactionId: `tx${id}`,
      })),
      queue: { events: 0, bytes: 0 },
      memory: { used: 1000, peak: 2000, total: 3000 },
      flash: { ops: 1, erases: 0 },
    };
    this.server = createServer((request, response) => void this.answer(request.url ?? "/", response));
  }

  static async open(): Promise<FakeSimulator> {
    const fake = new FakeSimulator();
    await new Promise<void>((resolve) => fake.server.listen(0, "127.0.0.1", resolve));
    return closing(fake);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  send(dir: Frame["dir"], text: string, t = Date.now()): void {
    const frame = { k: this.frames.length + 1, t, dir, text };
    this.frames.push(frame);
    for (const listener of this.listeners) listener.write(`event: frame\ndata: ${JSON.stringify(frame)}\n\n`);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(path: string, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(path, "http://127.0.0.1");
    const since = Number(searchParams.get("since") ?? 0);
    const file = await pageFile(pathname, ["station", "shared"]);
    if (file) return void response.writeHead(200, file.headers).end(file.bytes);
    if (pathname === "/events") {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write(":\n\n");
      this.listeners.add(response);
      response.on("close", () => this.listeners.delete(response));
      return;
    }
    const answers: Record<string, (() => unknown) | undefined> = {
      "/state": () => this.state,
      "/frames": () => this.frames.slice(since),
      "/page/station": () => ({ ...this.view, now: Date.now(), history: this.view.history.slice(since, since + 20_000) }),
      "/page/notes": () => {
        const notes = this.frames.slice(since, since + 2000).map(({ k }) => ({ k, words: `TransactionEvent Updated #${k}` }));
        return { upTo: notes.at(-1)?.k ?? since, notes };
      },
      "/page/settings": () => [],
    };
    const found = answers[pathname];
    response
      .writeHead(found ? 200 : 404, { "Content-Type": "application/json" })
      .end(JSON.stringify(found?.() ?? { error: "no" }));
  }
}
