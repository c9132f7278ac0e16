/**
 * Scenarios: the built image in the simulator against the embedded CSMS over real sockets, on the Node engine always and on Espruino when
 * a binary is in ESPRUINO or on PATH. A scenario means the same on both.
 *
 * BOARD=esp32-devkit runs them on the twins of that board's hardware, as far as it has as many EVSEs; EVSES=2 those alone that need two
 * (`npm run test:boards` runs the rest on a board that has one).
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startCsms } from "../../tools/csms/csms.ts";
import type { CsmsOptions } from "../../tools/csms/api.ts";
import { espruinoBinary } from "../../tools/sim/espruino-engine.ts";
import { readVariables, withVariables, type VariableEntry } from "../../tools/image/variables.ts";
import { MORE, MORE_PAGES, PAGE, SECURITY_LOG } from "../../src/store/map.ts";
import { boardData } from "../../tools/twins/board-data.ts";
import { startStation, type Station, type StationOptions } from "../../tools/sim/sim.ts";

type Csms = Awaited<ReturnType<typeof startCsms>>;

export interface Bench {
  csms: Csms;
  station: Station;
  /** Payloads that the station sent with `action` so far, in order. */
  sent(action: string): Record<string, unknown>[];
  /** POST that must be answered with 200. */
  post(path: string, body?: object): Promise<void>;
  /** Waits in real time until `condition` holds; fails with `what` after `seconds` (default 5). */
  until(what: string, condition: () => boolean | Promise<boolean>, seconds?: number): Promise<void>;
  /** Simulated time moves on. */
  advance(seconds: number): Promise<void>;
  /** Waits until the registration is Accepted. */
  accepted(): Promise<void>;
  /** Waits until every CALL of the station is answered and no frame has come or gone for 80 ms of real time; at most 3 s. */
  quiet(): Promise<void>;
  /** Waits until it is quiet and every transaction event is confirmed; time moves on as long as some are not. */
  settled(): Promise<void>;
}

export interface BenchOptions {
  station?: StationOptions;
  csms?: CsmsOptions;
  /** Schema violations are part of the scenario. */
  allowViolations?: boolean;
}

/** Board whose image runs. */
export const BOARD = process.env.BOARD ?? "sim";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DRIVER = /from "\.\.\/\.\.\/(src\/drivers\/[\w-]+)"/g;
const MOST_EVSES = BOARD === "sim" ? 8 : boardData(BOARD).EVSES_MAX;
const LEAST_EVSES = Number(process.env.EVSES ?? 1);
const HAS_FIXED_CABLE = BOARD !== "sim" && "FIXED_CABLE" in boardData(BOARD);
/** ConnectorEnumType of its EVSEs. */
export const CONNECTOR_TYPE = HAS_FIXED_CABLE ? "cType2" : "sType2";

/** The variables that the board's image has: those of the project, and those of the drivers that its files import. */
export function boardVariables(): VariableEntry[] {
  const directory = join(ROOT, "boards", BOARD);
  const files = readdirSync(directory).filter((file) => file.endsWith(".ts"));
  const drivers = files.flatMap((file) =>
    [...readFileSync(join(directory, file), "utf8").matchAll(DRIVER)].map(([, driver]) => join(ROOT, `${driver}.txt`)),
  );
  const own = [...new Set(drivers)].filter((file) => existsSync(file)).sort();
  const read = (file: string): VariableEntry[] => readVariables(readFileSync(file, "latin1"));
  return withVariables(read(join(ROOT, "src/store/variables.txt")), own.flatMap(read));
}

/** Why a scenario cannot run on the board, "" when it can. */
function whyNot({ station = {} }: BenchOptions): string {
  const { evses = 1, fixedCable } = station;
  if (evses < LEAST_EVSES) return `: EVSES=${LEAST_EVSES}, it needs one`;
  if (evses > MOST_EVSES) return `: board ${BOARD} has no ${evses} EVSEs`;
  return fixedCable === false && HAS_FIXED_CABLE ? `: board ${BOARD} has fixed cables, no socket` : "";
}

export function hasEspruino(): boolean {
  try {
    return espruinoBinary(process.env) !== "";
  } catch {
    return false;
  }
}

/** Run `body` with a station connected to a CSMS of its own; every frame must be valid and every transaction in order. */
export async function withBench(options: BenchOptions, body: (bench: Bench) => Promise<void>): Promise<void> {
  const holder: { station?: Station } = {};
  const csms = await startCsms({ port: 0, now: () => holder.station?.now() ?? Date.now(), ...options.csms });
  try {
    const log: string[] = [];
    const print = (line: string): void => {
      log.push(line);
      options.station?.print?.(line);
    };
    const station = await startStation({
      board: BOARD,
      evses: 1,
      csms: csms.url,
      timeScale: 0,
      patience: 20_000,
      ...options.station,
      print,
    });
    holder.station = station;
    try {
      const bench = makeBench(csms, station);
      await body(bench);
      if (!options.allowViolations) {
        assert.deepEqual(csms.violations, [], "frames against the schema");
        assert.deepEqual(csms.findings, [], "transactions out of order");
      }
      await assertDiscreet(station, log);
    } finally {
      await station.close();
    }
  } finally {
    await csms.close();
  }
}

