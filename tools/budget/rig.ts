/** A station in the simulator against the embedded CSMS over real sockets, in simulated time: what the measured scenarios run on. */
import { startCsms, type Csms, type Payload } from "../csms/csms.ts";
import { startStation, type Frame, type Station, type StationOptions, type StationState } from "../sim/sim.ts";

export const CARD = { idToken: "04A1B2C3", type: "ISO14443" };
const IDENTITY = "CS001";
const EVSES = 2;
/** Real seconds that anything may take, on a machine that has other things to do as well. */
const PATIENCE = 20;
const POLL_MS = 10;
/** No frame for so long: the station has nothing more to say in this simulated second. */
const CALM_MS = 60;

export class Rig {
  /** Hears of each frame. */
  heard: (frame: Frame) => void = () => undefined;

  private constructor(
    readonly csms: Csms,
    readonly station: Station,
    /** The EVSE with the highest number. */
    readonly last: number,
  ) {
    station.onFrame((frame) => this.heard(frame));
  }

  /** Two EVSEs and the power on, unless `options` say otherwise; simulated time stands still but for `advance`. */
  static async start(options: StationOptions): Promise<Rig> {
    const started: { station?: Station } = {};
    const csms = await startCsms({ port: 0, callTimeoutMs: PATIENCE * 1000, now: () => started.station?.now() ?? Date.now() });
    try {
      const simulated = { csms: csms.url, id: IDENTITY, evses: EVSES, timeScale: 0, seed: 1, patience: PATIENCE * 1000 };
      started.station = await startStation({ ...simulated, ...options });
      return new Rig(csms, started.station, options.evses ?? EVSES);
    } catch (error) {
      await csms.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.station.close();
    await this.csms.close();
  }

  /** A call of the control interface that must succeed. */
  async post(path: string, body: object = {}): Promise<void> {
    const answer = await this.station.post(path, body);
    if (answer.status !== 200) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  advance(seconds: number): Promise<void> {
    return this.post("/clock", { advance: seconds });
  }

  /** A command of the CSMS. */
  call(action: string, payload: Payload = {}): Promise<Payload> {
    return this.csms.call(IDENTITY, action, payload);
  }

  /** A frame of the CSMS. */
  raw(text: string): void {
    this.csms.raw(IDENTITY, text);
  }

  /** A car charges at EVSE `evse` by card. */
  async charge(evse = 1, amps = 16, card: Payload = CARD): Promise<void> {
    await this.post(`/evse/${evse}/plug`);
    await this.post("/tap", { ...card, evse });
    await this.post(`/evse/${evse}/ev`, { draw: true, amps });
    await this.pass(`EVSE ${evse} charges`, 15, ({ evses }) => evses[evse - 1].contactor);
  }

  /** The car at EVSE `evse`, whose transaction was stopped, goes. */
  async leave(evse = 1): Promise<void> {
    await this.post(`/evse/${evse}/ev`, { draw: false });
    await this.settled();
    await this.post(`/evse/${evse}/unplug`);
    await this.settled();
  }

  /** Waits in real time. */
  async until(what: string, condition: (state: StationState) => boolean): Promise<void> {
    const end = Date.now() + PATIENCE * 1000;
    while (!condition(await this.station.state())) {
      if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE} s`);
      await sleep(POLL_MS);
    }
  }

  /** Lets simulated time pass until `condition` holds, at most `seconds`. */
  async pass(what: string, seconds: number, condition: (state: StationState) => boolean): Promise<void> {
    let state = await this.station.state();
    for (let second = 0; second <= seconds; second++) {
      state = await this.station.state();
      if (state.online) {
        await this.quiet();
        state = await this.station.state();
      }
      if (condition(state)) return;
      await this.advance(1);
    }
    const { online, registration, queue } = state;
    throw new Error(`${what}: not within ${seconds} simulated seconds (${JSON.stringify({ online, registration, queue })})`);
  }

  /** Waits until every CALL of the station is answered and no frame comes any more. */
  async quiet(): Promise<void> {
    const end = Date.now() + PATIENCE * 1000;
    let seen = -1;
    for (let calm = 0; calm < CALM_MS && Date.now() < end;) {
      const frames = this.station.frames();
      const last = frames.filter(({ dir, text }) => dir === "out" && text.startsWith("[2")).at(-1);
      const open = last !== undefined && !frames.some(({ dir, text }) => dir === "in" && text.includes(`"${idOf(last.text)}"`));
      calm = frames.length === seen && !open ? calm + POLL_MS : 0;
      seen = frames.length;
      await sleep(POLL_MS);
    }
  }

  /** Registered, and nothing left to tell the CSMS; after a long outage the next attempt to connect may be minutes away. */
  settled(): Promise<void> {
    return this.pass(
      "registered and every event confirmed",
      300,
      ({ online, registration, queue }) => online && registration === "Accepted" && queue.events === 0,
    );
  }

  /** Payloads of the CALLs with `action` that the station sent, in order. */
  sent(action: string): Payload[] {
    return this.station
      .frames()
      .filter(({ dir, text }) => dir === "out" && text.startsWith("[2"))
      .map(({ text }) => JSON.parse(text) as [number, string, string, Payload])
      .filter((call) => call[2] === action)
      .map((call) => call[3]);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function idOf(call: string): string {
  return (JSON.parse(call) as string[])[1];
}
