/**
 * Composite schedules of random profile sets, asked of the station second by second against an evaluation of the test's own (`schedules.ts`).
 * The protocol is in a `Dialect`; sets are installed over each other, so replacing, refusing and clearing are looked at as well.
 */
import assert from "node:assert/strict";
import { Random } from "../../tools/flash/sessions.ts";
import { DEFAULTS, freshChip, begin, end } from "../../tools/powercut/day.ts";
import type { Payload } from "../../tools/powercut/peer.ts";
import { World } from "../../tools/powercut/world.ts";
import { allowedAt, PURPOSES, randomPlans, type Plan, type Site } from "./schedules.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const FULL = process.env.FULL === "1";
/** In each protocol; a world has a random number of EVSEs and a random fuse. */
const WORLDS = FULL ? 10 : 2;
const SETS = FULL ? 520 : 50;
/** Most profiles that the station keeps. */
const MOST = 16;

/** What a question is answered with. */
export interface Answer {
  scheduleStart: string;
  duration: number;
  chargingRateUnit: string;
  chargingSchedulePeriod: { startPeriod: number; limit: number }[];
}

export interface Running {
  transaction: string | number;
  /** Unix second. */
  began: number;
}

/** How a protocol says it. */
export interface Dialect {
  settings: Record<string, string>;
  /** Members of profiles may be missing or too many, as 1.6 has them. */
  loose: boolean;
  /** Another profile of the same purpose, level and EVSE gives way (1.6), or the new one is refused. */
  replaces: boolean;
  /** SetChargingProfile. */
  set(plan: Plan): Payload;
  /** ClearChargingProfile of the criteria, and whether it concerns `plan`. */
  clear(criteria: Partial<Plan>): Payload;
  concerns(criteria: Partial<Plan>, plan: Plan): boolean;
  /** GetCompositeSchedule; its answer. */
  ask(evse: number, duration: number, unit: "A" | "W"): Payload;
  read(answer: Payload, evse: number): Answer;
  /** Transactions that have begun, by EVSE from 0; undefined where none did. */
  running(world: World): (Running | undefined)[];
}

export const iso = (second: number): string => new Date(second * 1000).toISOString();

/** The schedule of a plan, which both protocols write in the same way. */
export function scheduleOf(plan: Plan): Payload {
  return {
    ...(plan.start === undefined ? {} : { startSchedule: iso(plan.start) }),
    ...(plan.duration === undefined ? {} : { duration: plan.duration }),
    chargingRateUnit: plan.unit,
    chargingSchedulePeriod: plan.periods.map(({ start, limit, phases }) => ({
      startPeriod: start,
      limit: limit / 10,
      ...(phases === undefined ? {} : { numberPhases: phases }),
    })),
  };
}

/** The other members that both have. */
export function profileOf(plan: Plan): Payload {
  const recurring = plan.kind === "Daily" || plan.kind === "Weekly";
  return {
    stackLevel: plan.level,
    chargingProfileKind: recurring ? "Recurring" : plan.kind,
    ...(recurring ? { recurrencyKind: plan.kind } : {}),
    ...(plan.from === undefined ? {} : { validFrom: iso(plan.from) }),
    ...(plan.to === undefined ? {} : { validTo: iso(plan.to) }),
    ...(plan.transaction === undefined ? {} : { transactionId: plan.transaction }),
  };
}

/** Does the station, which has `taken`, refuse `plan`? */
function refused(dialect: Dialect, taken: Plan[], plan: Plan): boolean {
  const others = taken.filter(({ id }) => id !== plan.id);
  const rivals = others.filter(
    ({ purpose, level, evse }) =>
      purpose === plan.purpose &&
      level === plan.level &&
      (evse === plan.evse || (!dialect.replaces && purpose === "default" && evse * plan.evse === 0)),
  );
  return dialect.replaces ? rivals.length === 0 && others.length === MOST : rivals.length > 0 || others.length === MOST;
}

/** `plans` on top of `taken`: what is in force then. */
function install(world: World, dialect: Dialect, taken: Plan[], plans: Plan[]): Plan[] {
  for (const plan of plans) {
    const answer = world.call("SetChargingProfile", dialect.set(plan));
    const no = refused(dialect, taken, plan);
    assert.equal(answer?.status, no ? "Rejected" : "Accepted", `${JSON.stringify(plan)} on ${JSON.stringify(taken)}`);
    if (no) continue;
    taken = taken.filter(
      ({ id, purpose, level, evse }) =>
        id !== plan.id && !(dialect.replaces && purpose === plan.purpose && level === plan.level && evse === plan.evse),
    );
    taken.push(plan);
    // 1.6: an absolute schedule of the station without a start begins when it comes.
    if (plan.purpose === "max") plan.start ??= Math.floor(world.time / 1000);
  }
  return taken;
}

