/** How long a charger waits behind a restart (src/kernel/engine/delay.ts): drawn anew each time, the whole range alike. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { noise } from "../../tools/twins/sensor.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const { restartDelay } = createRequire(import.meta.url)("../../src/kernel/engine/delay.ts") as {
  restartDelay: (most: number) => number;
};
/** Draws for each second of the range. */
const DRAWS = 1000;

describe(`delay behind a restart (SEED=${SEED})`, () => {
  const engine = globalThis as { E?: unknown };
  const random = noise(SEED);
  before(() => (engine.E = { hwRand: () => Math.floor(random() * 0x8000_0000) }));
  after(() => delete engine.E);

  for (const most of [1, 2, 30, 600])
    it(`is 1 to ${most} s, each as often as the others`, () => {
      const times = new Array<number>(most + 1).fill(0);
      for (let i = 0; i < DRAWS * most; i++) {
        const seconds = restartDelay(most);
        assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= most, String(seconds));
        times[seconds]++;
      }
      // Six standard deviations: by chance once in 500 million draws of one second.
      for (const count of times.slice(1)) assert.ok(Math.abs(count - DRAWS) < 6 * Math.sqrt(DRAWS), `${count} of ${DRAWS}`);
    });

  it("differs between chargers that start at the same moment", () => {
    const street = new Set(Array.from({ length: 100 }, () => restartDelay(600)));
    assert.ok(street.size > 70, `${street.size} of 100`);
  });
});
