/**
 * The hardware of a board as twins of its devices: they see the car and the cable of the simulator (`tools/sim/hardware.ts`) and show the
 * firmware voltages, levels and bytes.
 *
 * The firmware's time is polls, ten of them before each second. When an input or an output has changed, or a frame of OCPP has passed, further
 * polls come at once until nothing moves any more, so that a call of the control interface ends when the firmware has debounced what it sees,
 * and a request of the CSMS finds a lock and a self-test that move.
 */
import type { Hardware } from "../sim/hardware.ts";
import { LinkLost } from "../sim/link.ts";
import { all, type Send, type Wiring } from "../sim/wiring.ts";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

const POLLS_A_SECOND = 10;
/** Polls that may go together while nothing moves: fewer than a driver waits for the feedback of what it drives in one of them. */
const TOGETHER = 3;
/** Polls without a change after which nothing moves: more than any driver debounces. */
const CALM = 7;
/** Polls after a change, at most: what is noisy never comes to rest. */
const MOST_POLLS = 60;

export class TwinWiring implements Wiring {
  /** Polls since something changed. */
  private calm = 0;
  private moving: Promise<void> = Promise.resolve();
  private isSettling = false;
  /** Polls did not come to rest: a frame causes no further ones until something else happens. */
  private isRestless = false;
  private generation = 0;
  private send: Send | null = null;
  /** Seconds that the firmware's watchdog waits for a kick, 0 when there is none; those since the last one. */
  private watchdog = 0;
  private unkicked = 0;
  /** Time stands still but for `poll` and the seconds: no poll follows a change by itself. */
  isManual = false;
  /** Seconds that the firmware holds energy back after its next restart, as far as its board allows. */
  restartDelay = 0;

  constructor(
    readonly wires: Wires,
    readonly twins: readonly Twin[],
    private readonly hardware: Hardware,
  ) {}

  async start(send: Send): Promise<void> {
    // What the firmware before this one was told is over.
    await this.settled();
    this.send = send;
    await send(`h${this.restartDelay}`);
    // Faults that came while the power was off.
    await all(this.untaken(this.hardware.evses.map((evse) => evse.faultLine()).filter((line) => line.length > 2)), send);
    await this.settle(send);
  }

  /** The twin of class `kind`. */
  twin<T extends Twin>(kind: abstract new (...args: never[]) => T): T {
    const found = this.twins.find((twin) => twin instanceof kind);
    if (!found) throw new Error(`the board has no ${kind.name}`);
    return found as T;
  }

  /** `count` polls of 100 ms. */
  async poll(count: number): Promise<void> {
    await this.exclusive(async () => {
      for (let i = 0; i < count; i++) await this.pollOnce(this.send!);
    });
  }

  /** A line of the link that no twin says. */
  async say(line: string): Promise<void> {
    await this.send!(line);
  }

  /** The lines of board `sim` are for what this board has no twin for: faults. */
  async changed(lines: readonly string[], send: Send): Promise<void> {
    const faults = lines.filter((line) => line.startsWith("F"));
    this.isRestless = false;
    await all(this.untaken(faults), send);
    await this.settle(send);
  }

  async second(send: Send): Promise<void> {
    this.isRestless = false;
    await this.exclusive(async () => {
      for (let left = POLLS_A_SECOND; left > 0;) {
        this.step();
        const { lines, isNews } = this.wires.take();
        if (isNews) this.calm = 0;
        // Nothing moves: polls go together.
        const polls = lines.length === 0 && !this.moves ? Math.min(left, TOGETHER) : 1;
        await all([...lines, `B${polls}`], send);
        this.calm += polls;
        left -= polls;
      }
      for (const twin of this.twins) twin.second?.();
      await all([...this.wires.take().lines, "T"], send);
    });
  }

  async card(evse: number, type: string, idToken: string, send: Send): Promise<void> {
    if (!this.twins.some((twin) => twin.card?.(evse, type, idToken))) await send(`K${evse},${type},${idToken}`);
    await this.settle(send);
  }

