/** An input of the firmware that can go wrong: what a twin shows passes through here. */
import type { Wires } from "./wires.ts";

/** What is wrong with an input. */
export const TROUBLES = ["stuck", "noisy", "out of range", "silent", "wrong checksum"] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Random numbers, 0 … 1; a seed gives the same row each time. */
export function noise(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    // xorshift32
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
}

/** A device whose input can be made to go wrong. */
export interface Sensor {
  /** As the table of docs/safety.md calls it. */
  readonly name: string;
  /** What can go wrong with it. */
  readonly troubles: readonly Trouble[];
  trouble: Trouble | null;
}

/** A voltage at an analog input. */
export class AnalogInput implements Sensor {
  readonly troubles = ["stuck", "noisy", "out of range", "silent"] as const;
  trouble: Trouble | null = null;
  private level = 0;

  /** @param silent level, 0 … 1, of a wire that nothing drives; @param beyond one that nothing healthy shows */
  constructor(
    readonly name: string,
    private readonly wires: Wires,
    private readonly pin: number,
    private readonly silent: number,
    private readonly beyond: number,
    private readonly random: () => number = noise(1),
  ) {}

  /** Shows `level`, 0 … 1, as far as nothing is wrong. */
  show(level: number): void {
    if (this.trouble === null) this.level = level;
    const noisy = level + (this.random() - 0.5) * 0.6;
    const shown = { stuck: this.level, noisy, "out of range": this.beyond, silent: this.silent, "wrong checksum": level };
    this.wires.analog(this.pin, this.trouble === null ? level : shown[this.trouble]);
  }

  get busy(): boolean {
    return this.trouble === "noisy";
  }
}

/** A contact to ground at a digital input with a pull-up: closed reads 0. */
export class ContactInput implements Sensor {
  readonly troubles = ["stuck", "noisy", "silent"] as const;
  trouble: Trouble | null = null;
  private closed = false;

  constructor(
    readonly name: string,
    private readonly wires: Wires,
    private readonly pin: number,
    private readonly random: () => number = noise(1),
  ) {}

  show(closed: boolean): void {
    if (this.trouble === null) this.closed = closed;
    const stuck = this.trouble === "stuck" ? this.closed : closed;
    const shown = this.trouble === "noisy" ? this.random() < 0.5 : this.trouble === "silent" ? false : stuck;
    this.wires.digital(this.pin, !shown);
  }
}
