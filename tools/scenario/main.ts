/**
 * `npm run scenario -- FILE`: runs scenario files and prints each step in words. Status 0: all passed, 1: a step failed,
 * 2: a file or an option is wrong.
 */
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { UsageError as SimUsageError } from "../sim/sim.ts";
import { BadScenario, readScenario, type Scenario } from "./file.ts";
import { readOptions, USAGE, UsageError, type Options } from "./options.ts";
import { Recorder } from "./record.ts";
import { runScenario, type StepResult } from "./run.ts";

function print({ number, words, passed, detail }: StepResult): void {
  console.log(`  ${passed ? "ok  " : "FAIL"} ${String(number).padStart(3)}  ${words}`);
  if (detail) console.log(`            ${detail}`);
}

async function run(path: string, scenario: Scenario, { engine, record }: Options): Promise<boolean> {
  console.log(`${basename(path)}: ${scenario.title} [${engine}]`);
  let recorder: Recorder | null = null;
  const { passed, results } = await runScenario(scenario, {
    engine,
    told: print,
    opened: (bench) => {
      if (record === null) return;
      recorder = new Recorder(bench.station, { station: scenario.station, csms: scenario.csms, title: scenario.title });
      recorder.begin();
    },
    profileChosen: (profile) => recorder?.profile(profile),
  });
  const last = results.at(-1)!.number;
  console.log(passed ? "  passed" : `  failed at step ${last} of ${scenario.steps.length}`);
  if (record !== null) writeFileSync(record, recorder!.end());
  return passed;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(USAGE);
  // All are read first: a file that is wrong ends the whole before anything runs.
  const scenarios = options.files.map((path) => ({ path, scenario: readScenario(path) }));
  if (options.record !== null) {
    try {
      writeFileSync(options.record, "", { flag: "a" });
    } catch {
      throw new UsageError(`--record ${options.record}: the file cannot be written`);
    }
  }
  let passed = true;
  for (const { path, scenario } of scenarios) passed = (await run(path, scenario, options)) && passed;
  process.exitCode = passed ? 0 : 1;
}

try {
  await main();
} catch (error) {
  const usage = error instanceof UsageError || error instanceof BadScenario || error instanceof SimUsageError;
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = usage ? 2 : 1;
}
