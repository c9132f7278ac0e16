/**
 * What packing and unpacking take on the engine. RAM: the most variables in use while the packer works, or while a packed record is
 * read, less what is in use before; the samples are those of a build that takes one before every statement (`probe.ts`), and the call
 * of the operation by its number counts with it. Time: the processor's, in the build itself.
 */
import { Rig } from "../budget/rig.ts";
import { residentsOf } from "../budget/residents.ts";
import { PROJECT_ROOT } from "../build/boards.ts";
import type { Build } from "../build/build-board.ts";
import { EngineConsole } from "../engine/console.ts";
import { RAW_BYTES } from "../flash/pages.ts";
import { readJournal } from "../flash/journal.ts";
import { espruinoBinary } from "../sim/espruino-engine.ts";
import { EngineClock } from "./cpu.ts";
import { operation, probeNames, sampling, type ProbeNames } from "./probe.ts";

export interface PackingFigures {
  /** JsVars. */
  pack: number;
  unpack: number;
  /** Of the processor, for an event. */
  packMs: number;
  unpackMs: number;
}

const MODULES = ["src/store/pack.ts", "src/store/cursor.ts"];
/** `SOURCE` of src/store/journal.ts: the packer's cursor, which leads nobody once a page is packed. */
const SOURCE = 4;
/** Events that the packer takes a second: `SLICE` of src/store/pack.ts. */
const SLICE = 4;
/** A sample a second: a page is full in minutes. */
const INTERVAL = { "SampledDataCtrlr.TxUpdatedInterval": "1" };
const SECONDS_TO_FILL = 1200;
const SECONDS_TO_PACK = 600;
const SECONDS_A_LOOK = 20;
/** Records whose reading is watched; the first is the longest, a context. */
const WATCHED = 6;
const TIMED_SLICES = 10;
const TIMED_RECORDS = 60;

/** A station whose packer has just begun, and the console of its engine. */
interface Packer {
  engine: EngineConsole;
  rig: Rig;
  /** Statements: a second of the packer; fetch and advance at `SOURCE`, which `rewind` sets to the oldest record. */
  pack: string;
  fetch: string;
  advance: string;
  rewind: string;
  /** JsVars in use before the first page was full. */
  before: number;
}

export async function measurePacking(build: Build): Promise<PackingFigures> {
  const names = probeNames(build);
  const memory = await withPacker(build, sampling(build, MODULES, names), names, (packer) => watched(packer, names));
  const clock = new EngineClock(espruinoBinary(process.env));
  const binary = process.env.ESPRUINO;
  process.env.ESPRUINO = clock.launcher;
  try {
    return { ...memory, ...(await withPacker(build, build.storage, names, (packer) => timed(packer, clock))) };
  } finally {
    process.env.ESPRUINO = binary;
    clock.close();
  }
}

async function watched({ engine, rig, pack, fetch, advance, rewind, before }: Packer, { sample, peak }: ProbeNames) {
  const most = (statement: string): Promise<number> => mostOf(engine, peak, statement);
  let packing = 0;
  await packPage(rig, async () => {
    packing = Math.max(packing, await most(pack));
  });
  const idle = await most(`${sample}()`);
  let reading = 0;
  await engine.type(rewind);
  for (let record = 0; record < WATCHED; record++) {
    reading = Math.max(reading, await most(fetch));
    await engine.type(advance);
  }
  return { pack: packing - before, unpack: reading - idle };
}

async function timed({ engine, rig, pack, fetch, advance, rewind }: Packer, clock: EngineClock) {
  const spent = async (statement: string, times: number): Promise<number> => {
    const begin = clock.now();
    await engine.type(`for(var z=0;z<${times};z++){${statement}}`);
    return clock.now() - begin;
  };
  // The empty loop, and what the engine does while it waits.
  const packMs = ((await spent(pack, TIMED_SLICES)) - (await spent("", TIMED_SLICES))) / (TIMED_SLICES * SLICE);
  await packPage(rig, () => Promise.resolve());
  await engine.type(rewind);
  const unpackMs = ((await spent(`${fetch};${advance}`, TIMED_RECORDS)) - (await spent("", TIMED_RECORDS))) / TIMED_RECORDS;
  return { packMs, unpackMs };
}

/** Seconds pass until a page is packed; `look` at each of some. */
async function packPage(rig: Rig, look: () => Promise<void>): Promise<void> {
  for (let second = 0; second < SECONDS_TO_PACK; second += SECONDS_A_LOOK) {
    await look();
    await rig.advance(SECONDS_A_LOOK);
    const raw = ((await rig.station.get("/flash")).body as Buffer).subarray(0, RAW_BYTES);
    if (readJournal(raw).blocks.length > 0) return;
  }
  throw new Error(`no page was packed in ${SECONDS_TO_PACK} s`);
}

async function mostOf(engine: EngineConsole, peak: string, statement: string): Promise<number> {
  const lines = await engine.type(`${peak}=0;${statement};print("most",${peak})`);
  const figure = /most (\d+)/.exec(lines.join(" "))?.[1];
  if (figure === undefined) throw new Error(`the engine says ${lines.join(" ")}`);
  return Number(figure);
}

/** Espruino's Linux build reads its console in a thread without a lock, and dies of that now and then: then it is tried again. */
async function withPacker<T>(
  build: Build,
  image: Uint8Array,
  names: ProbeNames,
  work: (packer: Packer) => Promise<T>,
  tries = 6,
): Promise<T> {
  try {
    return await withPackerOnce(build, image, names, work);
  } catch (error) {
    if (tries <= 1) throw error;
    return withPacker(build, image, names, work, tries - 1);
  }
}

async function withPackerOnce<T>(
  build: Build,
  image: Uint8Array,
  names: ProbeNames,
  work: (packer: Packer) => Promise<T>,
): Promise<T> {
  const run = (name: string, module: string, argument: string | number = ""): string =>
    `${names.load}(${[operation(build, name, module), argument].filter((part) => part !== "").join(",")})`;
  const cursor = residentsOf(build.tracedKernel, PROJECT_ROOT).find(({ name }) => name === "journal.cursor")!.shortName;
  return withConsole(async (engine) => {
    const print = (line: string): void => engine.heard(line);
    const rig = await Rig.start({ engine: "espruino", image, evses: 1, set: INTERVAL, print });
    const used = async (): Promise<number> => (await rig.station.state()).memory!.used;
    try {
      await rig.settled();
      await rig.charge();
      // Time stands still meanwhile, or the next sample would be there before the last one is confirmed.
      await rig.until("every event confirmed", ({ queue }) => queue.events === 0);
      await rig.post("/network", { up: false });
      await rig.advance(30);
      const before = await mostOf(engine, names.peak, `${names.sample}()`);
      // The packer's state appears when the first page is full.
      await fill(rig, await used(), used);
      return await work({
        engine,
        rig,
        pack: run("packSlice", MODULES[0]),
        fetch: run("fetch", MODULES[1], SOURCE),
        advance: run("advance", MODULES[1], SOURCE),
        rewind: [0, 1, 2, 3].map((i) => `${cursor}[${SOURCE + i}]=${cursor}[${i}]`).join(";"),
        before,
      });
    } finally {
      await rig.close();
    }
  });
}

async function fill(rig: Rig, rest: number, used: () => Promise<number>): Promise<void> {
  for (let second = 0; second < SECONDS_TO_FILL; second += 10) {
    await rig.advance(10);
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
