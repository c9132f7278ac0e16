/** Engine runs in processes of their own, which a hanging or dying engine cannot disturb, and the search for the smallest that passes. */
import { spawn } from "node:child_process";
import path from "node:path";
import { PROBE_STACKS, PROBE_VARIABLES, whyNoModel, type Probe } from "../engine/model.ts";
import { espruinoBinary } from "../sim/espruino-engine.ts";
import type { Job, Results, SuiteOutcome } from "./trial.ts";

export interface Limits {
  variables: number;
  stack: number;
}

const TRIAL = path.join(import.meta.dirname, "trial.ts");
const TIME_LIMIT_MS = 300_000;

/** Runs one job on the engine that the environment names; `image` is the path of the Storage records, of `board` with `evses` EVSEs. */
export function trial<J extends Job>(
  job: J,
  image: string,
  { variables, stack }: Limits,
  { board, evses }: { board: string; evses: number } = { board: "sim", evses: 2 },
): Promise<Results[J]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import=tsx", TRIAL, job, image, board, String(evses)], {
      env: { ...process.env, JSVARS: String(variables), ESPSTACK: String(stack) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
    const late = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(late);
      try {
        resolve(JSON.parse(output) as Results[J]);
      } catch {
        const reason = /\bError: (.*)/.exec(errors)?.[1] ?? "no answer in time";
        reject(new Error(`${job} with ${variables} variables and a stack of ${stack} bytes: ${reason}`));
      }
    });
  });
}

/** Why RAM and stack cannot be measured here; null when they can. */
export async function whyNotMeasured(image: string): Promise<string | null> {
  try {
    espruinoBinary(process.env);
  } catch {
    return "there is no Espruino binary in ESPRUINO or on PATH";
  }
  const probes: Probe[] = [];
  for (const stack of PROBE_STACKS) {
    try {
      probes.push(await trial("probe", image, { variables: PROBE_VARIABLES, stack }));
    } catch (error) {
      return `the engine answers no probe (${(error as Error).message})`;
    }
  }
  const reason = whyNoModel(probes);
  return reason && `the engine is not the 32-bit ESP32 model: ${reason}`;
}

export interface Smallest {
  /** Smallest that passes, to within the resolution. */
  value: number;
  /** Largest that was seen to fail, and how. */
  below: { value: number; failed: string } | null;
  /** The run at the largest value. */
  atMost: Results["suite"];
}

/** Where the figure is likely to be, and how far around it is looked first; the distance doubles. */
export interface Guess {
  value: number;
  step: number;
}

/**
 * Searches the smallest value from `least` to `most` with which the suite passes; says how it fails when it does not pass with `most`, which
 * `atMost` is the run of. A good guess saves half of the runs and changes nothing else.
 */
export async function smallest(
  least: number,
  most: number,
  resolution: number,
  run: (value: number) => Promise<SuiteOutcome>,
  guess: Guess = { value: most, step: 0 },
  atMost: Promise<SuiteOutcome> = twice(run, most),
): Promise<Smallest | { failed: string }> {
  const largest = await atMost;
  if ("failed" in largest) return largest;
  let below: Smallest["below"] = null;
  const passes = async (value: number): Promise<boolean> => {
    const outcome = await twice(run, value);
    if ("failed" in outcome) {
      below = { value, failed: outcome.failed };
      least = value;
    } else {
      most = value;
    }
    return !("failed" in outcome);
  };
  let { value, step } = guess;
  if (value > least && value < most) {
    const direction = (await passes(value)) ? -1 : 1;
    for (value += direction * step; value > least && value < most; value += direction * (step *= 2)) await passes(value);
  }
  while (most - least > resolution) await passes(Math.round((least + most) / 2));
  return { value: most, below, atMost: largest };
}

/** A failure that is not the engine's word may be a busy machine's: it counts when it comes again. */
export async function twice(run: (value: number) => Promise<SuiteOutcome>, value: number): Promise<SuiteOutcome> {
  const once = async (): Promise<SuiteOutcome> => {
    try {
      return await run(value);
    } catch (error) {
      return { failed: (error as Error).message, ranOut: false };
    }
  };
  const first = await once();
  return "failed" in first && !first.ranOut ? once() : first;
}
