/**
 * The engine's idle loop without real time: what is due runs when it is asked for, to the end. So a run depends on nothing but its
 * inputs, and takes no longer than the firmware needs.
 */
import { IdleLoop, type Callback } from "../sim/node-engine/idle-loop.ts";

/** Callbacks in one event beyond which the firmware never comes to rest. */
const MOST_CALLBACKS = 100_000;

export class StillLoop extends IdleLoop {
  private readonly due: (() => unknown)[] = [];
  private later = new Map<number, () => unknown>();
  private ids = 0;

  override wake(): void {
    // Nothing happens by itself.
  }

  override queue(event: () => unknown): void {
    if (!this.dead) this.due.push(event);
  }

  /** All timers of this firmware are of no delay. */
  override addTimer(callback: Callback, _delay: number, args: unknown[], repeat: boolean): number {
    if (repeat) throw new Error("a repeated timer in firmware whose seconds come over the link");
    const id = ++this.ids;
    this.later.set(id, () => callback(...(args as never[])));
    return id;
  }

  override removeTimer(id: number): void {
    this.later.delete(id);
  }

  override removeTimers(): void {
    this.later.clear();
  }

  override kill(): void {
    super.kill();
    this.due.length = 0;
    this.later.clear();
  }

  /** Runs one callback; false when there is none. Events come before timers, as in a turn of the engine. */
  step(): boolean {
    const event = this.due.shift();
    if (event) {
      this.run(event);
      return true;
    }
    for (const [id, timer] of this.later) {
      this.later.delete(id);
      this.run(timer);
      return true;
    }
    return false;
  }

  /** Runs all that is due; `between` may bring more and tells whether it did. */
  rest(between: () => boolean): void {
    let count = 0;
    while (!this.dead && (this.step() || between())) {
      if (++count > MOST_CALLBACKS) throw new Error("the firmware never comes to rest");
    }
  }
}
