/**
 * Random sets of charging profiles in words of no protocol, and what is allowed at a second by them: looked up profile by profile, period by
 * period, as the standards say it (OCPP 2.0.1 Part 2, K, 3; OCPP 1.6, 3.13), without any of the firmware's thoughts.
 */
import type { Random } from "../../tools/flash/sessions.ts";

export const PURPOSES = ["max", "default", "tx"] as const;
export const KINDS = ["Absolute", "Daily", "Weekly", "Relative"] as const;
const TURN = { Daily: 86_400, Weekly: 604_800 };
const VOLTS = 230;
/** Least current that can be offered, mA. */
const LEAST = 6000;

export interface Plan {
  id: number;
  /** 0 = the station. */
  evse: number;
  purpose: (typeof PURPOSES)[number];
  kind: (typeof KINDS)[number];
  level: number;
  /** Unix seconds. */
  from?: number;
  to?: number;
  start?: number;
  duration?: number;
  unit: "A" | "W";
  /** Seconds after the start, tenths of the unit. */
  periods: { start: number; limit: number; phases?: number }[];
  /** What the CSMS calls the transaction of a TxProfile. */
  transaction?: string | number;
}

/** What the plans are looked at with. */
export interface Site {
  evses: number;
  /** Unix second at which the transaction of each EVSE began, null without one. */
  began: (number | null)[];
  /** Unix second at which one would begin. */
  base: number;
  /** What each EVSE carries, mA. */
  carries: number;
}

/**
 * One to `most` plans around the Unix second `now`; TxProfiles only for EVSEs with a transaction. `loose`: as in 1.6 an absolute schedule may
 * have no start, and a relative one may have one, which is nothing to it.
 */
export function randomPlans(random: Random, most: number, now: number, site: Site, loose = false): Plan[] {
  return Array.from({ length: 1 + random.below(most) }, () => {
    const purpose = random.pick(PURPOSES.filter((one) => one !== "tx" || site.began.some((began) => began !== null)));
    const running = site.began.flatMap((began, i) => (began === null ? [] : [i + 1]));
    const evse = purpose === "max" ? 0 : purpose === "tx" ? random.pick(running) : random.below(site.evses + 1);
    const kind = random.pick(KINDS.filter((one) => purpose !== "max" || one !== "Relative"));
    const unit = random.pick(["A", "A", "W"] as const);
    const turn = kind === "Daily" || kind === "Weekly" ? TURN[kind] * random.below(4) : 0;
    const odd = loose && (kind === "Relative" || kind === "Absolute") && random.below(4) === 0;
    // Few values, so that neighbours are equal now and then.
    const coarse = random.below(3) === 0;
    let start = 0;
    return {
      id: random.below(40),
      evse,
      purpose,
      kind,
      level: random.below(8),
      ...(random.below(3) === 0 ? { from: now - 300 + random.below(800) } : {}),
      ...(random.below(3) === 0 ? { to: now + 1 + random.below(1500) } : {}),
      ...((kind === "Relative") === odd ? { start: now - turn - 1500 + random.below(2500) } : {}),
      ...(random.below(5) < 3 ? { duration: 1 + random.below(random.pick([60, 2000, 100_000])) } : {}),
      unit,
      periods: Array.from({ length: 1 + random.below(6) }, (_, i) => {
        start += i === 0 ? 0 : 1 + random.below(random.pick([5, 400]));
        const limit = coarse ? 60 * random.below(4) : random.below(unit === "A" ? 240 : 60_000);
        return { start, limit, ...(random.below(4) === 0 ? { phases: random.pick([1, 3]) } : {}) };
      }),
    };
  });
}

/** Limit of the plan at the Unix second `t` in mA or tenths of a W; -1 when it says nothing. */
function limitOf(plan: Plan, t: number, began: number, unit: "A" | "W"): number {
  if ((plan.from !== undefined && t < plan.from) || (plan.to !== undefined && t >= plan.to)) return -1;
  let start = plan.kind === "Relative" ? began : (plan.start ?? began);
  if (t < start) return -1;
  if (plan.kind === "Daily" || plan.kind === "Weekly") while (start + TURN[plan.kind] <= t) start += TURN[plan.kind];
  if (plan.duration !== undefined && t >= start + plan.duration) return -1;
  let k = plan.periods.length - 1;
  while (start + plan.periods[k].start > t) k--;
  const { limit } = plan.periods[k];
  if (plan.unit === "A") return unit === "A" ? limit * 100 : limit * VOLTS;
  return unit === "A" ? Math.floor((limit * 100) / VOLTS) : limit;
}

/** What EVSE `evse` (0 = all) may take at the Unix second `t`, in tenths of the unit. */
export function allowedAt(plans: Plan[], site: Site, evse: number, t: number, unit: "A" | "W"): number {
  const carries = unit === "A" ? site.carries : (site.carries * VOLTS) / 100;
  const least = unit === "A" ? LEAST : (LEAST * VOLTS) / 100;
  /** The plan of the highest level that says something; of two the one that is for this EVSE alone (1.6). */
  const highest = (purpose: Plan["purpose"], id: number, began: number): number => {
    let rank = -1;
    let value = -1;
    for (const plan of plans) {
      const own = plan.level * 2 + (plan.evse === 0 ? 0 : 1);
      if (plan.purpose !== purpose || own <= rank || (plan.evse !== id && plan.evse !== 0)) continue;
      const limit = limitOf(plan, t, began, unit);
      if (limit >= 0) [rank, value] = [own, limit];
    }
    return value;
  };
  const own = (id: number): number => {
    const began = site.began[id - 1];
    const tx = began === null ? -1 : highest("tx", id, began);
    const limit = tx >= 0 ? tx : highest("default", id, began ?? site.base);
    return limit >= 0 ? Math.min(limit, carries) : carries;
  };
  const max = highest("max", 0, site.base);
  let value = 0;
  if (evse === 0) {
    for (let id = 1; id <= site.evses; id++) value += own(id);
    if (max >= 0) value = Math.min(value, max);
  } else {
    value = own(evse);
    if (max >= 0) {
      const sharers = site.began.flatMap((began, i) => (began !== null || i + 1 === evse ? [i + 1] : []));
      let served = sharers.length;
      while (served > 1 && max / served < least) served--;
      value = Math.min(value, sharers.indexOf(evse) < served ? Math.floor(max / served) : 0);
    }
  }
  return unit === "A" ? Math.floor(value / 100) : value;
}
