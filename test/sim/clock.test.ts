/** Simulated time: one tick a second, each acknowledged, never faster than a server that answers. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Clock } from "../../tools/sim/clock.ts";
import { closeAll, image, testCsms, testStation } from "./fixture.ts";

describe("simulated time", () => {
  afterEach(closeAll);

  it("moves on by exactly the seconds that are asked for, also when asked twice at once", async () => {
    const station = await testStation();
    await Promise.all([station.post("/clock", { advance: 30 }), station.post("/clock", { advance: 12 })]);
    const state = await station.state();
    assert.equal(state.queue.bytes, 42, "the test firmware counts its ticks there");
    assert.equal(state.time, "2026-01-01T00:00:42Z");
  });

  it("dates frames in simulated time", async () => {
    const csms = await testCsms();
    const station = await testStation({ image: image(undefined, csms.address) });
    const start = station.now();
    await station.post("/clock", { advance: 40 });
    assert.equal(station.now() - start, 40_000);
    const times = station.frames().flatMap(({ dir, t }) => (dir === "out" ? [t] : []));
    assert.deepEqual(
      times.map((t) => t - start),
      [10_000, 20_000, 30_000, 40_000],
    );
  });

  it("lets a server answer between two ticks: 250 ms at first, little when it waited in vain, not on a stalled network", async () => {
    const csms = await testCsms();
    csms.answers = false;
    const station = await testStation({ image: image(undefined, csms.address) });
    await station.post("/clock", { advance: 9 });
    const took = async (seconds: number): Promise<number> => {
      const start = performance.now();
      await station.post("/clock", { advance: seconds });
      return performance.now() - start;
    };
    const first = await took(1);
    assert.ok(first >= 245 && first < 1000, `${first} ms`);
    const later = await took(5);
    assert.ok(later >= 95 && later < 600, `${later} ms`);
    await station.post("/network", { stall: true });
    const stalled = await took(20);
    assert.ok(stalled < 400, `${stalled} ms`);
  });

  it("runs by itself, faster with a scale", async () => {
    const station = await testStation({ timeScale: 100 });
    await sleep(300);
    const ticks = (await station.state()).queue.bytes;
    assert.ok(ticks >= 15 && ticks <= 45, `${ticks} ticks`);
  });

  it("never has two ticks under way, and makes up for a few when the firmware was busy", async () => {
    let underWay = 0;
    let most = 0;
    let ticks = 0;
    const clock = new Clock(1000, {
      tick: async () => {
        most = Math.max(most, ++underWay);
        ticks++;
        await sleep(ticks === 1 ? 60 : 0);
        underWay--;
      },
      waiting: () => false,
    });
    clock.start();
    await sleep(150);
    clock.stop();
    assert.equal(most, 1);
    assert.ok(ticks > 5 && ticks < 120, `${ticks} ticks`);
  });
});
