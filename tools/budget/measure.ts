/** All that the budget report measures, in one object. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Build } from "../build/build-board.ts";
import type { BoardBudget, Limits } from "./board-budget.ts";
import { reportFlash, type FlashReport } from "./flash.ts";
import { reportIdle, type IdleReport } from "./idle.ts";
import { measureJournal, type JournalFigure } from "./journal.ts";
import { residentsOf, type Resident } from "./residents.ts";
import { runSuite, type StepFigures } from "./suite.ts";
import { smallest, trial, whyNotMeasured, type Smallest } from "./trials.ts";

export interface Report {
  board: string;
  buildId: string;
  flash: FlashReport;
  /** Why RAM and stack were not measured; null when they were. */
  notMeasured: string | null;
  idle: IdleReport | null;
  heap: (Smallest & { peak: number }) | null;
  /** Figures after each step, on the engine with `VARIABLES` and `STACK`. */
  steps: StepFigures[];
  stack: Smallest | null;
  /** JS frames by step, on the Node engine; null where the simulator cannot run the board. */
  depth: { deepest: number; steps: StepFigures[] } | null;
  /** Or why there are no figures. */
  journal: JournalFigure[] | string;
  verdicts: Verdict[];
}

export interface Verdict {
  name: keyof Limits;
  /** Null: not known, for the `reason`. */
  value: number | null;
  limit: number;
  goal: number | null;
  unit: string;
  /** A suite that fails with all that it may have is over the budget too, nobody knows by how much. */
  over: boolean;
  reason: string | null;
}

/** What the engine is given unless the figure itself is searched. */
export const VARIABLES = 1500;
export const STACK = 25_000;
export const GIVEN = { variables: VARIABLES, stack: STACK };
const VARIABLES_RESOLUTION = 8;
const STACK_RESOLUTION = 128;
/** The suite never passes with less: the base of the engine and a few calls. */
const LEAST_STACK = 5000;
/** The only board that the simulator runs. */
const SIMULATED = "sim";

export async function measure(build: Build, budget: BoardBudget, root: string): Promise<Report> {
  const report: Report = {
    board: build.board,
    buildId: build.buildId,
    flash: reportFlash(build),
    notMeasured: null,
    idle: null,
    heap: null,
    steps: [],
    stack: null,
    depth: null,
    journal: [],
    verdicts: [],
  };
  const failed: Failures = {};
  if (build.board !== SIMULATED) {
    report.notMeasured = `the simulator runs board ${SIMULATED} alone`;
  } else {
    await onNode(report, build, failed);
    const directory = mkdtempSync(path.join(tmpdir(), "budget-"));
    try {
      const image = path.join(directory, "storage.bin");
      writeFileSync(image, build.storage);
      report.notMeasured = await whyNotMeasured(image);
      if (report.notMeasured === null) await onEngine(report, build, image, root, failed);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  report.verdicts = verdictsOf(report, budget, failed);
  return report;
}

/** Why a figure has no value although it could be measured. */
type Failures = { [Name in keyof Limits]?: string };

async function onNode(report: Report, build: Build, failed: Failures): Promise<void> {
  try {
    const steps = await runSuite({ engine: "node", image: build.storage });
    report.depth = { deepest: Math.max(...steps.map(({ depth }) => depth ?? 0)), steps };
  } catch (error) {
    failed.depth = `the suite fails on the Node engine: ${(error as Error).message}`;
  }
  try {
    report.journal = await measureJournal(build.storage);
  } catch (error) {
    report.journal = (error as Error).message;
  }
}

async function onEngine(report: Report, build: Build, image: string, root: string, failed: Failures): Promise<void> {
  let idle: IdleReport;
  try {
    idle = await measureIdle(build, image, root);
  } catch (error) {
    failed.idle = failed.peak = failed.stack = (error as Error).message;
    return;
  }
  report.idle = idle;
  const [heap, stack] = await Promise.all([
    smallest(idle.empty + idle.gross, VARIABLES, VARIABLES_RESOLUTION, (variables) =>
      trial("suite", image, { variables, stack: STACK }),
    ),
    smallest(LEAST_STACK, STACK, STACK_RESOLUTION, (bytes) => trial("suite", image, { variables: VARIABLES, stack: bytes })),
  ]);
  if ("failed" in heap) {
    failed.peak = heap.failed;
  } else {
    report.heap = { ...heap, peak: heap.value - idle.empty - idle.link };
    if ("figures" in heap.atMost) report.steps = heap.atMost.figures;
  }
  if ("failed" in stack) failed.stack = stack.failed;
  else report.stack = stack;
}

/** RAM at rest of `build`, whose Storage records are in the file `image`. */
export async function measureIdle(build: Build, image: string, root: string): Promise<IdleReport> {
  const empty = await trial("empty", image, GIVEN);
  const idle = await trial("idle", image, GIVEN);
  return reportIdle(idle, empty, residentsOf(build.tracedKernel, root), (resident) => isLink(resident, build.board, root));
}

/** Belongs to the simulator's link: it is the board's, and a board with real hardware has not got the same function. */
function isLink({ module, kind, name }: Resident, board: string, root: string): boolean {
  const own = `boards/${board}/`;
  if (!module.startsWith(own)) return false;
  const general = path.join(root, "src/kernel", module.slice(own.length));
  const isGeneral =
    kind === "function" && existsSync(general) && new RegExp(`export function ${name}\\b`).test(readFileSync(general, "utf8"));
  return !isGeneral;
}

function verdictsOf(report: Report, { limits, goals }: BoardBudget, failed: Failures): Verdict[] {
  const verdict = (name: keyof Limits, unit: string, value: number | null = null): Verdict => ({
    name,
    value,
    limit: limits[name],
    goal: goals[name] ?? null,
    unit,
    over: name in failed || (value !== null && value > limits[name]),
    reason: failed[name] ?? (value === null ? report.notMeasured : null),
  });
  return [
    verdict("image", "B", report.flash.total),
    verdict("idle", "JsVars", report.idle?.net),
    verdict("peak", "JsVars", report.heap?.peak),
    verdict("stack", "B", report.stack?.value),
    verdict("depth", "frames", report.depth?.deepest),
  ];
}
