/**
 * RAM, stack and call depth with the budget's own measuring (tools/budget). A quick run leaves out the searches for the smallest heap
 * and stack; its peak is then the largest that the firmware itself has sampled.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readBudget } from "../budget/board-budget.ts";
import { GIVEN, measure, measureIdle } from "../budget/measure.ts";
import { runSuite } from "../budget/suite.ts";
import { trial, whyNotMeasured } from "../budget/trials.ts";
import type { Build } from "../build/build-board.ts";
import type { Measured } from "./rows.ts";

export interface RamFigures {
  /** Why there is no engine to measure on; null when there is one. */
  noEngine: string | null;
  /** JsVars of the empty engine, of the simulator's link, and of the firmware without either. */
  empty: Measured;
  link: Measured;
  idle: Measured;
  peak: Measured;
  /** The peak is sampled, not the smallest heap. */
  sampled: boolean;
  /** Bytes. */
  stack: Measured;
  /** JS frames. */
  depth: Measured;
}

const LEFT_OUT = "left out by --quick";

export async function measureRam(build: Build, root: string, quick: boolean): Promise<RamFigures> {
  return quick ? quickly(build, root) : inFull(build, root);
}

async function inFull(build: Build, root: string): Promise<RamFigures> {
  const { notMeasured, idle, heap, stack, depth, verdicts } = await measure(build, readBudget(build.board, root), root);
  const reason = (name: string): string => verdicts.find((verdict) => verdict.name === name)?.reason ?? notMeasured ?? "unknown";
  return {
    noEngine: notMeasured,
    empty: idle?.empty ?? reason("idle"),
    link: idle?.link ?? reason("idle"),
    idle: idle?.net ?? reason("idle"),
    peak: heap?.peak ?? reason("peak"),
    sampled: false,
    stack: stack?.value ?? reason("stack"),
    depth: depth?.deepest ?? reason("depth"),
  };
}

async function quickly(build: Build, root: string): Promise<RamFigures> {
  const directory = mkdtempSync(path.join(tmpdir(), "bench-"));
  try {
    const image = path.join(directory, "storage.bin");
    writeFileSync(image, build.storage);
    const depth = await depthOf(build);
    const noEngine = await whyNotMeasured(image);
    const none = noEngine ?? LEFT_OUT;
    const figures: RamFigures = { noEngine, empty: none, link: none, idle: none, peak: none, sampled: true, stack: none, depth };
    if (noEngine !== null) return figures;
    try {
      return { ...figures, ...(await onEngine(build, image, root)) };
    } catch (error) {
      const reason = (error as Error).message;
      return { ...figures, empty: reason, link: reason, idle: reason, peak: reason };
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function onEngine(
  build: Build,
  image: string,
  root: string,
): Promise<Pick<RamFigures, "empty" | "link" | "idle" | "peak">> {
  const idle = await measureIdle(build, image, root);
  const suite = await trial("suite", image, GIVEN);
  const sampled = "failed" in suite ? suite.failed : Math.max(...suite.figures.map(({ peak }) => peak ?? 0));
  const peak = typeof sampled === "string" ? sampled : sampled - idle.empty - idle.link;
  return { empty: idle.empty, link: idle.link, idle: idle.net, peak };
}

async function depthOf({ storage }: Build): Promise<Measured> {
  try {
    const steps = await runSuite({ engine: "node", image: storage });
    return Math.max(...steps.map(({ depth }) => depth ?? 0));
  } catch (error) {
    return `the suite fails on the Node engine: ${(error as Error).message}`;
  }
}