/** Members of frames that hold a card's number, and those that hold a password. */
const CARD = /"(?:idToken|idTag|parentIdTag)":"([^"\\]{8,})"/g;
const PASSWORD = /"(?:BasicAuthPassword|AuthorizationKey)"/i;
const PASSWORD_VALUE = /"(?:attributeValue|value)":"([^"\\]{16,})"/g;
/** Where the chip holds what is told to others: the security log, and the pages behind the slots (docs/ARCHITECTURE.md, "Flash map"). */
const LOGS = [
  [SECURITY_LOG, SECURITY_LOG + 2 * PAGE],
  [MORE, MORE + MORE_PAGES * PAGE],
];

/** No password and no card's number is in the station's log lines, its logs on flash, or in a frame of it where none belongs (A-08, N-03). */
async function assertDiscreet(station: Station, log: string[]): Promise<void> {
  const frames = station.frames();
  const found = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, secret]) => secret);
  const cards = new Set(frames.flatMap(({ text }) => found(text, CARD)));
  const asked = frames.filter(({ dir, text }) => dir === "in" && PASSWORD.test(text));
  const passwords = new Set(asked.flatMap(({ text }) => found(text, PASSWORD_VALUE)));
  const chip = (await station.get("/flash")).body as Buffer;
  const logs = [log.join("\n"), ...LOGS.map(([from, to]) => chip.toString("latin1", from, to))];
  const said = frames.filter(({ dir }) => dir === "out").map(({ text }) => text);
  const places = (secret: string, texts: string[]): string[] => texts.filter((text) => text.includes(secret));
  for (const secret of [...cards, ...passwords]) assert.deepEqual(places(secret, logs), [], `${secret} is in a log`);
  for (const secret of passwords) assert.deepEqual(places(secret, said), [], `${secret} is in a frame`);
}

function makeBench(csms: Csms, station: Station): Bench {
  const bench: Bench = {
    csms,
    station,
    sent: (action) =>
      station
        .frames()
        .filter((frame) => frame.dir === "out")
        .map((frame) => JSON.parse(frame.text) as unknown[])
        .filter((frame) => frame[0] === 2 && frame[2] === action)
        .map((frame) => frame[3] as Record<string, unknown>),
    async post(path, body = {}) {
      const answer = await station.post(path, body);
      assert.equal(answer.status, 200, `POST ${path}: ${JSON.stringify(answer.body)}`);
    },
    async until(what, condition, seconds = 5) {
      const end = Date.now() + seconds * 1000;
      while (!(await condition())) {
        if (Date.now() > end) assert.fail(`${what}: not within ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    advance: (seconds) => bench.post("/clock", { advance: seconds }),
    accepted: async () => {
      for (let second = 0; second < 20; second++) {
        if ((await station.state()).registration === "Accepted") return;
        await bench.advance(1);
      }
      assert.fail("not registered within 20 simulated seconds");
    },
    quiet: async () => {
      let seen = -1;
      const end = Date.now() + 3000;
      for (let calm = 0; calm < 8 && Date.now() < end;) {
        const frames = station.frames();
        const calls = frames.filter((frame) => frame.dir === "out" && frame.text.startsWith("[2"));
        const last = calls.length > 0 ? (JSON.parse(calls[calls.length - 1].text) as string[])[1] : null;
        const open =
          last !== null && !frames.some((f) => f.dir === "in" && !f.text.startsWith("[2") && f.text.includes(`"${last}"`));
        calm = frames.length === seen && !open ? calm + 1 : 0;
        seen = frames.length;
        // The firmware answers in its idle loop: on a busy machine its turns count, not the time alone.
        await station.state();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    settled: async () => {
      for (let second = 0; second < 60; second++) {
        await bench.quiet();
        const { queue, online } = await station.state();
        if (online && queue.events === 0) return;
        await bench.advance(1);
      }
      assert.fail("events are still queued after 60 simulated seconds");
    },
  };
  return bench;
}

/**
 * A scenario on each engine. The one on Espruino is skipped by name and reason when there is no binary, and, with `long`, in a short run
 * (without FULL=1).
 */
export function scenario(title: string, options: BenchOptions, body: (bench: Bench) => Promise<void>, long = false): void {
  const unfit = whyNot(options);
  it(`${title} [node${unfit}]`, async function () {
    if (unfit) this.skip();
    this.timeout(BOARD === "sim" ? 30_000 : 120_000);
    await withBench({ ...options, station: { ...options.station, engine: "node" } }, body);
  });
  const missing =
    unfit || (!hasEspruino() ? ": no binary in ESPRUINO or on PATH" : long && process.env.FULL !== "1" ? ": with FULL=1" : "");
  it(`${title} [espruino${missing}]`, async function () {
    if (missing) this.skip();
    this.timeout(BOARD === "sim" ? 120_000 : 480_000);
    await withBench({ ...options, station: { ...options.station, engine: "espruino" } }, body);
  });
}
