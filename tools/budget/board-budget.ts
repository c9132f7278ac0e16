/** What a board may cost: `boards/NAME/budget.json`. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { UsageError } from "../build/findings.ts";

export interface Limits {
  /** Bytes of the image. */
  image: number;
  /** Variables above the empty engine, without the simulator's link: connected and without a session; and at most. */
  idle: number;
  peak: number;
  /** Bytes of C stack that the suite may take. */
  stack: number;
  /** JS frames of the firmware. */
  depth: number;
}

export interface BoardBudget {
  limits: Limits;
  /** What is aimed at; a figure above it is only marked. */
  goals: Partial<Limits>;
}

const NAMES: readonly (keyof Limits)[] = ["image", "idle", "peak", "stack", "depth"];

export function readBudget(board: string, root: string): BoardBudget {
  const file = path.join("boards", board, "budget.json");
  if (!existsSync(path.join(root, file))) throw new UsageError(`${file} is missing: it holds the limits of the board.`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path.join(root, file), "utf8"));
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}.`);
  }
  const { limits, goals = {} } = (json ?? {}) as { limits?: Record<string, unknown>; goals?: Record<string, unknown> };
  for (const name of NAMES) {
    if (!isCount(limits?.[name])) throw new UsageError(`${file}: "limits" is to hold a whole number "${name}".`);
  }
  for (const [name, value] of Object.entries(goals)) {
    if (!(NAMES as readonly string[]).includes(name) || !isCount(value))
      throw new UsageError(`${file}: "goals" holds whole numbers under ${NAMES.join(", ")}, and nothing else.`);
  }
  return { limits: limits as unknown as Limits, goals: goals as Partial<Limits> };
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0;
}
