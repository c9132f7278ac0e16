/** `npm run sim -- [options]`: a simulated station, and a CSMS for it when none is named. */
import { CommanderError } from "commander";
import { closeSync, openSync } from "node:fs";
import { Recorder, recordedOptions } from "../scenario/record.ts";
import { parseOptions } from "./options.ts";
import { startStation, UsageError, type Station, type StationOptions } from "./sim.ts";

/** Port of the embedded CSMS, if it is free: a used flash may know its URL. */
const CSMS_PORT = 9000;
/** ms in which everything has to be closed after a signal. */
const LAST_MOMENT = 1500;

let station: Station | null = null;
let csms: { url: string; close(): Promise<void> } | null = null;

async function finish(): Promise<never> {
  setTimeout(() => process.exit(0), LAST_MOMENT).unref();
  await station?.close();
  await csms?.close();
  process.exit(0);
}

/** The embedded CSMS, on its usual port or another free one. Its clock is that of the simulation. */
async function embeddedCsms({ password }: StationOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { startCsms } = await import("../csms/csms.ts");
  const options = { protocols: ["ocpp2.0.1", "ocpp1.6"] as const, password, now: () => station?.now() ?? Date.now() };
  try {
    return await startCsms({ ...options, protocols: [...options.protocols], port: CSMS_PORT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startCsms({ ...options, protocols: [...options.protocols], port: 0 });
  }
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.log !== undefined) {
    try {
      closeSync(openSync(options.log, "a"));
    } catch {
      throw new UsageError(`--log ${options.log}: the file cannot be written.`);
    }
  }
  process.once("SIGTERM", () => void finish());
  process.once("SIGINT", () => void finish());
  if (options.csms === undefined) {
    csms = await embeddedCsms(options);
    options.csms = csms.url;
  }
  station = await startStation({ ...options, print: (line) => process.stderr.write(line + "\n") });
  new Recorder(station, { station: recordedOptions(options) });
  for (const note of station.notes) console.log(note);
  if (csms) console.log(`csms ${csms.url}`);
  console.log(`build ${station.buildId}`);
  console.log(`control ${station.url}`);
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  if (error instanceof UsageError || error instanceof CommanderError) {
    process.stderr.write(error.message.replace(/^error: /, "").replace(/\n[^]*$/, "") + "\n");
    process.exit(2);
  }
  process.stderr.write((error instanceof Error ? error.message : String(error)) + "\n");
  process.exit(1);
}
