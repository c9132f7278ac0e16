/**
 * The simulated charger: an engine that runs the firmware, the hardware that it drives over the link, the network in front of it and the
 * simulated time. Inputs end when the firmware has dealt with them; while the power is off they act on the hardware alone.
 */
import { setImmediate as immediate } from "node:timers/promises";
import { Clock } from "./clock.ts";
import type { Engine, EngineListener, Stopped } from "./engine.ts";
import type { FrameLog } from "./frames.ts";
import type { Evse, EvseHardwareState, Hardware } from "./hardware.ts";
import type { Send, Wiring } from "./wiring.ts";
import { Link, LinkLost } from "./link.ts";
import { Relay } from "./relay.ts";

/** ms that the firmware has to deal with an input, unless the options say otherwise. */
const PATIENCE = 5000;
/** Ends of the firmware in a row, none of them after it was ready. */
const MOST_FALSE_STARTS = 20;
const RESTART_PAUSE = 10;
/** ms between two writes of the meters to the hardware's file. */
const SAVE_PERIOD = 500;

/** The firmware did not deal with the input in time. */
export class NotSeen extends Error {}
/** The charger cannot take this input in its present state. */
export class Conflict extends Error {}

/** What the firmware says of itself in answer to `?`. */
export interface DeviceState {
  online: boolean;
  protocol: string | null;
  registration: string | null;
  time: string | null;
  evses: { id: number; status: string; transactionId: string | null }[];
  queue: { events: number; bytes: number };
  memory: { used: number; peak: number; total: number } | null;
  flash: { ops: number; erases: number };
  build: string;
}

/** `GET /state`. */
export interface StationState {
  powered: boolean;
  online: boolean;
  protocol: string | null;
  registration: string | null;
  time: string | null;
  evses: ({ id: number } & EvseHardwareState & { status: string | null; transactionId: string | null })[];
  queue: { events: number; bytes: number };
  memory: { used: number; peak: number; total: number } | null;
  flash: { ops: number; erases: number };
}

export interface ChargerOptions {
  hardware: Hardware;
  wiring: Wiring;
  frames: FrameLog;
  /** Simulated seconds in a real one; 0: time moves by `advance` alone. */
  timeScale: number;
  /** Feeds the firmware's random numbers, anew at each boot. */
  seed: number;
  /** ms that the firmware has to deal with an input. */
  patience?: number;
  makeEngine(refused: (port: number) => boolean, listener: EngineListener): Engine;
  print(line: string): void;
  /** Something that `state` shows may have changed. */
  changed(): void;
  /** The firmware has told its state. */
  asked?(): void;
}

export class Charger {
  private powered = false;
  /** The firmware knows all inputs and gets ticks. */
  private ready = false;
  private waiters: (() => void)[] = [];
  private link!: Link;
  private relay!: Relay;
  private engine!: Engine;
  readonly clock: Clock;
  /** Simulated seconds so far. */
  ticks = 0;
  private device: DeviceState | null = null;
  private boots = 0;
  private falseStarts = 0;
  private tickUnderWay: Promise<void> = Promise.resolve();
  /** The firmware has not dealt with that second in time, and its watchdog will see to it. */
  private hangs = false;
  /** Power cut that the firmware is to be told of when it starts. */
  private armed: string | null = null;
  /** Power cut that is still to come. */
  cut: { afterFlashOps: number; torn: boolean } | null = null;
  private saved = 0;
  private closed = false;

  private constructor(private readonly options: ChargerOptions) {
    this.clock = new Clock(options.timeScale, { tick: () => this.tick(), waiting: () => this.relay.waiting });
  }

  static async open(options: ChargerOptions): Promise<Charger> {
    const charger = new Charger(options);
    charger.relay = await Relay.open((dir, text) => options.frames.add(dir, text));
    charger.link = await Link.open({
      connected: () => void charger.connected().catch((error: unknown) => charger.notReady(error)),
      lost: () => (charger.ready = false),
      output: (line) => charger.output(line),
      target: (host, port) => charger.relay.name({ host, port }),
      plain: (dir, bytes) => charger.relay.plain(dir, bytes),
      plainEnded: () => charger.relay.plainEnded(),
      log: (text) => options.print(text),
    });
    charger.engine = options.makeEngine((port) => port === charger.relay.port && !charger.relay.up, {
      log: (line) => options.print(line),
      stopped: (how) => void charger.stopped(how),
    });
    charger.clock.start();
    return charger;
  }

  get isPowered(): boolean {
    return this.powered;
  }

  get engineKind(): "node" | "espruino" {
    return this.engine.kind;
  }

