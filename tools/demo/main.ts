/**
 * `npm run demo`: charges a car at a running simulator and tells what happens.
 */
import { Control, Refused, Unreachable } from "./control.ts";
import { DemoFailed, READING_PAUSE_MS, runDemo } from "./demo.ts";
import { readOptions, USAGE, UsageError } from "./options.ts";

try {
  const options = readOptions(process.argv.slice(2));
  const pauseMs = process.stdout.isTTY ? READING_PAUSE_MS : 0;
  if (!options) console.log(USAGE);
  else console.log(await runDemo({ control: new Control(options.url), print: console.log, minutes: options.minutes, pauseMs }));
} catch (error) {
  const usage = error instanceof UsageError || error instanceof Unreachable;
  if (!(usage || error instanceof DemoFailed || error instanceof Refused)) throw error;
  console.error(error.message);
  process.exitCode = usage ? 2 : 1;
}
