/** A station and its CSMS in simulated time, on a flash of the caller's choice: what the journal and the times are measured on. */
import { startCsms, type Csms, type Payload } from "../csms/csms.ts";
import { startStation, type Frame, type Station, type StationOptions, type StationState } from "../sim/sim.ts";

const IDENTITY = "CS001";
const PATIENCE_MS = 20_000;
const POLL_MS = 5;
const CARD = { idToken: "04A1B2C3", type: "ISO14443" };

export class Site {
  /** Hears of each frame. */
  heard: (frame: Frame) => void = () => undefined;

  private constructor(
    readonly csms: Csms,
    readonly station: Station,
  ) {
    station.onFrame((frame) => this.heard(frame));
  }

  static async open(options: StationOptions): Promise<Site> {
    const started: { station?: Station } = {};
    const csms = await startCsms({ port: 0, callTimeoutMs: PATIENCE_MS, now: () => started.station?.now() ?? Date.now() });
    try {
      const simulated = { csms: csms.url, id: IDENTITY, timeScale: 0, seed: 1, patience: PATIENCE_MS };
      started.station = await startStation({ ...simulated, ...options });
      return new Site(csms, started.station);
    } catch (error) {
      await csms.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.station.close();
    await this.csms.close();
  }

  async post(path: string, body: object = {}): Promise<void> {
    const { status, body: reason } = await this.station.post(path, body);
    if (status !== 200) throw new Error(`POST ${path}: ${status} ${JSON.stringify(reason)}`);
  }

  advance(seconds: number): Promise<void> {
    return this.post("/clock", { advance: seconds });
  }

  call(action: string, payload: Payload): Promise<Payload> {
    return this.csms.call(IDENTITY, action, payload);
  }

  raw(text: string): void {
    this.csms.raw(IDENTITY, text);
  }

  /** Waits in real time. */
  async until(what: string, condition: (state: StationState) => boolean): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!condition(await this.station.state())) {
      if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
      await sleep(POLL_MS);
    }
  }

  /** Simulated time moves on until the condition holds. */
  async pass(what: string, seconds: number, condition: (state: StationState) => boolean): Promise<void> {
    for (let second = 0; second <= seconds; second++) {
      if (condition(await this.station.state())) return;
      await this.advance(1);
      await sleep(POLL_MS);
    }
    throw new Error(`${what}: not within ${seconds} simulated seconds`);
  }

  settled(): Promise<void> {
    return this.pass(
      "registered and every event confirmed",
      300,
      ({ online, registration, queue }) => online && registration === "Accepted" && queue.events === 0,
    );
  }

  /** A car charges at EVSE 1. */
  async charge(amps: number): Promise<void> {
    await this.post("/evse/1/plug");
    await this.post("/tap", CARD);
    await this.post("/evse/1/ev", { draw: true, amps });
    await this.pass("EVSE 1 charges", 15, ({ evses }) => evses[0].contactor);
  }

  /** The card ends the charging, the car goes. */
  async leave(): Promise<void> {
    await this.post("/tap", CARD);
    await this.post("/evse/1/ev", { draw: false });
    await this.advance(2);
    await this.post("/evse/1/unplug");
    await this.advance(2);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
