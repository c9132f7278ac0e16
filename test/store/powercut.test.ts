/**
 * The power fails in any flash operation of a scripted day (tools/powercut): a sample that SEED repeats, with FULL=1 everything. `npm run
 * test:powercut` is the same with progress and figures.
 */
import assert from "node:assert/strict";
import { Random } from "../../tools/flash/sessions.ts";
import { Past } from "../../tools/powercut/cuts.ts";
import { liveTheDay, type Day } from "../../tools/powercut/day.ts";
import { cutOnEngine, engineCutsAt } from "../../tools/powercut/engine-cuts.ts";
import { cutJobs, flipJobs, jobWords, pairJobs, Tryer, type Job } from "../../tools/powercut/jobs.ts";
import { eventsOf } from "../../tools/powercut/model.ts";
import { hasEspruino } from "../scenario/harness.ts";
import { FULL, SEED } from "./station.ts";

describe("power cuts in every flash operation of a day", () => {
  let day: Day;
  let tryer: Tryer;

  before(async function () {
    this.timeout(60_000);
    day = await liveTheDay();
    tryer = new Tryer(day);
  });

  function run(jobs: Job[]): void {
    const failures: string[] = [];
    for (const job of jobs) {
      const { outcome } = tryer.try(job);
      if (outcome.faults.length > 0) failures.push(`${jobWords(job)}: ${outcome.faults.join("; ")}`);
    }
    console.log(`      ${jobs.length} of ${day.operations.length} operations, seed ${SEED}, ${failures.length} failures`);
    assert.deepEqual(failures.slice(0, 10), []);
  }

  it("the day has everything in it: every event delivered once, pages turned, packed and erased, settings moved [node]", () => {
    assert.equal(eventsOf(day).length, day.facts.length);
    assert.ok(day.erasures > 0 && day.packedPages > 1 && day.blocks > 1);
    const pages = new Set(day.operations.map(({ at }) => at >> 12));
    assert.ok(
      [0, 1].every((page) => pages.has(page)),
      "settings on both pages",
    );
    assert.ok([...pages].filter((page) => page > 1 && page < 10).length > 3, "several pages of the journal");
  });

  it(`one cut, clean or torn: nothing is lost, nothing invented (${FULL ? "all" : `sample, seed ${SEED}`}) [node]`, function () {
    this.timeout(FULL ? 3_600_000 : 60_000);
    run(cutJobs(day, FULL ? null : 16, new Random(SEED)));
  });

  it(`two cuts in a row (seed ${SEED}) [node]`, function () {
    this.timeout(FULL ? 3_600_000 : 60_000);
    run(pairJobs(day, FULL ? 2000 : 10, new Random(SEED)));
  });

  it(`a flipped bit in the raw pages (seed ${SEED}): found or harmless, at most the page is lost [node]`, function () {
    this.timeout(FULL ? 3_600_000 : 60_000);
    run(flipJobs(day, FULL ? 1000 : 10, new Random(SEED)));
  });

  const missing = hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
  it(`cuts in the engine's own operations and kills at random times (seed ${SEED}) [espruino${missing}]`, async function () {
    if (missing) this.skip();
    this.timeout(FULL ? 3_600_000 : 120_000);
    const cuts = FULL ? engineCutsAt(day, 200, 50, new Random(SEED)) : engineCutsAt(day, 2, 1, new Random(SEED));
    const past = new Past(day);
    const failures: string[] = [];
    for (const cut of cuts) {
      const { faults } = await cutOnEngine(day, eventsOf(day), past, cut);
      if (faults.length > 0) failures.push(`${JSON.stringify(cut)}: ${faults.join("; ")}`);
    }
    assert.deepEqual(failures, []);
  });
});