/** ClearChargingProfile of random criteria, now and then of all. */
function clearSome(world: World, dialect: Dialect, random: Random, taken: Plan[]): Plan[] {
  const criteria: Partial<Plan> = {};
  if (random.below(2) === 0) {
    if (random.below(3) === 0) criteria.id = random.below(40);
    if (random.below(3) === 0) criteria.evse = random.below(3);
    if (random.below(2) === 0) criteria.purpose = random.pick(PURPOSES);
    if (random.below(4) === 0) criteria.level = random.below(8);
  }
  const answer = world.call("ClearChargingProfile", dialect.clear(criteria));
  const left = taken.filter((plan) => !dialect.concerns(criteria, plan));
  assert.equal(answer?.status, left.length < taken.length ? "Accepted" : "Unknown", JSON.stringify([criteria, taken]));
  return left;
}

/** Does `plan` have every one of `criteria`? */
export function fits(criteria: Partial<Plan>, plan: Plan): boolean {
  return (["id", "evse", "purpose", "level"] as const).every((one) => criteria[one] === undefined || criteria[one] === plan[one]);
}

/** One question, compared second by second. */
function compare(world: World, dialect: Dialect, plans: Plan[], site: Site, random: Random): void {
  const evse = random.below(site.evses + 1);
  const unit = random.pick(["A", "W"] as const);
  const duration = random.below(200) === 0 ? 90_000 : 1 + random.below(1500);
  const answer = dialect.read(world.call("GetCompositeSchedule", dialect.ask(evse, duration, unit))!, evse);
  assert.deepEqual([answer.duration, answer.chargingRateUnit], [duration, unit]);
  const from = Date.parse(answer.scheduleStart) / 1000;
  assert.equal(from, site.base);
  const periods = answer.chargingSchedulePeriod;
  let last = -1;
  let k = 0;
  for (let second = 0; second < duration; second++) {
    const allowed = allowedAt(plans, site, evse, from + second, unit) / 10;
    const here = periods[k]?.startPeriod === second;
    if (here !== (allowed !== last) || (here && periods[k].limit !== allowed)) {
      assert.fail(
        `EVSE ${evse}, ${unit}, second ${second} after ${answer.scheduleStart}: ${allowed} instead of ` +
          `${JSON.stringify(periods[k])}, transactions since ${JSON.stringify(site.began)}, ${JSON.stringify(plans)}`,
      );
    }
    if (here) k++;
    last = allowed;
  }
  assert.equal(k, periods.length, "nothing beyond the duration");
}

/** A world with `SETS` sets of profiles. */
async function liveThrough(dialect: Dialect, seed: number): Promise<void> {
  const random = new Random(seed);
  const evses = 1 + random.below(3);
  const amps = random.pick([16, 16, 10, 32]);
  const defaults = { ...DEFAULTS, "Board.MaxCurrent": String(amps), ...dialect.settings };
  const world = new World({ chip: await freshChip(defaults, evses), evses, seed });
  world.powerOn();
  world.tick(2);
  const plugged = Array.from({ length: evses }, () => false);
  let taken: Plan[] = [];
  for (let n = 0; n < SETS; n++) {
    const i = random.below(evses * 4);
    if (i < evses) {
      if (plugged[i]) end(world, i + 1, `CARD${i}`);
      else begin(world, i + 1, `CARD${i}`);
      plugged[i] = !plugged[i];
    }
    world.tick(1 + random.below(30));
    const running = dialect.running(world);
    assert.deepEqual(
      running.map((one) => one !== undefined),
      plugged,
    );
    const now = Math.floor(world.time / 1000);
    const site: Site = { evses, began: running.map((one) => one?.began ?? null), base: now, carries: amps * 1000 };
    // Over with their time or their transaction.
    taken = taken.filter(
      ({ to, purpose, evse, transaction }) =>
        (to === undefined || to > now) && (purpose !== "tx" || running[evse - 1]?.transaction === transaction),
    );
    taken = clearSome(world, dialect, random, taken);
    const plans = randomPlans(random, 8, now, site, dialect.loose);
    for (const plan of plans) if (plan.purpose === "tx") plan.transaction = running[plan.evse - 1]!.transaction;
    taken = install(world, dialect, taken, plans);
    compare(world, dialect, taken, site, random);
    compare(world, dialect, taken, site, random);
    assert.deepEqual(world.faults, []);
  }
}

/** The tests of a protocol; `name` begins with the catalogue's id. */
export function prove(name: string, dialect: Dialect): void {
  for (let n = 0; n < WORLDS; n++) {
    const seed = SEED + n;
    it(`${name}: ${SETS} sets, SEED=${seed} [node]`, async function () {
      this.timeout(FULL ? 1_800_000 : 120_000);
      await liveThrough(dialect, seed);
    });
  }
}
