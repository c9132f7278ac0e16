/**
 * `npm run test:powercut [-- --seed N --sample N --pairs N --bitflips N --engine espruino]`: the power fails in every flash operation of a
 * scripted day. Last line: `N cut points, F failures`.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "../flash/sessions.ts";
import { liveTheDay, type Day } from "./day.ts";
import { engineCuts, engineCutsAt } from "./engine-cuts.ts";
import { cutJobs, flipJobs, jobWords, pairJobs, type Job, type Result } from "./jobs.ts";

const WORKERS = 2;
const CHUNK = 20;
const MOST_WORDS = 20;
const USAGE = `npm run test:powercut [-- options]
  --seed N       repeats the run whose sample this number made
  --sample N     only so many cut points (default: all)
  --pairs N      two cuts in a row (default 2000)
  --bitflips N   bits of the raw flash flipped (default 1000)
  --engine NAME  node, or espruino: cuts and kills on the binary in ESPRUINO or on PATH (default node)
  --help         this text`;

class UsageError extends Error {}

interface Options {
  seed: number;
  sample: number | null;
  pairs: number;
  bitflips: number;
  engine: "node" | "espruino";
}

function readOptions(args: string[]): Options | null {
  const text = { type: "string" } as const;
  let values: { [name: string]: string | boolean | undefined };
  try {
    ({ values } = parseArgs({
      args,
      options: { seed: text, sample: text, pairs: text, bitflips: text, engine: text, help: { type: "boolean" } },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; --help lists the options`);
  }
  if (values.help) return null;
  const number = (name: string): number | null => {
    const value = values[name];
    if (value === undefined) return null;
    if (!/^\d{1,9}$/.test(String(value))) throw new UsageError(`--${name} ${String(value)}: it is a whole number`);
    return Number(value);
  };
  const { engine = "node" } = values;
  if (engine !== "node" && engine !== "espruino") throw new UsageError(`--engine ${String(engine)}: it is node or espruino`);
  return {
    seed: number("seed") ?? Math.floor(Math.random() * 1_000_000),
    sample: number("sample"),
    pairs: number("pairs") ?? 2000,
    bitflips: number("bitflips") ?? 1000,
    engine,
  };
}

/** Tries the jobs in worker processes and tells of the progress. */
async function tryAll(day: Day, title: string, jobs: Job[]): Promise<Result[]> {
  const results: Result[] = [];
  const total = jobs.length;
  const waiting = [...jobs];
  let shown = Date.now();
  const worker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child: ChildProcess = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), {
        execArgv: ["--import=tsx"],
        serialization: "advanced",
      });
      const next = (): void => {
        const part = waiting.splice(0, CHUNK);
        if (part.length > 0) child.send({ jobs: part });
        else child.disconnect();
      };
      child.on("message", (part: Result[]) => {
        results.push(...part);
        if (Date.now() - shown > 10_000) {
          shown = Date.now();
          console.log(`${title}: ${results.length} of ${total}, ${failed(results).length} failures`);
        }
        next();
      });
      child.on("error", reject);
      child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
      child.send({ day });
      next();
    });
  if (total > 0) await Promise.all(Array.from({ length: WORKERS }, worker));
  return results;
}

function failed(results: readonly Result[]): Result[] {
  return results.filter(({ outcome }) => outcome.faults.length > 0);
}

function tellFailures(results: readonly Result[]): void {
  const bad = failed(results);
  for (const { job, outcome } of bad.slice(0, MOST_WORDS))
    console.log(`  ${jobWords(job)}: ${outcome.faults.join("; ").slice(0, 400)}`);
  if (bad.length > MOST_WORDS) console.log(`  … and ${bad.length - MOST_WORDS} more`);
}

function sum(results: readonly Result[], of: (outcome: Result["outcome"]) => number): number {
  return results.reduce((total, { outcome }) => total + of(outcome), 0);
}

async function cutsOnNode({ seed, sample, pairs, bitflips }: Options): Promise<[points: number, failures: number]> {
  const random = new Random(seed);
  const day = await liveTheDay();
  console.log(
    `The day without a cut: ${day.operations.length} flash operations, ${day.facts.length} events recorded and delivered, ` +
      `${day.erasures} pages erased, ${day.packedPages} pages packed, ${day.blocks} blocks. Seed ${seed}.`,
  );
  const cuts = await tryAll(day, "cuts", cutJobs(day, sample, random));
  tellFailures(cuts);
  const again = sum(cuts, (outcome) => outcome.repeated);
  console.log(`One cut: ${cuts.length} cut points, ${failed(cuts).length} failures; ${again} confirmed events delivered again.`);
  const twice = await tryAll(day, "pairs", pairJobs(day, pairs, random));
  tellFailures(twice);
  const second = sum(twice, (outcome) => ("twice" in outcome && outcome.twice ? 1 : 0));
  console.log(`Two cuts in a row: ${twice.length} pairs (the second came in ${second}), ${failed(twice).length} failures.`);
  const flips = await tryAll(day, "bit flips", flipJobs(day, bitflips, random));
  tellFailures(flips);
  const count = (of: "lost" | "repeated"): number => sum(flips, (outcome) => (of in outcome ? Number(outcome[of as never]) : 0));
  const told = sum(flips, (outcome) => ("reported" in outcome && outcome.reported ? 1 : 0));
  console.log(
    `Bit flips: ${flips.length}, ${failed(flips).length} failures; ${told} reported as damage, ${count("lost")} events lost in the ` +
      `damaged page, ${count("repeated")} delivered again.`,
  );
  const all = [...cuts, ...twice, ...flips];
  return [cuts.length + twice.length + second, failed(all).length];
}

async function cutsOnEngine({ seed, sample }: Options): Promise<[points: number, failures: number]> {
  const cuts = sample ?? 200;
  const day = await liveTheDay();
  console.log(`Seed ${seed}.`);
  return engineCuts(day, engineCutsAt(day, cuts, Math.ceil(cuts / 4), new Random(seed)));
}

async function main(): Promise<void> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options) return console.log(USAGE);
    const [points, failures] = await (options.engine === "espruino" ? cutsOnEngine(options) : cutsOnNode(options));
    console.log(`${points} cut points, ${failures} failures`);
    process.exitCode = failures > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

await main();
