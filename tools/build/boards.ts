/** The boards of a project: each has a directory below boards with a board.ts. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./findings.ts";

export const PROJECT_ROOT = path.resolve(fileURLToPath(import.meta.url), "../../..");

/** Throws a `UsageError` that names the boards when there is no such one. */
export function requireBoard(board: string, root: string): void {
  const directory = path.join(root, "boards");
  const isBoard = (name: string): boolean => existsSync(path.join(directory, name, "board.ts"));
  const boards = existsSync(directory) ? readdirSync(directory).filter(isBoard).sort() : [];
  if (!boards.includes(board))
    throw new UsageError(`There is no board "${board}"; the boards are: ${boards.join(", ") || "none"}.`);
}
