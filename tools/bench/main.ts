/**
 * `npm run bench [-- --quick] [--json]`: what the firmware costs and how fast it is, beside what other stacks publish of themselves.
 * Prints the table and writes docs/benchmarks.md and docs/images/ram-session.svg.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, type as systemName } from "node:os";
import path from "node:path";
import { PROJECT_ROOT } from "../build/boards.ts";
import type { Build } from "../build/build-board.ts";
import { BuildFailure, UsageError } from "../build/findings.ts";
import type { PackingFigures } from "./packing.ts";
import type { TimeFigures } from "./times.ts";

const BOARD = "sim";
const DOCUMENT = "benchmarks.md";
const PICTURE = "images/ram-session.svg";

interface Flags {
  quick?: boolean;
  json?: boolean;
  hours: number;
  docs: string;
}

const program = new Command("bench")
  .description("Measure flash, RAM, journal and times, and compare them with what other stacks publish.")
  .option("--quick", "without the searches for the smallest heap and stack")
  .option("--json", "print the rows as JSON")
  .addOption(new Option("--hours <n>", "length of the session on flash").argParser(hours).default(8))
  .addOption(new Option("--docs <directory>", "where to write").default(path.join(PROJECT_ROOT, "docs")).hideHelp())
  .showSuggestionAfterError(false)
  .allowExcessArguments(false)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "")) });

function hours(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 24)) throw new InvalidArgumentError("It is a number from 0.1 to 24.");
  return value;
}

/** The picture's place in the documentation; null without figures for it. */
async function draw(docs: string, build: Build, empty: number): Promise<string | null> {
  const { measureSession } = await import("./session-ram.ts");
  const { plot } = await import("./plot.ts");
  const { BYTES_A_VARIABLE } = await import("./rows.ts");
  const { PEERS } = await import("./peers.ts");
  const lines = [
    { bytes: PEERS.idle.value, text: "MicroOcpp idle, its best case: 12,308 B" },
    { bytes: PEERS.peak.value, text: "MicroOcpp peak, its best case: 21,916 B" },
  ];
  mkdirSync(path.dirname(path.join(docs, PICTURE)), { recursive: true });
  writeFileSync(path.join(docs, PICTURE), plot(await measureSession(build), empty, BYTES_A_VARIABLE, lines));
  return PICTURE;
}

/** The figures of `work`, or why it failed. */
async function orReason<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    return (error as Error).message;
  }
}

async function main({ quick = false, json, hours, docs }: Flags): Promise<void> {
  const say = (text: string): void => void process.stderr.write(text + "\n");
  const { buildBoard } = await import("../build/build-board.ts");
  const { STACK, VARIABLES } = await import("../budget/measure.ts");
  const { measureRam } = await import("./ram.ts");
  const { measureStore, modelFigures } = await import("./store.ts");
  const { document, table } = await import("./print.ts");
  const { rowsOf } = await import("./rows.ts");
  const build = await buildBoard(BOARD, PROJECT_ROOT);
  say("RAM, stack and call depth …");
  const ram = await measureRam(build, PROJECT_ROOT, quick);
  say(`a session of ${hours} h on flash, offline and online …`);
  const store = await orReason(() => measureStore(build.storage, hours));
  const { noEngine } = ram;
  let packing: PackingFigures | string = noEngine ?? "";
  let times: TimeFigures | string = noEngine ?? "";
  let picture: string | null = existsSync(path.join(docs, PICTURE)) ? PICTURE : null;
  const { measurePacking } = await import("./packing.ts");
  const { measureTimes } = await import("./times.ts");
  if (noEngine === null) {
    process.env.JSVARS = String(VARIABLES);
    process.env.ESPSTACK = String(STACK);
    say("times …");
    times = await orReason(() => measureTimes(build.storage));
    say("packing …");
    packing = await orReason(() => measurePacking(build));
    say("RAM over a session …");
    const drawn = await orReason(() => draw(docs, build, Number(ram.empty) || 0));
    if (drawn === PICTURE) picture = drawn;
    else say(`${PICTURE} was not drawn: ${drawn}`);
  } else {
    say(`${PICTURE} was not drawn: ${noEngine}`);
  }
  const rows = rowsOf({ flash: build.imageBytes, ram, models: modelFigures(), store, packing, times });
  const file = path.join(docs, DOCUMENT);
  const heading = {
    board: BOARD,
    buildId: build.buildId,
    engine: noEngine ?? `the 32-bit model of the ESP32 with ${VARIABLES} variables and ${STACK} bytes of stack`,
    machine: `${cpus()[0]?.model.trim() ?? "unknown"}, ${systemName()}`,
    quick,
    picture,
  };
  mkdirSync(docs, { recursive: true });
  writeFileSync(file, await document(rows, heading, existsSync(file) ? readFileSync(file, "utf8") : null));
  console.log(json ? JSON.stringify({ ...heading, rows }, null, 2) : table(rows));
  const missing = rows.filter(({ ours }) => typeof ours === "string");
  if (!json) for (const { figure, ours } of missing) console.log(`not measured: ${figure}: ${ours}`);
}

try {
  await main(program.parse().opts<Flags>());
  process.exit(0);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError || error instanceof BuildFailure) {
    console.error(error.message);
    process.exitCode = error instanceof BuildFailure ? 1 : 2;
  } else throw error;
}
