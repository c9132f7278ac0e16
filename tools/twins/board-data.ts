/** What a board file says of its hardware, for the twins: the constants of boards/NAME/board.ts that are numbers or true or false (1, 0). */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BOARDS = join(dirname(fileURLToPath(import.meta.url)), "../../boards");
const CONSTANT = /^export const (\w+)(?:: (?:number|boolean))? = (-?[\d_.]+|true|false);/gm;

export type BoardData = Readonly<Record<string, number>>;

/** The constants; reading one that the board has not throws. */
export function boardData(board: string): BoardData {
  const file = join(BOARDS, board, "board.ts");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const constants = Object.fromEntries([...text.matchAll(CONSTANT)].map(([, name, value]) => [name, valueOf(value)]));
  return new Proxy(constants, {
    get(target, name) {
      if (typeof name === "string" && !(name in target)) throw new Error(`boards/${board}/board.ts has no number ${name}`);
      return target[name as string];
    },
  });
}

function valueOf(text: string): number {
  return text === "true" ? 1 : text === "false" ? 0 : Number(text.replaceAll("_", ""));
}
