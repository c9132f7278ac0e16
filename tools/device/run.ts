/** How the tools of a device end: 0, 2 with one line for what the user has to put right, 1 with one line for the rest. */
import { CommanderError } from "commander";
import { BuildFailure, UsageError as BuildUsageError } from "../build/findings.ts";
import { UsageError } from "../sim/engine.ts";
import { DeviceError, Silence } from "./console.ts";

export async function run(main: () => Promise<void>): Promise<never> {
  try {
    await main();
    process.exit(0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
    const usage = [UsageError, BuildUsageError, CommanderError, DeviceError, Silence].some((kind) => error instanceof kind);
    process.stderr.write(sentence(error) + "\n");
    process.exit(usage ? 2 : 1);
  }
}

function sentence(error: unknown): string {
  if (error instanceof BuildFailure) return error.message;
  const text = (error instanceof Error ? error.message : String(error)).replace(/^error: /, "").split("\n")[0];
  if (error instanceof DeviceError) return `The device refuses: ${text}.`;
  return error instanceof Silence ? `${text[0].toUpperCase()}${text.slice(1)}.` : text;
}
