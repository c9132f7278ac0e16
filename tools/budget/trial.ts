/**
 * One run of an engine, in a process of its own: `trial.ts JOB IMAGE BOARD EVSES` with `ESPRUINO`, `JSVARS` and `ESPSTACK` in the environment.
 * Prints one line, the result as JSON.
 */
import { readFileSync } from "node:fs";
import { encodeStorage } from "../image/storage.ts";
import { EngineConsole } from "../engine/console.ts";
import { parseHeap, type Heap } from "../engine/heap.ts";
import type { Probe } from "../engine/model.ts";
import { startStation, type StationOptions } from "../sim/sim.ts";
import { espruinoBinary } from "../sim/espruino-engine.ts";
import { Rig } from "./rig.ts";
import { runSuite, SuiteFailure, SUITE, type StepFigures } from "./suite.ts";

export type Job = "probe" | "empty" | "idle" | "suite";
export interface Results {
  probe: Probe;
  empty: Heap;
  idle: Heap;
  suite: SuiteOutcome;
}
export type SuiteOutcome = { figures: StepFigures[] } | { failed: string; ranOut: boolean };

/** Nothing but an engine that has booted from Storage. */
const EMPTY = encodeStorage([{ name: ".bootcde", bytes: Buffer.from("1") }]);
/** The empty engine does not answer on the link: no longer wait for it than it takes to boot. */
const BOOT_MS = 500;

type Runs = Pick<StationOptions, "image" | "board" | "evses">;

const jobs: { [J in Job]: (runs: Runs) => Promise<Results[J]> } = {
  probe: () =>
    onEmptyEngine(async (engine) => {
      const text = await engine.type("var m=process.memory();print(m.total,m.blocksize)");
      const [total, blocksize] = text.join(" ").match(/\d+/g)!.map(Number);
      await engine.type("var n=0;function f(){n++;f()}");
      await engine.type("f()");
      const levels = Number(/\d+/.exec((await engine.type("print(n)")).join(" ")));
      return { total, blocksize, levels };
    }),
  empty: () => onEmptyEngine(async (engine) => parseHeap(await engine.type("trace()"))),
  idle: (runs) =>
    withConsole(async (engine) => {
      const rig = await Rig.start({ engine: "espruino", ...runs, print: (line) => engine.heard(line) });
      try {
        await SUITE[0].run(rig);
        await rig.quiet();
        return parseHeap(await engine.type("trace()"));
      } finally {
        await rig.close();
      }
    }),
  suite: async (runs) => {
    try {
      return { figures: await runSuite({ engine: "espruino", ...runs }) };
    } catch (error) {
      if (error instanceof SuiteFailure) return { failed: error.message, ranOut: error.ranOut };
      throw error;
    }
  },
};

async function onEmptyEngine<T>(ask: (engine: EngineConsole) => Promise<T>): Promise<T> {
  return withConsole(async (engine) => {
    const print = (line: string): void => engine.heard(line);
    const station = await startStation({ engine: "espruino", image: EMPTY, patience: BOOT_MS, print });
    try {
      return await ask(engine);
    } finally {
      await station.close();
    }
  });
}

/** The simulator runs what `ESPRUINO` names: here the engine with an open console. */
async function withConsole<T>(work: (engine: EngineConsole) => Promise<T>): Promise<T> {
  const engine = new EngineConsole(espruinoBinary(process.env));
  process.env.ESPRUINO = engine.launcher;
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

const [job, path, board, evses] = process.argv.slice(2);
const result = await jobs[job as Job]({ image: readFileSync(path), board, evses: Number(evses) });
console.log(JSON.stringify(result));
process.exit(0);
