/**
 * The place of a case: a station in the simulator whose time moves only when it is told to, a CSMS of its own, and the person with card,
 * cable and car.
 */
import assert from "node:assert/strict";
import { startCsms, type Csms, type CsmsOptions } from "../csms/csms.ts";
import { startStation, type Station, type StationState } from "../sim/sim.ts";
import type { CaseOptions } from "./case.ts";

export type EngineName = "node" | "espruino";
export type Card = { idToken: string; type: string };

export const ID = "CS001";
export const CARD: Card = { idToken: "04A1B2C3", type: "ISO14443" };
export const OTHER: Card = { idToken: "0499887766", type: "ISO14443" };

/** No waits for a reconnect, no samples and no heartbeats that a case does not ask for. */
const SETTINGS = {
  "OCPPCommCtrlr.RetryBackOffWaitMinimum": "1",
  "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
  "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
  "SampledDataCtrlr.TxUpdatedInterval": "0",
};
const HEARTBEAT_INTERVAL = 86_400;
const SEED = 1;
export const POLL_MS = 4;

export interface Place {
  csms: Csms;
  station: Station;
  options: CaseOptions;
}

/** Starts a CSMS and a station for it. */
export async function openPlace(options: CaseOptions, engine: EngineName): Promise<Place> {
  const holder: { station?: Station } = {};
  const now = (): number => holder.station?.now() ?? Date.now();
  const { evses = 1, fixedCable = false, protocol } = options;
  const protocols = protocol && [protocol];
  const csms = await startCsms({ port: 0, now, interval: HEARTBEAT_INTERVAL, callTimeoutMs: 30_000, protocols, ...options.csms });
  try {
    holder.station = await startStation({
      csms: csms.url,
      id: ID,
      protocol,
      timeScale: 0,
      seed: SEED,
      patience: 60_000,
      startOnPower: options.power,
      engine,
      evses,
      fixedCable,
      set: { ...SETTINGS, ...options.set },
    });
    return { csms, station: holder.station, options: { ...options } };
  } catch (error) {
    await csms.close();
    throw error;
  }
}

export class Site {
  /** The one that calls and that answers are set for; a case may change over to a second one. */
  csms: Csms;
  readonly station: Station;
  readonly options: CaseOptions;
  /** Every CSMS of the case. */
  protected readonly all: Csms[];
  protected stalled = false;

  constructor({ csms, station, options }: Place) {
    this.csms = csms;
    this.station = station;
    this.options = options;
    this.all = [csms];
  }

  async close(): Promise<void> {
    await this.station.close();
    for (const csms of this.all) await csms.close();
  }

  /** A second CSMS, for network profiles. */
  async secondCsms(options: CsmsOptions = {}): Promise<Csms> {
    const { protocol } = this.options;
    const now = (): number => this.station.now();
    const csms = await startCsms({ port: 0, now, interval: HEARTBEAT_INTERVAL, protocols: protocol && [protocol], ...options });
    this.all.push(csms);
    return csms;
  }

  async post(path: string, body: object = {}): Promise<void> {
    const { status, body: answer } = await this.station.post(path, body);
    assert.equal(status, 200, `POST ${path}: ${JSON.stringify(answer)}`);
  }

  state(): Promise<StationState> {
    return this.station.state();
  }

  async evse(id = 1): Promise<StationState["evses"][number]> {
    return (await this.state()).evses[id - 1];
  }

  advance(seconds: number): Promise<void> {
    return this.post("/clock", { advance: seconds });
  }

  tap(card: Card = CARD, evse?: number): Promise<void> {
    return this.post("/tap", evse === undefined ? card : { ...card, evse });
  }

  plug(evse = 1): Promise<void> {
    return this.post(`/evse/${evse}/plug`);
  }

  unplug(evse = 1): Promise<void> {
    return this.post(`/evse/${evse}/unplug`);
  }

  unplugCar(evse = 1): Promise<void> {
    return this.post(`/evse/${evse}/unplug-ev`);
  }

  /** The car asks for energy, or (false) not. */
  draw(draw: boolean, evse = 1, amps?: number): Promise<void> {
    return this.post(`/evse/${evse}/ev`, amps === undefined ? { draw } : { draw, amps });
  }

  async stall(stall: boolean): Promise<void> {
    this.stalled = stall;
    await this.post("/network", { stall });
  }

  async powerCycle(): Promise<void> {
    await this.post("/power", { on: false });
    await this.post("/power", { on: true });
  }

  /** The link is down for `seconds` while `meanwhile` happens; then reconnected. */
  async offline(seconds: number, meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    await this.post("/network", { up: false });
    await meanwhile();
    await this.advance(seconds);
    await this.post("/network", { up: true });
    await this.online();
  }

  async online(within = 20): Promise<void> {
    for (let i = 0; !(await this.state()).online; i++) {
      assert.ok(i < within, `reconnected within ${within} s`);
      await this.advance(1);
    }
  }

  /** Waits in real time. */
  async until(what: string, condition: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
    for (const end = Date.now() + ms; !(await condition());) {
      if (Date.now() > end) assert.fail(`${what}: not within ${ms} ms`);
      await this.state();
      await sleep(POLL_MS);
    }
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