  get hardware(): Hardware {
    return this.options.hardware;
  }

  get network(): { up: boolean; stalled: boolean } {
    return { up: this.relay.up, stalled: this.relay.stalled };
  }

  /** What the firmware has last said of itself. */
  get known(): DeviceState | null {
    return this.device;
  }

  /** The flash, in the layout of the control interface. */
  chip(): Buffer {
    return this.engine.chip();
  }

  /** Most frames of the firmware on the stack, where the engine can tell. */
  deepest(): number | null {
    return this.engine.deepest();
  }

  evse(id: number): Evse | undefined {
    return this.options.hardware.evses[id - 1];
  }

  /** The hardware has changed, as `lines` tell; resolves when the firmware knows. */
  async input(lines: string[]): Promise<void> {
    this.options.hardware.save();
    this.options.changed();
    const end = this.deadline();
    if (this.powered && this.link.isOpen) {
      try {
        await inTime(this.options.wiring.changed(lines, this.send), end);
        return;
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error;
      }
    }
    // A firmware that starts is told everything.
    await this.whenReady(end);
  }

  /** A card at the reader, at that of one EVSE or (0) of the station. */
  async tap(evse: number, type: string, idToken: string): Promise<void> {
    const end = this.deadline();
    if (!(await this.whenReady(end))) throw new Conflict("the power is off, the reader sees no card");
    try {
      await inTime(this.options.wiring.card(evse, type, idToken, this.send), end);
    } catch (error) {
      if (!(error instanceof LinkLost)) throw error;
      // The firmware ended over this card; what follows is that of another start.
      await this.whenReady(end);
    }
    this.options.changed();
  }

  async setNetwork(change: { up: boolean } | { drop: true } | { stall: boolean }): Promise<void> {
    if ("up" in change) await this.relay.setUp(change.up);
    else if ("drop" in change) await this.relay.drop();
    else this.relay.setStalled(change.stall);
    // The engine looks at its sockets in turn: after two answers on the link it has seen the end of another connection.
    for (let i = 0; i < 2; i++) await this.ask();
    this.options.changed();
  }

  async setPower(on: boolean): Promise<void> {
    if (on) {
      if (!this.powered) {
        this.powered = true;
        this.falseStarts = 0;
        await this.boot();
      }
      await this.whenReady(this.deadline());
    } else if (this.powered) {
      this.powered = false;
      this.armed = null;
      this.cut = null;
      await this.engine.powerOff();
      await this.ended();
    }
    this.options.changed();
  }

  /** The power fails in the n-th next operation on the raw area; with the power off, counted from the firmware's start. */
  async armCut(n: number, torn: boolean): Promise<void> {
    this.armed = `Q${n},${torn ? 1 : 0}`;
    this.cut = { afterFlashOps: n, torn };
    const end = this.deadline();
    if (!(await this.whenReady(end)) || this.armed === null) return;
    const line = this.armed;
    this.armed = null;
    await inTime(this.link.send(line), end);
  }

  async advance(seconds: number): Promise<void> {
    await this.clock.advance(seconds);
    this.options.hardware.save();
    this.options.changed();
  }

  async state(): Promise<StationState> {
    await this.ask();
    const { device, powered } = this;
    const evses = this.options.hardware.evses.map((evse) => {
      const known = device?.evses.find(({ id }) => id === evse.id);
      return { id: evse.id, ...evse.state(), status: known?.status ?? null, transactionId: known?.transactionId ?? null };
    });
    return {
      powered,
      online: powered && (device?.online ?? false),
      protocol: powered ? (device?.protocol ?? null) : null,
      registration: powered ? (device?.registration ?? null) : null,
      time: powered ? (device?.time ?? null) : null,
      evses,
      queue: device?.queue ?? { events: 0, bytes: 0 },
      memory: this.engine.kind === "node" ? null : (device?.memory ?? null),
      flash: device?.flash ?? { ops: 0, erases: 0 },
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.clock.stop();
    this.powered = false;
    await this.engine.close();
    this.options.wiring.release();
    this.options.hardware.save();
    this.link.close();
    await this.relay.close();
    this.wakeWaiters();
  }

  private boot(): Promise<void> {
    const seed = (this.options.seed + 0x9e37_79b9 * ++this.boots) >>> 0;
    return this.engine.powerOn({ link: this.link.port, relay: this.relay.port, seed });
  }

  /** The firmware is on the link: it learns all inputs before the first tick. */
  private async connected(): Promise<void> {
    const { armed } = this;
    this.armed = null;
    if (armed !== null) await this.link.send(armed);
    await this.options.wiring.start(this.send);
    this.device = (await this.link.ask()) as DeviceState;
    if (this.engine.kind === "espruino") this.checkMemory(this.device);
    this.ready = true;
    this.falseStarts = 0;
    this.wakeWaiters();
    this.options.changed();
  }

  private notReady(error: unknown): void {
    if (!(error instanceof LinkLost)) this.options.print(`link: ${error instanceof Error ? error.message : String(error)}`);
  }

  private checkMemory({ memory }: DeviceState): void {
    const wanted = process.env.JSVARS;
    if (wanted && this.boots === 1 && memory && memory.total !== Number(wanted)) {
      this.options.print(`the engine has ${memory.total} variables, not the ${wanted} of JSVARS`);
    }
  }

  /** The engine ended by itself. */
  private async stopped(how: Stopped): Promise<void> {
    if (how === "cut") {
      this.powered = false;
      this.cut = null;
    }
    await this.ended();
    this.options.changed();
    if (!this.powered) return;
    if (++this.falseStarts > MOST_FALSE_STARTS) {
      this.options.print(
        "the firmware ends before it is ready, again and again; it stays off until the power is switched off and on",
      );
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE));
    if (this.powered && !this.closed) await this.boot();
  }

