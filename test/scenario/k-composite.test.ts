/** OCPP 2.0.1 Part 2, K08: composite schedules of random profile sets, second by second against an evaluation of the test's own. */
import assert from "node:assert/strict";
import { Random } from "../../tools/flash/sessions.ts";
import { DEFAULTS, freshChip, begin, end } from "../../tools/powercut/day.ts";
import type { Payload } from "../../tools/powercut/peer.ts";
import { World } from "../../tools/powercut/world.ts";
import { allowedAt, randomPlans, type Plan, type Site } from "./schedules.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const FULL = process.env.FULL === "1";
const SETS = FULL ? 1000 : 100;
const EVSES = 2;
const PURPOSES = { max: "ChargingStationMaxProfile", default: "TxDefaultProfile", tx: "TxProfile" };

const iso = (second: number): string => new Date(second * 1000).toISOString();

function asProfile(plan: Plan, transactionId: string | null): Payload {
  const recurring = plan.kind === "Daily" || plan.kind === "Weekly";
  return {
    id: plan.id,
    stackLevel: plan.level,
    chargingProfilePurpose: PURPOSES[plan.purpose],
    chargingProfileKind: recurring ? "Recurring" : plan.kind,
    ...(recurring ? { recurrencyKind: plan.kind } : {}),
    ...(plan.from === undefined ? {} : { validFrom: iso(plan.from) }),
    ...(plan.to === undefined ? {} : { validTo: iso(plan.to) }),
    ...(plan.purpose === "tx" ? { transactionId } : {}),
    chargingSchedule: [
      {
        id: plan.id,
        ...(plan.start === undefined ? {} : { startSchedule: iso(plan.start) }),
        ...(plan.duration === undefined ? {} : { duration: plan.duration }),
        chargingRateUnit: plan.unit,
        chargingSchedulePeriod: plan.periods.map(({ start, limit }) => ({ startPeriod: start, limit: limit / 10 })),
      },
    ],
  };
}

/** What is in force by `plans`, some of which the station may refuse: those that it took. */
function install(world: World, plans: Plan[]): Plan[] {
  assert.ok(world.call("ClearChargingProfile", {}));
  const ids = world.state()!.evses.map(({ transactionId }) => transactionId);
  let taken: Plan[] = [];
  for (const plan of plans) {
    const answer = world.call("SetChargingProfile", { evseId: plan.evse, chargingProfile: asProfile(plan, ids[plan.evse - 1]) });
    const rival = taken.some(
      ({ purpose, level, evse }) =>
        purpose === plan.purpose &&
        level === plan.level &&
        (evse === plan.evse || (purpose === "default" && evse * plan.evse === 0)),
    );
    assert.equal(answer?.status, rival ? "Rejected" : "Accepted", JSON.stringify(plan));
    if (!rival) taken = [...taken, plan];
  }
  return taken;
}

/** One question, compared second by second. */
function compare(world: World, plans: Plan[], site: Site, evseId: number, duration: number, unit: "A" | "W"): void {
  const answer = world.call("GetCompositeSchedule", { evseId, duration, chargingRateUnit: unit });
  const schedule = answer?.schedule as {
    duration: number;
    scheduleStart: string;
    chargingSchedulePeriod: { startPeriod: number; limit: number }[];
  };
  assert.equal(schedule.duration, duration);
  const from = Date.parse(schedule.scheduleStart) / 1000;
  const periods = schedule.chargingSchedulePeriod;
  let last = -1;
  let k = 0;
  for (let second = 0; second < duration; second++) {
    const allowed = allowedAt(plans, { ...site, base: from }, evseId, from + second, unit) / 10;
    const here = periods[k]?.startPeriod === second;
    if (here !== (allowed !== last) || (here && periods[k].limit !== allowed)) {
      assert.fail(
        `EVSE ${evseId}, ${unit}, second ${second} after ${schedule.scheduleStart}: ${allowed} instead of ${JSON.stringify(periods[k])}, ` +
          `transactions since ${JSON.stringify(site.began)}, ${JSON.stringify(plans)}`,
      );
    }
    if (here) k++;
    last = allowed;
  }
  assert.equal(k, periods.length, "nothing beyond the duration");
}

describe(`K08: composite schedules of random profiles (SEED=${SEED}${FULL ? ", FULL" : ""})`, () => {
  it(`K-04, K-05: ${SETS} sets [node]`, async function () {
    this.timeout(FULL ? 600_000 : 60_000);
    const random = new Random(SEED);
    const chip = await freshChip({ ...DEFAULTS, "SampledDataCtrlr.TxUpdatedInterval": "0" }, EVSES);
    const world = new World({ chip, evses: EVSES, seed: SEED });
    world.powerOn();
    world.tick(2);
    const running = [false, false];
    for (let n = 0; n < SETS; n++) {
      const i = random.below(EVSES * 4);
      if (i < EVSES) {
        if (running[i]) end(world, i + 1, `CARD${i}`);
        else begin(world, i + 1, `CARD${i}`);
        running[i] = !running[i];
      }
      world.tick(1 + random.below(30));
      const state = world.state()!;
      const began = state.evses.map(({ transactionId }) => {
        const started = world.csms.heard.find(
          ({ payload }) =>
            payload.eventType === "Started" &&
            (payload.transactionInfo as { transactionId: string }).transactionId === transactionId,
        );
        return started ? Date.parse(String(started.payload.timestamp)) / 1000 : null;
      });
      assert.deepEqual(
        began.map((time) => time !== null),
        running,
      );
      const now = Date.parse(state.time!) / 1000;
      const site: Site = { evses: EVSES, began, base: now, carries: 16_000 };
      const plans = install(world, randomPlans(random, 8, now, site));
      const duration = random.below(100) === 0 ? 90_000 : 1 + random.below(1500);
      compare(world, plans, site, random.below(EVSES + 1), duration, "A");
      compare(world, plans, site, random.below(EVSES + 1), duration, "W");
      assert.deepEqual(world.faults, []);
    }
  });
});
