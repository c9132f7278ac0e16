/** `npm run build [-- --board NAME]`: builds a board's image into dist/NAME. */
import { Command, CommanderError, Option } from "commander";
import path from "node:path";
import { PROJECT_ROOT, requireBoard } from "./boards.ts";
import { BuildFailure, UsageError } from "./findings.ts";

const program = new Command("build")
  .description("Build the Storage image of a board into dist/BOARD.")
  .option("--board <name>", "board to build for", "sim")
  .option("--twin", "build for the simulator's twins of the board's hardware, into dist/BOARD-twin")
  .addOption(new Option("--root <directory>", "project to build").default(PROJECT_ROOT).hideHelp())
  .allowExcessArguments(false)
  .showSuggestionAfterError(false)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "")) });

try {
  const options = program.parse().opts<{ board: string; root: string; twin?: boolean }>();
  const root = path.resolve(options.root);
  requireBoard(options.board, root, options.twin);
  // The compiler is loaded when there is something to compile.
  const { buildBoard } = await import("./build-board.ts");
  const { writeBuild } = await import("./write-build.ts");
  const build = await buildBoard(options.board, root, options.twin);
  const directory = await writeBuild(build, root);
  const files = build.manifest.files.map(({ name, bytes }) => `${name} ${bytes} B`).join(", ");
  console.log(`${directory}: build ${build.buildId}, ${files}, image ${build.imageBytes} B`);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError || error instanceof BuildFailure) {
    console.error(error.message);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  } else throw error;
}
