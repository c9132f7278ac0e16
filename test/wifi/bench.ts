/** The board of `bench/`, built for twins, in the simulator: its Wi-Fi is a twin, its sockets are real. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildBoard, PROJECT_ROOT } from "../../tools/build/build-board.ts";
import { startCsms } from "../../tools/csms/csms.ts";
import { startStation, type Station, type StationOptions } from "../../tools/sim/sim.ts";
import { WifiTwin } from "../../tools/twins/wifi.ts";
import type { Wires } from "../../tools/twins/wires.ts";
import { hasEspruino } from "../scenario/harness.ts";

export type Csms = Awaited<ReturnType<typeof startCsms>>;

/** GPIO of the button. */
const BUTTON = 4;
const HOME = { ssid: "Home", password: "correct horse" };
/** Password that the CSMS wants. */
export const CSMS_PASSWORD = "0123456789abcdef";

export interface WifiBench {
  station: Station;
  wifi: WifiTwin;
  csms: Csms;
  /** Lines of the firmware's log so far. */
  log: string[];
  /** Simulated seconds pass. */
  advance(seconds: number): Promise<void>;
  /** Second by second until `condition` holds; fails with `what` after `seconds`. */
  until(what: string, condition: () => boolean | Promise<boolean>, seconds?: number): Promise<void>;
  online(): Promise<boolean>;
  /** Presses or releases the button. */
  press(down: boolean): void;
}

export interface WifiBenchOptions {
  /** false: no network is configured. */
  configured?: boolean;
  /** Password that is configured. */
  password?: string;
  set?: Record<string, string>;
  /** Name under which the CSMS is configured, in place of its address. */
  host?: string;
  station?: StationOptions;
  prepare?(wifi: WifiTwin): void;
  before?(): Promise<void>;
  after?(): void;
}

let image: Promise<Uint8Array> | undefined;

/** Storage records of the bench. */
export function benchImage(): Promise<Uint8Array> {
  return (image ??= build());
}

async function build(): Promise<Uint8Array> {
  const root = mkdtempSync(path.join(tmpdir(), "wifi-bench-"));
  try {
    for (const name of ["src", "types", "boards/sim", "boards/twin"])
      cpSync(path.join(PROJECT_ROOT, name), path.join(root, name), { recursive: true });
    for (const name of ["tsconfig.json", "tools/build/huffman.ts"]) cpSync(path.join(PROJECT_ROOT, name), path.join(root, name));
    symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(root, "node_modules"));
    mkdirSync(path.join(root, "boards/bench"));
    cpSync(fileURLToPath(new URL("bench/board.ts", import.meta.url)), path.join(root, "boards/bench/board.ts"));
    return (await buildBoard("bench", root, true)).storage;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs `body` with the bench on `engine`, in reach of the network `Home`. */
export async function withWifi(
  engine: "node" | "espruino",
  options: WifiBenchOptions,
  body: (bench: WifiBench) => Promise<void>,
): Promise<void> {
  const holder: { station?: Station; wifi?: WifiTwin; wires?: Wires } = {};
  const log: string[] = [];
  await options.before?.();
  const csms = await startCsms({ port: 0, password: CSMS_PASSWORD, now: () => holder.station?.now() ?? Date.now() });
  const credentials: Record<string, string> =
    options.configured === false
      ? { "Board.WifiSsid": "" }
      : { "Board.WifiSsid": HOME.ssid, "Board.WifiPassword": options.password ?? HOME.password };
  try {
    const station = await startStation({
      engine,
      image: await benchImage(),
      csms: options.host ? csms.url.replace("127.0.0.1", options.host) : csms.url,
      password: options.configured === false ? undefined : CSMS_PASSWORD,
      timeScale: 0,
      patience: 20_000,
      seed: 7,
      set: { ...credentials, ...options.set },
      print: (line) => log.push(line),
      ...options.station,
      twins: (_hardware, wires) => {
        const wifi = new WifiTwin(wires);
        wifi.network(HOME.ssid, HOME.password);
        wires.digital(BUTTON, true);
        holder.wifi = wifi;
        holder.wires = wires;
        options.prepare?.(wifi);
        return [wifi];
      },
    });
    holder.station = station;
    const advance = async (seconds: number): Promise<void> => {
      const answer = await station.post("/clock", { advance: seconds });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    };
    const bench: WifiBench = {
      station,
      wifi: holder.wifi!,
      csms,
      log,
      advance,
      async until(what, condition, seconds = 60) {
        for (let second = 0; !(await condition()); second++) {
          if (second === seconds) assert.fail(`${what}: not within ${seconds} s\n${log.slice(-12).join("\n")}`);
          await advance(1);
        }
      },
      online: async () => (await station.state()).online,
      press: (down) => holder.wires!.digital(BUTTON, !down),
    };
    try {
      await body(bench);
    } finally {
      await station.close();
    }
  } finally {
    await csms.close();
    options.after?.();
  }
}

/** A test on each engine; the one on Espruino is skipped by name and reason when there is no binary. */
export function wifiTest(title: string, options: WifiBenchOptions, body: (bench: WifiBench) => Promise<void>): void {
  it(`${title} [node]`, async function () {
    this.timeout(120_000);
    await withWifi("node", options, body);
  });
  const missing = hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
  it(`${title} [espruino${missing}]`, async function () {
    if (missing) this.skip();
    this.timeout(300_000);
    await withWifi("espruino", options, body);
  });
}
