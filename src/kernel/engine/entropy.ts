/** Random numbers. `seed.ts` feeds the generator at boot. */

/** 32 random bits; the engine gives 31 at a time. */
export function random32(): number {
  return E.hwRand() ^ (E.hwRand() << 1);
}
