/** All that the budget report measures, in one object. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildBoard, type Build } from "../build/build-board.ts";
import { boardData } from "../twins/board-data.ts";
import { TWINS } from "../twins/boards.ts";
import type { BoardBudget, Limits } from "./board-budget.ts";
import { reportFlash, type FlashReport } from "./flash.ts";
import { reportIdle, type IdleReport } from "./idle.ts";
import { measureJournal, type JournalFigure } from "./journal.ts";
import { residentsOf, type Resident } from "./residents.ts";
import { runSuite, type StepFigures } from "./suite.ts";
import type { SuiteOutcome } from "./trial.ts";
import { smallest, trial, twice, whyNotMeasured, type Smallest } from "./trials.ts";

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
/** Near what every board takes; the limit of the heap is near its figure, too. */
const LIKELY_STACK = { value: 17_000, step: 1000 };
const HEAP_STEP = 32;
/** A board on twins has a longer link, which is taken off. */
const TWIN_VARIABLES = 2500;
/** EVSEs that the suite uses. */
const EVSES = 2;

/** What runs in the simulator: the image of board `sim`, or that of another one on twins of its hardware. */
export interface Simulated {
  build: Build;
  board: string;
  evses: number;
}

/** What the simulator runs of a board; null when it has no twins of it. */
export async function simulated(build: Build, root: string): Promise<Simulated | null> {
  const { board } = build;
  if (board === "sim") return { build, board, evses: EVSES };
  if (!(board in TWINS) || !existsSync(path.join(root, "boards/twin"))) return null;
  return { build: await buildBoard(board, root, true), board, evses: Math.min(EVSES, boardData(board).EVSES_MAX) };
}

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
  const runs = await simulated(build, root);
  if (runs === null) {
    report.notMeasured = "the simulator has no twins of its hardware";
  } else {
    await onNode(report, runs, failed);
    const directory = mkdtempSync(path.join(tmpdir(), "budget-"));
    try {
      const image = path.join(directory, "storage.bin");
      writeFileSync(image, runs.build.storage);
      report.notMeasured = await whyNotMeasured(image);
      if (report.notMeasured === null) await onEngine(report, runs, image, root, failed, budget.limits.peak);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  report.verdicts = verdictsOf(report, budget, failed);
  return report;
}

/** Why a figure has no value although it could be measured. */
type Failures = { [Name in keyof Limits]?: string };

async function onNode(report: Report, { build, board, evses }: Simulated, failed: Failures): Promise<void> {
  try {
    const steps = await runSuite({ engine: "node", image: build.storage, board, evses });
    report.depth = { deepest: Math.max(...steps.map(({ depth }) => depth ?? 0)), steps };
  } catch (error) {
    failed.depth = `the suite fails on the Node engine: ${(error as Error).message}`;
  }
  try {
    if (board === "sim") report.journal = await measureJournal(build.storage);
  } catch (error) {
    report.journal = (error as Error).message;
  }
}

async function onEngine(
  report: Report,
  runs: Simulated,
  image: string,
  root: string,
  failed: Failures,
  limit: number,
): Promise<void> {
  let idle: IdleReport;
  try {
    idle = await measureIdle(runs.build, image, root, runs);
  } catch (error) {
    failed.idle = failed.peak = failed.stack = (error as Error).message;
    return;
  }
  report.idle = idle;
  const most = runs.board === "sim" ? VARIABLES : TWIN_VARIABLES;
  const withHeap = (variables: number): Promise<SuiteOutcome> => trial("suite", image, { variables, stack: STACK }, runs);
  const withStack = (stack: number): Promise<SuiteOutcome> => trial("suite", image, { variables: most, stack }, runs);
  const all = twice(withHeap, most);
  const likely = { value: limit + idle.empty + idle.link, step: HEAP_STEP };
  const [heap, stack] = await Promise.all([
    smallest(idle.empty + idle.gross, most, VARIABLES_RESOLUTION, withHeap, likely, all),
    smallest(LEAST_STACK, STACK, STACK_RESOLUTION, withStack, LIKELY_STACK, all),
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
export async function measureIdle(build: Build, image: string, root: string, runs?: Simulated): Promise<IdleReport> {
  const empty = await trial("empty", image, GIVEN);
  const idle = await trial("idle", image, GIVEN, runs);
  return reportIdle(idle, empty, residentsOf(build.tracedKernel, root), (resident) => isLink(resident, root));
}

/** Belongs to the simulator's link: it is of board `sim` or of the twins, and a board with real hardware has not got the same function. */
function isLink({ module, kind, name }: Resident, root: string): boolean {
  const [, file] = /^boards\/(?:sim|twin)\/(.*)$/.exec(module) ?? [];
  if (file === undefined) return false;
  const general = path.join(root, "src/kernel", file);
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
    verdict("image", "B", report.flash.total - report.flash.link),
    verdict("idle", "JsVars", report.idle?.net),
    verdict("peak", "JsVars", report.heap?.peak),
    verdict("stack", "B", report.stack?.value),
    verdict("depth", "frames", report.depth?.deepest),
  ];
}
