/**
 * What a scenario runs on: a simulated station and a CSMS for it alone, with time that only moves when it is told to.
 */
import { ACCEPT, applyProfile, type ProfileName } from "../csms/profile.ts";
import { startCsms, type Csms } from "../csms/csms.ts";
import { startStation, type Frame, type Station, type StationState } from "../sim/sim.ts";
import type { Scenario } from "./file.ts";

export type EngineName = "node" | "espruino";

/** The identity of the simulated station. */
const IDENTITY = "CS001";
/** The same random numbers each time. */
const SEED = 1;
/** Real ms without a frame after which nothing more is expected, and how long that is waited for. */
const CALM_MS = 40;
const PATIENCE_MS = 3000;
const GRACE_MS = 1500;
const POLL_MS = 10;

export class Bench {
  /** A CALL whose answer was waited for in vain. */
  private givenUp: string | null = null;

  private constructor(
    readonly csms: Csms,
    readonly station: Station,
    private readonly log: string[],
  ) {}

  static async open({ station = {}, csms: behaviour = {} }: Scenario, engine: EngineName): Promise<Bench> {
    const holder: { station?: Station } = {};
    const log: string[] = [];
    const now = (): number => holder.station?.now() ?? Date.now();
    const { password } = station;
    const csms = await startCsms({ port: 0, protocols: ["ocpp2.0.1", "ocpp1.6"], now, password, interval: behaviour.interval });
    if (behaviour.profile) applyProfile(csms, { ...ACCEPT, name: behaviour.profile as ProfileName });
    const { cable, set, ...rest } = station;
    try {
      const values = set && Object.fromEntries(Object.entries(set).map(([name, value]) => [name, String(value)]));
      const options = { ...rest, ...(cable && { fixedCable: cable === "fixed" }), ...(values && { set: values }) };
      const print = (line: string): void => void log.push(line);
      holder.station = await startStation({ csms: csms.url, id: IDENTITY, timeScale: 0, seed: SEED, engine, print, ...options });
    } catch (error) {
      await csms.close();
      throw error;
    }
    return new Bench(csms, holder.station, log);
  }

  get identity(): string {
    return IDENTITY;
  }

  /** What engine and firmware have said. */
  get engineLog(): string[] {
    return this.log;
  }

  async advance(seconds: number): Promise<void> {
    const { status, body } = await this.station.post("/clock", { advance: seconds });
    if (status !== 200) throw new Error(`time does not move on: ${JSON.stringify(body)}`);
  }

  /** Waits in real time until the CALLs of both sides are answered and no frame has come or gone for a moment. */
  async quiet(): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    let last = -1;
    let since = Date.now();
    while (Date.now() < end) {
      const frames = this.station.frames();
      const k = frames.at(-1)?.k ?? 0;
      if (k !== last) {
        last = k;
        since = Date.now();
      }
      const open = openCall(frames);
      if (Date.now() - since >= CALM_MS && (open === null || open === this.givenUp)) {
        // The firmware looks at its connection between two answers on its link: what it has received it has dealt with then.
        for (let i = 0; i < 2; i++) await this.station.state();
        if ((this.station.frames().at(-1)?.k ?? 0) === last) return;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    this.givenUp = openCall(this.station.frames());
  }

  /** Time moves on until `condition` holds, at most `seconds`; false when it never did. */
  async within(seconds: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
    for (let left = seconds; ; left--) {
      if (await condition()) return true;
      await this.quiet();
      if (await condition()) return true;
      if (left <= 0) return this.afterAll(condition);
      await this.advance(1);
    }
  }

  /** A machine that is busy gets some real time before it is said that the condition never held. */
  private async afterAll(condition: () => boolean | Promise<boolean>): Promise<boolean> {
    const end = Date.now() + GRACE_MS;
    while (Date.now() < end) {
      if (await condition()) return true;
      await new Promise((resolve) => setTimeout(resolve, 5 * POLL_MS));
    }
    return false;
  }

  state(): Promise<StationState> {
    return this.station.state();
  }

  async close(): Promise<void> {
    await this.station.close();
    await this.csms.close();
  }
}

/** Message id of the last CALL of either side that has no answer. */
function openCall(frames: Frame[]): string | null {
  for (const side of ["out", "in"] as const) {
    const call = frames.filter(({ dir, text }) => dir === side && text.startsWith("[2")).at(-1);
    const id = call && /^\[2,\s*("(?:[^"\\]|\\.)*")/.exec(call.text)?.[1];
    if (!call || id === undefined) continue;
    const answers = ({ k, dir, text }: Frame): boolean =>
      k > call.k && dir !== side && !text.startsWith("[2") && text.includes(id);
    if (!frames.some(answers)) return id;
  }
  return null;
}
