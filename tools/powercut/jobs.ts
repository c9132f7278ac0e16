/** What there is to be tried in the scripted day, and trying it in this process. */
import { Random } from "../flash/sessions.ts";
import { Past, cutPoints, liveOn, type Cut, type Outcome } from "./cuts.ts";
import type { Day } from "./day.ts";
import { liveWith, USED_BYTES, type Flip, type FlipOutcome } from "./flips.ts";
import { eventsOf, type Told } from "./model.ts";

export type Job = { kind: "cut"; cut: Cut } | { kind: "flip"; flip: Flip };
export type Result = { job: Job } & ({ kind: "cut"; outcome: Outcome } | { kind: "flip"; outcome: FlipOutcome });

const moment = (job: Job): number => (job.kind === "cut" ? job.cut.n : job.flip.n);
const inOrder = (jobs: Job[]): Job[] => jobs.sort((a, b) => moment(a) - moment(b));

/** All cut points, or a sample of them. */
export function cutJobs(day: Day, sample: number | null, random: Random): Job[] {
  const all = cutPoints(day);
  if (sample === null || sample >= all.length) return all.map((cut) => ({ kind: "cut", cut }));
  return inOrder(Array.from({ length: sample }, () => ({ kind: "cut", cut: all.splice(random.below(all.length), 1)[0] })));
}

/** Two cuts in a row: the second while the station recovers from the first. Each tears off a random part. */
export function pairJobs(day: Day, count: number, random: Random): Job[] {
  const tear = (): Cut["tear"] => (random.below(3) === 0 ? "clean" : 1 + random.below(255));
  return inOrder(
    Array.from({ length: count }, () => {
      const k = 1 + (random.below(2) === 0 ? random.below(12) : random.below(200));
      return { kind: "cut", cut: { n: random.below(day.operations.length), tear: tear(), again: { k, tear: tear() } } };
    }),
  );
}

export function flipJobs(day: Day, count: number, random: Random): Job[] {
  return inOrder(
    Array.from({ length: count }, () => ({
      kind: "flip",
      flip: { n: random.below(day.operations.length), at: random.below(USED_BYTES), bit: random.below(8) },
    })),
  );
}

export class Tryer {
  private readonly past: Past;
  private readonly events: Told[];

  constructor(private readonly day: Day) {
    this.past = new Past(day);
    this.events = eventsOf(day);
  }

  try(job: Job): Result {
    const { day, events, past } = this;
    if (job.kind === "cut") return { job, kind: "cut", outcome: liveOn(day, events, past, job.cut) };
    return { job, kind: "flip", outcome: liveWith(day, events, past, job.flip) };
  }
}

export function jobWords(job: Job): string {
  const tear = (t: Cut["tear"]): string => (typeof t === "number" ? `torn after ${t}/256` : t);
  if (job.kind === "flip") return `before operation ${job.flip.n}, bit ${job.flip.bit} of byte ${job.flip.at} flipped`;
  const { n, tear: first, again } = job.cut;
  return `operation ${n} ${tear(first)}` + (again ? `, then operation ${again.k} ${tear(again.tear)}` : "");
}
