/** Runs the simulator's command line in a process of its own. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { blankChip, RAW_BYTES } from "../../tools/sim/flash.ts";
import { closing, image, temporaryDirectory, until } from "./fixture.ts";

export const MAIN = fileURLToPath(new URL("../../tools/sim/main.ts", import.meta.url));

export interface Running {
  run: { status: number | null; out: string; err: string };
  exited: Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** The address of the control interface, once it is printed. */
  controlled(): Promise<string>;
}

export function startCommand(args: string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, ["--import=tsx", MAIN, ...args], { env: { ...process.env, ...env } });
  const run: Running["run"] = { status: null, out: "", err: "" };
  child.stdout.on("data", (data: Buffer) => (run.out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (run.err += data.toString()));
  const exited = new Promise<void>((resolve) => {
    child.once("close", (status) => {
      run.status = status;
      resolve();
    });
  });
  closing({ close: () => void child.kill("SIGKILL") });
  const address = (): string | undefined => /^control (http:\/\/127\.0\.0\.1:\d+)$/m.exec(run.out)?.[1];
  const controlled = async (): Promise<string> => {
    await until(() => address() !== undefined, `started: ${run.err}`, 8000);
    return address()!;
  };
  return { run, exited, kill: (signal) => child.kill(signal), controlled };
}

/** A flash file with the test firmware, so that no image has to be built. */
export function flashFile(): string {
  const path = join(temporaryDirectory(), "flash.bin");
  const chip = blankChip();
  chip.set(image(), RAW_BYTES);
  writeFileSync(path, chip);
  return path;
}
