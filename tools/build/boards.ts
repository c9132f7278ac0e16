/** The boards of a project: each has a directory below boards with a board.ts. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./findings.ts";

export const PROJECT_ROOT = path.resolve(fileURLToPath(import.meta.url), "../../..");

/** What stands in for the chip's services and the hardware when a board is built for the simulator's twins; the first has precedence. */
const TWIN_LAYERS = ["twin", "sim"];

/** A board as it is built: for its hardware, or for the twins of it that the simulator has. */
export interface Target {
  board: string;
  isTwin: boolean;
}

/** Its directory below dist, and its name in the manifest. */
export function targetName({ board, isTwin }: Target): string {
  return isTwin ? `${board}-twin` : board;
}

/** Directories below boards whose files stand in for the kernel's engine files and for each other's, by precedence. */
export function layersOf({ board, isTwin }: Target): readonly string[] {
  return isTwin ? TWIN_LAYERS : [board];
}

/** Names of the boards. */
export function boardsOf(root: string): string[] {
  const directory = path.join(root, "boards");
  const isBoard = (name: string): boolean => existsSync(path.join(directory, name, "board.ts"));
  return existsSync(directory) ? readdirSync(directory).filter(isBoard).sort() : [];
}

/** What is to be built; throws a `UsageError` that names the boards when there is no such one. */
export function requireBoard(board: string, root: string, isTwin = false): Target {
  const boards = boardsOf(root);
  if (!boards.includes(board))
    throw new UsageError(`There is no board "${board}"; the boards are: ${boards.join(", ") || "none"}.`);
  if (isTwin && TWIN_LAYERS.includes(board)) throw new UsageError(`Board "${board}" has no hardware that could have a twin.`);
  return { board, isTwin };
}
