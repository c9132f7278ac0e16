/** The simulator as a library: a station on one of the two engines, with its control interface, over HTTP or called directly. */
import { StationCalls } from "../page/station-calls.ts";
import { Charger, NotSeen, type ChargerOptions, type StationState } from "./charger.ts";
import { Control, type Answer, type PostListener } from "./control.ts";
import type { Engine } from "./engine.ts";
import { UsageError } from "./engine.ts";
import { EspruinoEngine, espruinoBinary, replaceFile } from "./espruino-engine.ts";
import { NorFlash } from "./flash.ts";
import { FrameLog, type Frame } from "./frames.ts";
import { Hardware } from "./hardware.ts";
import { ControlServer } from "./http.ts";
import { prepareFlash, type Connection, type Defaults } from "./image.ts";
import { DirectWiring, type Wiring } from "./wiring.ts";
import { twinWiring, wiringOf, type MakeTwins } from "../twins/boards.ts";
import { NodeEngine } from "./node-engine/node-engine.ts";

export { UsageError } from "./engine.ts";
export type { StationState } from "./charger.ts";
export type { Frame } from "./frames.ts";

export interface StationOptions extends Connection {
  /** Board whose image runs, on twins of its hardware; default `sim`, which has no drivers. */
  board?: string;
  /** Devices on the wires of `image`, a board of a test. */
  twins?: MakeTwins;
  engine?: "node" | "espruino";
  /** File that holds the flash between runs; without one it is in memory. */
  flash?: string;
  /** Put the built image in, keep the raw area. */
  reflash?: boolean;
  /** Defaults of variables, on a blank flash. */
  set?: Defaults;
  /** false: the power stays off until it is switched on. */
  startOnPower?: boolean;
  /** File for the frames, as JSON lines. */
  log?: string;
  /** Simulated seconds in a real one; 0: time moves by `/clock` alone. */
  timeScale?: number;
  /** Port of the control interface, 0 for any free one; without it there is no HTTP. */
  port?: number;
  /** Storage records to run instead of the built image. */
  image?: Uint8Array;
  /** Feeds the firmware's random numbers. */
  seed?: number;
  /** Hears of the wiring, whose twins can be told to go wrong. */
  wired?(wiring: Wiring): void;
  /** ms that the firmware has to deal with an input; 5,000 if it is not given. */
  patience?: number;
  /** Lines of the engine and of the firmware's log. */
  print?(line: string): void;
}

export interface Station {
  /** Of the control interface; null without HTTP. */
  readonly url: string | null;
  readonly buildId: string;
  /** What the user should know of the start. */
  readonly notes: string[];
  /** A POST call. */
  post(path: string, body?: object): Promise<Answer>;
  /** A GET call. */
  get(path: string): Promise<Answer>;
  state(): Promise<StationState>;
  /** The frames after number `since`. */
  frames(since?: number): Frame[];
  /** Hears of each frame. */
  onFrame(listener: (frame: Frame) => void): void;
  /** Hears of each POST call that begins, of whomever. */
  onPost(listener: PostListener): void;
  /** Adds a POST call to the control interface. */
  serve(path: string, call: (body: unknown) => Promise<Answer>): void;
  /** The CSMS has a page, at this address: the station's page leads there. */
  besideCsmsPage(url: string): void;
  /** Simulated time, ms since 1970. */
  now(): number;
  /** Simulated seconds that have begun since the start. */
  ticks(): number;
  /** Most frames of the firmware on the stack at a call of the API; null on the real engine. */
  deepest(): number | null;
  close(): Promise<void>;
}

/** Starts a station; resolves when its control interface answers and, unless it starts without power, its firmware is ready. */
export async function startStation(options: StationOptions = {}): Promise<Station> {
  const { csms, id, password, protocol, evses, fixedCable, ca, engine: kind = "node", flash: path = null } = options;
  const connection = { csms, id, password, protocol, evses, fixedCable, ca };
  const binary = kind === "espruino" ? espruinoBinary(process.env) : "";
  const { board = "sim", set = {}, image = null, reflash = false } = options;
  const flash = await onFile(path, () => prepareFlash({ board, connection, set, image, path, reflash }));
  const hardware = new Hardware(flash.evses, flash.fixedCable, path === null ? null : path + ".hardware.json");
  if (flash.used) hardware.load();

  const listeners: ((frame: Frame) => void)[] = [];
  let server: ControlServer | null = null;
  let page: StationCalls | null = null;
  const frames = new FrameLog(
    () => charger.clock.now(),
    options.log ?? null,
    (frame) => {
      wiring.stirred?.();
      server?.frame(frame);
      for (const listener of listeners) listener(frame);
    },
  );
  const makeEngine: ChargerOptions["makeEngine"] = (refused, listener): Engine => {
    if (kind === "espruino") return new EspruinoEngine(binary, flash.chip, path, listener);
    if (path !== null) replaceFile(path, flash.chip);
    return new NodeEngine(new NorFlash(flash.chip, path), refused, listener);
  };
  const print = options.print ?? (() => undefined);
  const simulated = options.twins ? wiringOf(options.twins, hardware, {}) : undefined;
  const wiring: Wiring = simulated ?? (board === "sim" ? new DirectWiring(hardware, print) : twinWiring(board, hardware));
  options.wired?.(wiring);
  const charger: Charger = await onFile(path, () =>
    Charger.open({
      hardware,
      wiring,
      frames,
      timeScale: options.timeScale ?? 1,
      seed: options.seed ?? Math.floor(Math.random() * 0x1_0000_0000),
      patience: options.patience,
      makeEngine,
      print,
      changed: () => {
        server?.changed(page?.changed());
      },
      asked: () => void page?.changed(),
    }),
  );
  const control = new Control(charger, frames);
  page = new StationCalls(charger, frames, flash.buildId, options.timeScale ?? 1);
  for (const [path, reading] of page.calls) control.readings.set(path, reading);
  try {
    if (options.port !== undefined) server = await ControlServer.open(control, options.port);
    if (options.startOnPower !== false) await charger.setPower(true);
  } catch (error) {
    if (error instanceof NotSeen) flash.notes.push("The firmware has not answered on the link so far.");
    else {
      await server?.close();
      await charger.close();
      throw error;
    }
  }

  return {
    url: server?.url ?? null,
    buildId: flash.buildId,
    notes: flash.notes,
    post: (call, body) => control.call("POST", call, new URLSearchParams(), body),
    get: (call) => {
      const { pathname, searchParams } = new URL(call, "http://127.0.0.1");
      return control.call("GET", pathname, searchParams, undefined);
    },
    state: () => charger.state(),
    frames: (since = 0) => frames.since(since),
    onFrame: (listener) => void listeners.push(listener),
    onPost: (listener) => void control.listeners.push(listener),
    serve: (path, call) => {
      control.further.set(path, call);
      page.recorder = control.further.has("/page/record");
    },
    besideCsmsPage: (address) => void (page.csmsPage = address),
    now: () => charger.clock.now(),
    ticks: () => charger.ticks,
    deepest: () => charger.deepest(),
    close: async () => {
      await server?.close();
      await charger.close();
    },
  };
}

/** Trouble with the flash file is the user's to mend. */
async function onFile<T>(path: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (path !== null && code !== undefined && /^E[A-Z]+$/.test(code)) throw new UsageError(`--flash ${path}: ${message}.`);
    throw error;
  }
}
