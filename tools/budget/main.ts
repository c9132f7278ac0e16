/** `npm run budget [-- --board NAME] [--json]`: what the image costs in flash, RAM and stack, against the budget of the board. */
import { Command, CommanderError, Option } from "commander";
import path from "node:path";
import { PROJECT_ROOT, requireBoard } from "../build/boards.ts";
import { BuildFailure, UsageError } from "../build/findings.ts";
import { UsageError as EngineUsageError } from "../sim/engine.ts";
import { readBudget } from "./board-budget.ts";

const program = new Command("budget")
  .description("Report flash, RAM and stack of a board's image; status 1 when a budget is exceeded.")
  .option("--board <name>", "board to report on", "sim")
  .option("--json", "print the report as JSON")
  .addOption(new Option("--root <directory>", "project to report on").default(PROJECT_ROOT).hideHelp())
  .showSuggestionAfterError(false)
  .allowExcessArguments(false)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "")) });

try {
  const options = program.parse().opts<{ board: string; json?: boolean; root: string }>();
  const root = path.resolve(options.root);
  requireBoard(options.board, root);
  const budget = readBudget(options.board, root);
  const { buildBoard } = await import("../build/build-board.ts");
  const { measure } = await import("./measure.ts");
  const { exceeded, printed } = await import("./print.ts");
  const report = await measure(await buildBoard(options.board, root), budget, root);
  console.log(options.json ? JSON.stringify(report, null, 2) : printed(report));
  const over = exceeded(report);
  if (over.length > 0) {
    console.error(`The budget of board ${options.board} is exceeded: ${over.join(", ")}.`);
    process.exitCode = 1;
  }
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError || error instanceof EngineUsageError || error instanceof BuildFailure) {
    console.error(error.message);
    process.exitCode = error instanceof BuildFailure ? 1 : 2;
  } else throw error;
}