  /** Nothing drives the hardware, no connection of the firmware is left. */
  private async ended(): Promise<void> {
    this.ready = false;
    this.options.wiring.release();
    this.options.hardware.save();
    this.link.drop();
    await this.relay.restart();
    this.wakeWaiters();
  }

  private readonly send: Send = (line) => this.link.send(line);

  private output(line: string): boolean {
    if (!this.options.wiring.heard(line, this.send)) return false;
    this.options.hardware.save();
    this.options.changed();
    return true;
  }

  /** A simulated second: what the meter counted, then the tick. */
  private async tick(): Promise<void> {
    const { hardware } = this.options;
    this.ticks++;
    hardware.pass(1);
    if (!this.powered) return;
    try {
      if (!this.hangs && !(await this.secondOfFirmware())) return;
      if (this.options.wiring.bites?.()) await this.resetByWatchdog();
      if (this.hangs) return;
    } finally {
      if (performance.now() - this.saved > SAVE_PERIOD) {
        hardware.save();
        this.saved = performance.now();
      }
    }
    this.options.changed();
    await this.engine.settled();
    // What the firmware has just sent reaches the relay.
    await immediate();
    await immediate();
  }

  /** The firmware's second; false when the power is off. */
  private async secondOfFirmware(): Promise<boolean> {
    const { wiring } = this.options;
    const end = this.deadline();
    try {
      await inTime(this.tickUnderWay, end);
      if (!(await this.whenReady(end))) return false;
      this.tickUnderWay = wiring.second(this.send).catch((error: unknown) => {
        // The firmware ended in this second.
        if (!(error instanceof LinkLost)) throw error;
      });
      await inTime(this.tickUnderWay, end);
    } catch (error) {
      if (!(error instanceof NotSeen) || !wiring.isWatched) throw error;
      this.hangs = true;
      const over = (): void => void (this.hangs = false);
      this.tickUnderWay.then(over, over);
    }
    return true;
  }

  private async resetByWatchdog(): Promise<void> {
    this.options.print("watchdog: the firmware is reset");
    await this.engine.powerOff();
    await this.stopped("reset");
  }

  /** Refreshes `device`; with the power off it stays as it was. */
  private async ask(): Promise<void> {
    const end = this.deadline();
    while (await this.whenReady(end)) {
      try {
        await inTime(this.options.wiring.settled(), end);
        this.device = (await inTime(this.link.ask(), end)) as DeviceState;
        this.options.asked?.();
        return;
      } catch (error) {
        if (!(error instanceof LinkLost)) throw error;
      }
    }
  }

  /** Waits for the firmware; false when the power is off. */
  private async whenReady(end: number): Promise<boolean> {
    while (this.powered && !this.ready) {
      await inTime(new Promise<void>((resolve) => this.waiters.push(resolve)), end);
    }
    return this.powered;
  }

  /** When the firmware is to have dealt with an input that comes now. */
  private deadline(): number {
    return performance.now() + (this.options.patience ?? PATIENCE);
  }

  private wakeWaiters(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}

/** The promise, or `NotSeen` at the time `end`. */
async function inTime<T>(promise: Promise<T>, end: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const left = Math.max(0, end - performance.now());
    timer = setTimeout(() => reject(new NotSeen("the firmware has not dealt with the input in time")), left);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
