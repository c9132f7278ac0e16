/**
 * `npm run budget [-- --board NAME] [--json]`: what an image costs in flash, RAM and stack, against the budget of its board. Without
 * `--board` all boards, a row each, and the whole report of board `sim`.
 */
import { Command, CommanderError, Option } from "commander";
import path from "node:path";
import { boardsOf, PROJECT_ROOT, requireBoard } from "../build/boards.ts";
import { BuildFailure, UsageError } from "../build/findings.ts";
import { UsageError as EngineUsageError } from "../sim/engine.ts";
import { readBudget } from "./board-budget.ts";

const program = new Command("budget")
  .description("Report flash, RAM and stack of the boards' images; status 1 when a budget is exceeded.")
  .option("--board <name>", "the only board to report on")
  .option("--json", "print the report as JSON")
  .addOption(new Option("--root <directory>", "project to report on").default(PROJECT_ROOT).hideHelp())
  .showSuggestionAfterError(false)
  .allowExcessArguments(false)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "")) });

try {
  const options = program.parse().opts<{ board?: string; json?: boolean; root: string }>();
  const root = path.resolve(options.root);
  const main = options.board ?? "sim";
  requireBoard(main, root);
  const boards = options.board === undefined ? boardsOf(root) : [main];
  const budgets = boards.map((board) => readBudget(board, root));
  const { buildBoard } = await import("../build/build-board.ts");
  const { measure } = await import("./measure.ts");
  const { exceeded, printed } = await import("./print.ts");
  const reports = [];
  for (const [i, board] of boards.entries()) reports.push(await measure(await buildBoard(board, root), budgets[i], root));
  const report = reports[boards.indexOf(main)];
  console.log(options.json ? JSON.stringify({ ...report, boards: reports }, null, 2) : printed(report, reports));
  for (const one of reports) {
    const over = exceeded(one);
    if (over.length === 0) continue;
    console.error(`The budget of board ${one.board} is exceeded: ${over.join(", ")}.`);
    process.exitCode = 1;
  }
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError || error instanceof EngineUsageError || error instanceof BuildFailure) {
    console.error(error.message);
    process.exitCode = error instanceof BuildFailure ? 1 : 2;
  } else throw error;
}