  heard(line: string, send: Send): boolean {
    if (line[0] === "g") {
      this.unkicked = 0;
      if (line.length > 1) this.watchdog = Number(line.slice(1));
      return true;
    }
    if (!this.take(line)) return false;
    // Serial ports and buses talk all the time.
    if (line[0] === "t" || line[0] === "y") return true;
    this.calm = 0;
    if (!this.isSettling) this.settle(send).catch((error: unknown) => this.ended(error));
    return true;
  }

  stirred(): void {
    if (this.send && !this.isRestless) this.settle(this.send).catch((error: unknown) => this.ended(error));
  }

  get isWatched(): boolean {
    return this.watchdog > 0;
  }

  bites(): boolean {
    return this.isWatched && ++this.unkicked > this.watchdog;
  }

  async settled(): Promise<void> {
    for (let seen = null; seen !== this.moving;) {
      seen = this.moving;
      await seen;
    }
  }

  release(): void {
    this.generation++;
    this.isRestless = false;
    this.watchdog = 0;
    this.unkicked = 0;
    this.wires.release();
    for (const twin of this.twins) twin.release?.();
  }

  /** Lines of faults (`F<evse><code>`) that no twin shows. */
  private untaken(lines: readonly string[]): string[] {
    return lines.filter((line) => {
      const code = line.slice(2);
      const taken = this.twins.map((twin) => twin.fault?.(code === "" ? null : code, Number(line[1])) ?? false);
      // The end of a fault is for all.
      return code === "" || !taken.includes(true);
    });
  }

  private take(line: string): boolean {
    if (line.startsWith("v")) {
      for (const twin of this.twins) twin.radio?.(line.slice(1));
      return true;
    }
    const [, kind, number, rest] = /^([wdtyn])(\d+),(.*)$/.exec(line) ?? [];
    const id = Number(number);
    const bytes = (): Buffer => Buffer.from(rest, "hex");
    switch (kind) {
      case "w":
      case "d":
        this.wires.drive(id, Number(rest.split(",")[0]) / (kind === "d" ? 1 : 65_535));
        for (const twin of this.twins) twin.driven?.();
        return true;
      case "t":
        for (const twin of this.twins) if (twin.port === id) twin.heard?.(bytes());
        return true;
      case "y":
        for (const twin of this.twins) if (twin.address === id) twin.written?.(bytes());
        return true;
      case "n":
        for (const twin of this.twins) twin.lit?.(id, bytes());
        return true;
      default:
        return false;
    }
  }

  private async pollOnce(send: Send): Promise<void> {
    this.step();
    const { lines, isNews } = this.wires.take();
    if (isNews) this.calm = 0;
    this.calm++;
    await all([...lines, "B1"], send);
  }

  private get moves(): boolean {
    return this.calm <= CALM || this.twins.some((twin) => twin.busy);
  }

  /** The devices' next 100 ms. */
  private step(): void {
    for (const twin of this.twins) {
      twin.pass?.();
      twin.show();
    }
  }

  /** Polls until nothing moves. */
  private async settle(send: Send): Promise<void> {
    if (this.isManual) return;
    this.calm = 0;
    if (this.isSettling) return this.moving;
    this.isSettling = true;
    const done = this.exclusive(async () => {
      const { generation } = this;
      let polls = 0;
      do await this.pollOnce(send);
      while (this.moves && ++polls < MOST_POLLS && generation === this.generation);
      this.isRestless = polls === MOST_POLLS;
    });
    return done.finally(() => (this.isSettling = false));
  }

  /** Polls of different causes never mix. */
  private exclusive(work: () => Promise<void>): Promise<void> {
    const done = this.moving.then(work);
    this.moving = done.catch(() => undefined);
    return done;
  }

  private ended(error: unknown): void {
    if (!(error instanceof LinkLost)) throw error;
  }
}
