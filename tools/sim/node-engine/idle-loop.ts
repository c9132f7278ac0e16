/**
 * The engine's idle loop: in each turn every socket is visited once, then events run in the order in which they were queued, then
 * timers by due time and, for equal times, by age. An exception ends its callback only. Espruino: src/jsinteractive.c, jsiIdle.
 */

/** Thrown through the firmware by `E.reboot()`: the rest of the program must not happen. */
export const REBOOT = Symbol("reboot");

export type Callback = (...args: never[]) => unknown;

/** Something visited once in each turn; true while it wants the next turn at once. */
export interface Visited {
  idle(): boolean;
}

interface Timer {
  id: number;
  due: number;
  callback: Callback;
  args: unknown[];
  /** ms; null for a timeout. */
  interval: number | null;
}

const MIN_DELAY = 0.1;
const MAX_DELAY = 3_153_600_000_000;

export class IdleLoop {
  /** The program has ended: nothing of it may have an effect any more. */
  dead = false;
  /** Number of the present turn. */
  turns = 0;
  private readonly visited = new Set<Visited>();
  private readonly events: (() => unknown)[] = [];
  private timers: Timer[] = [];
  private lastTimer = 0;
  private turn: NodeJS.Immediate | null = null;
  private alarm: NodeJS.Timeout | null = null;
  private idleNow: (() => void)[] = [];

  constructor(private readonly uncaught: (error: unknown) => void) {}

  add(visited: Visited): void {
    this.visited.add(visited);
    this.wake();
  }

  remove(visited: Visited): void {
    this.visited.delete(visited);
  }

  /** Queues a callback for this or the next turn. */
  queue(event: () => unknown): void {
    this.events.push(event);
    this.wake();
  }

  /** Something happened outside: the next turn comes at once. */
  wake(): void {
    if (!this.dead) this.turn ??= setImmediate(() => this.runTurn());
  }

  /** Runs firmware code now; what it throws goes to the console. */
  run(code: () => unknown): void {
    if (this.dead) return;
    try {
      code();
    } catch (error) {
      if (!this.dead && error !== REBOOT) this.uncaught(error);
    }
  }

  /** `setTimeout` and `setInterval`. */
  addTimer(callback: Callback, delay: number, args: unknown[], repeat: boolean): number {
    if (typeof callback !== "function") throw new Error("Function or String not supplied!");
    if (!(delay >= MIN_DELAY)) delay = MIN_DELAY;
    if (delay > MAX_DELAY) throw new Error("Interval is too long (>100 years)");
    const id = ++this.lastTimer;
    this.timers.push({ id, due: performance.now() + delay, callback, args, interval: repeat ? delay : null });
    this.wake();
    return id;
  }

  removeTimer(id: number): void {
    this.timers = this.timers.filter((timer) => timer.id !== id);
  }

  removeTimers(): void {
    this.timers = [];
  }

  /** Resolves when there is nothing to do before a timer of more than a few milliseconds or an input. */
  settled(): Promise<void> {
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.idleNow.push(resolve));
  }

  /** Ends the program. */
  kill(): void {
    this.dead = true;
    if (this.turn) clearImmediate(this.turn);
    if (this.alarm) clearTimeout(this.alarm);
    this.turn = null;
    this.alarm = null;
    this.timers = [];
    this.events.length = 0;
    this.visited.clear();
    this.releaseWaiters();
  }

  private isIdle(): boolean {
    const soon = performance.now() + 5;
    return this.dead || (!this.turn && this.events.length === 0 && !this.timers.some((timer) => timer.due < soon));
  }

  private runTurn(): void {
    this.turn = null;
    this.turns++;
    if (this.alarm) clearTimeout(this.alarm);
    this.alarm = null;
    let again = false;
    for (const visited of [...this.visited]) {
      if (this.dead) return;
      again = visited.idle() || again;
    }
    for (const event of this.events.splice(0)) this.run(event);
    this.runTimers();
    if (this.dead) return;
    if (again || this.events.length > 0) this.wake();
    else this.sleep();
  }

  private runTimers(): void {
    const now = performance.now();
    const due = this.timers.filter((timer) => timer.due <= now).sort((a, b) => a.due - b.due);
    for (const timer of due) {
      // Stopped by one that ran before it.
      if (!this.timers.includes(timer)) continue;
      if (timer.interval === null) this.removeTimer(timer.id);
      else timer.due += timer.interval;
      this.run(() => timer.callback.apply(undefined, timer.args as never[]));
    }
  }

  private sleep(): void {
    if (this.turn) return;
    if (this.timers.length > 0) {
      const next = Math.min(...this.timers.map((timer) => timer.due)) - performance.now();
      if (next < 1) return this.wake();
      this.alarm = setTimeout(() => this.wake(), Math.min(next, 60_000));
    }
    if (this.isIdle()) this.releaseWaiters();
  }

  private releaseWaiters(): void {
    for (const resolve of this.idleNow.splice(0)) resolve();
  }
}
