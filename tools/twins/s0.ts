/**
 * Pulse output of an energy meter (S0, EN 62053-31 class A): an open collector that closes for 30 ms or more each 1/constant kWh.
 */

export class S0Twin {
  /** W that flow. */
  watts = 0;
  /** Register of the meter itself, pulses. */
  count = 0;
  private rest = 0;

  constructor(
    readonly pin: number,
    /** Pulses a kWh. */
    readonly constant: number,
  ) {}

  /** Levels of the pin in the next `seconds`, as lines of the link. */
  pass(seconds: number): string[] {
    this.rest += (this.watts * seconds * this.constant) / 3_600_000;
    const pulses = Math.floor(this.rest);
    this.rest -= pulses;
    return this.pulses(pulses);
  }

  /** So many pulses at once. */
  pulses(count: number): string[] {
    this.count += count;
    return Array.from({ length: count }, () => [`i${this.pin},0`, `i${this.pin},1`]).flat();
  }
}
