/** What a board is by itself: `boards/NAME/defaults.txt`, lines `Variable = value` and comments, are defaults of the variable table in its image. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { patchDefaults } from "../image/variables.ts";
import { BuildFailure } from "./findings.ts";

/** The variable table `table` with the board's own defaults. */
export function withBoardDefaults(root: string, board: string, table: string): string {
  const file = `boards/${board}/defaults.txt`;
  if (!existsSync(path.join(root, file))) return table;
  const lines = readFileSync(path.join(root, file), "utf8").split(/\r?\n/);
  return lines.reduce((patched, text, index) => {
    const fail = (reason: string): never => {
      throw new BuildFailure([{ file, line: index + 1, reason }]);
    };
    if (/^\s*(#|$)/.test(text)) return patched;
    const [, name, value] = /^\s*(\S+)\s*=\s*(.*?)\s*$/.exec(text) ?? [];
    if (name === undefined) return fail("a line is `Variable = value`");
    try {
      return patchDefaults(patched, { [name]: value });
    } catch (error) {
      return fail((error as Error).message);
    }
  }, table);
}
