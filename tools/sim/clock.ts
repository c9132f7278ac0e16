/**
 * Simulated time. The firmware's only clock is the tick, one a simulated second, never a second one before the first was dealt
 * with. By itself time runs with the real clock times `scale`; `advance` moves it on tick by tick. Between ticks a server that
 * answers gets the real time to do so, so that simulated time does not outrun it.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** Longest real wait for an answer after one tick, ms: `advance`, and time that runs faster than the real clock. */
const ANSWER_WAIT = 250;
const SCALED_ANSWER_WAIT = 50;
/** Longest wait for an answer that was already waited for in vain. */
const LATE_ANSWER_WAIT = 20;
/** Ticks in debt that are still made up for, when the firmware was busy. */
const MOST_DEBT = 5;

export interface Ticking {
  /** One simulated second passes at the hardware and the firmware; resolves when both have dealt with it. */
  tick(): Promise<void>;
  /** An answer is expected. */
  waiting(): boolean;
}

export class Clock {
  /** Simulated ms since 1970 at `realAnchor`. */
  private anchor = Date.now();
  private realAnchor = Date.now();
  private timer: NodeJS.Timeout | null = null;
  private debt = 0;
  private busy: Promise<void> = Promise.resolve();
  private ended = false;
  /** The last wait for an answer was in vain. */
  private late = false;

  /** `scale` 0: time stands still but for `advance`. */
  constructor(
    private readonly scale: number,
    private readonly ticking: Ticking,
  ) {}

  /** Simulated time, ms since 1970. */
  now(): number {
    return this.anchor + (Date.now() - this.realAnchor) * this.scale;
  }

  start(): void {
    if (this.scale === 0) return;
    const period = 1000 / this.scale;
    let due = performance.now() + period;
    const step = (): void => {
      if (this.ended) return;
      const late = Math.floor((performance.now() - due) / period) + 1;
      if (late > 0) {
        due += late * period;
        this.debt = Math.min(this.debt + late, MOST_DEBT);
        this.exclusive(() => this.payDebt()).catch(() => undefined);
      }
      this.timer = setTimeout(step, Math.max(1, due - performance.now()));
    };
    this.timer = setTimeout(step, period);
  }

  /** Moves on by whole seconds; resolves after the last tick. */
  advance(seconds: number): Promise<void> {
    return this.exclusive(async () => {
      for (let i = 0; i < seconds && !this.ended; i++) {
        this.anchor += 1000;
        await this.ticking.tick();
        await this.answers(ANSWER_WAIT);
      }
    });
  }

  stop(): void {
    this.ended = true;
    if (this.timer) clearTimeout(this.timer);
  }

  /** Ticks of `advance` and of the running clock never mix. */
  private exclusive(work: () => Promise<void>): Promise<void> {
    const done = this.busy.then(work);
    this.busy = done.catch(() => undefined);
    return done;
  }

  private async payDebt(): Promise<void> {
    while (this.debt > 0 && !this.ended) {
      this.debt--;
      await this.ticking.tick();
      if (this.scale > 1) await this.answers(SCALED_ANSWER_WAIT);
    }
  }

  private async answers(longest: number): Promise<void> {
    const end = performance.now() + (this.late ? LATE_ANSWER_WAIT : longest);
    while (this.ticking.waiting() && performance.now() < end && !this.ended) await sleep(1);
    this.late = this.ticking.waiting();
  }
}
