/** The engine's random numbers: one generator for `Math.random` and `E.hwRand`, which begins anew at each boot (xorshift32). */

/** State of the engine after a boot. */
const FIRST = 0xdead_beef | 0;

export class Random {
  private state = FIRST;

  /** The next 31 bits: the engine never gives a negative number. */
  next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 1;
  }

  seed(seed: number): void {
    this.state = seed | 0 || FIRST;
  }

  /** 0 to 1, without 1. */
  fraction(): number {
    return this.next() / 0x8000_0000;
  }
}
