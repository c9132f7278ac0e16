/** Event listeners as every object of the engine has them. Espruino: src/jswrap_object.c, `on`, `emit`, `removeListener`. */
import type { Callback, IdleLoop } from "./idle-loop.ts";

export class Emitter {
  private readonly listeners = new Map<string, Callback[]>();

  constructor(protected readonly loop: IdleLoop) {}

  on(event: string, listener: Callback): void {
    if (typeof event !== "string") throw new TypeError("First argument must be String");
    if (typeof listener !== "function") throw new TypeError("Second argument must be a function or a String");
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }

  addListener(event: string, listener: Callback): void {
    this.on(event, listener);
  }

  removeListener(event: string, listener: Callback): void {
    this.listeners.set(
      event,
      (this.listeners.get(event) ?? []).filter((known) => known !== listener),
    );
  }

  removeAllListeners(event?: string): void {
    if (event === undefined) this.listeners.clear();
    else this.listeners.delete(event);
  }

  /** Queues the listeners that there are now. */
  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.listeners.get(event) ?? []) this.loop.queue(() => listener.apply(this, args as never[]));
  }

  /** Runs the listeners at once; false when there is none. */
  hears(event: string, ...args: unknown[]): boolean {
    const listeners = this.listeners.get(event) ?? [];
    for (const listener of listeners) this.loop.run(() => listener.apply(this, args as never[]));
    return listeners.length > 0;
  }

  listens(event: string): boolean {
    return (this.listeners.get(event)?.length ?? 0) > 0;
  }
}
