/**
 * What packing and unpacking take in RAM, on the engine: the most variables in use while the packer works, or while a packed record is
 * read, less what is in use before. The samples are those of a build that takes many more of them (`probe.ts`), and they count
 * themselves, so the figures are upper bounds.
 */
import type { Build } from "../build/build-board.ts";
import { EngineConsole } from "../engine/console.ts";
import { RAW_BYTES } from "../flash/pages.ts";
import { readJournal } from "../flash/journal.ts";
import { espruinoBinary } from "../sim/espruino-engine.ts";
import { operation, probeNames, sampling } from "./probe.ts";
import { Site } from "./site.ts";

export interface PackingFigures {
  /** JsVars. */
  pack: number;
  unpack: number;
}

const MODULES = ["src/store/pack.ts", "src/store/cursor.ts"];
/** `READER` of src/store/journal.ts: the cursor that leads the sender through the log. */
const READER = 0;
/** A sample a second: a page is full in minutes. */
const INTERVAL = { "SampledDataCtrlr.TxUpdatedInterval": "1" };
const SECONDS_TO_FILL = 1200;
const SECONDS_TO_PACK = 600;

export async function measurePacking(build: Build): Promise<PackingFigures> {
  const names = probeNames(build);
  const image = sampling(build, MODULES, names);
  return withConsole(async (engine) => {
    const print = (line: string): void => engine.heard(line);
    const site = await Site.open({ engine: "espruino", image, evses: 1, set: INTERVAL, print });
    const most = async (statement: string): Promise<number> => {
      const lines = await engine.type(`${names.peak}=0;${statement};print("most",${names.peak})`);
      const figure = /most (\d+)/.exec(lines.join(" "))?.[1];
      if (figure === undefined) throw new Error(`the engine says ${lines.join(" ")}`);
      return Number(figure);
    };
    const used = async (): Promise<number> => (await site.station.state()).memory!.used;
    const blocks = async (): Promise<number> => {
      const raw = ((await site.station.get("/flash")).body as Buffer).subarray(0, RAW_BYTES);
      return readJournal(raw).blocks.length;
    };
    try {
      await site.settled();
      await site.charge(16);
      // Time stands still meanwhile, or the next sample would be there before the last one is confirmed.
      await site.until("every event confirmed", ({ queue }) => queue.events === 0);
      await site.post("/network", { up: false });
      await site.advance(30);
      const before = await most(`${names.sample}()`);
      const rest = await used();
      // The packer's state appears when the first page is full.
      await fill(site, rest, used);
      let pack = 0;
      for (let second = 0; second < SECONDS_TO_PACK; second += 20) {
        pack = Math.max(pack, await most(`${names.load}(${operation(build, "packSlice", MODULES[0])})`));
        await site.advance(20);
        if ((await blocks()) > 0) break;
      }
      const idle = await most(`${names.sample}()`);
      const read = await most(`${names.load}(${operation(build, "fetch", MODULES[1])},${READER})`);
      return { pack: pack - before, unpack: read - idle };
    } finally {
      await site.close();
    }
  });
}

async function fill(site: Site, rest: number, used: () => Promise<number>): Promise<void> {
  for (let second = 0; second < SECONDS_TO_FILL; second += 10) {
    await site.advance(10);
    if ((await used()) >= rest + 12) return;
  }
  throw new Error(`no page was full after ${SECONDS_TO_FILL} s`);
}

/** The simulator runs what `ESPRUINO` names: here the engine with an open console. */
export async function withConsole<T>(work: (engine: EngineConsole) => Promise<T>): Promise<T> {
  const binary = espruinoBinary(process.env);
  const engine = new EngineConsole(binary);
  process.env.ESPRUINO = engine.launcher;
  try {
    return await work(engine);
  } finally {
    process.env.ESPRUINO = binary;
    engine.close();
  }
}
