/**
 * A charging station with its car, its power, its network and its CSMS in one thread and without real time: the built image on the Node
 * engine, on a flash whose power can fail in any operation. The same inputs give the same run, so what happens after a power cut can
 * be looked at for thousands of cuts.
 */
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { makeApi, type Api } from "../sim/node-engine/api.ts";
import { engineContext } from "../sim/node-engine/globals.ts";
import { untokenise } from "../image/tokens.ts";
import { withoutHoisting } from "../sim/node-engine/hoisting.ts";
import { REBOOT } from "../sim/node-engine/idle-loop.ts";
import { Random } from "../sim/node-engine/random.ts";
import { readFile } from "../sim/node-engine/storage.ts";
import { Hardware } from "../sim/hardware.ts";
import { RAW_BYTES } from "../sim/flash.ts";
import { CutFlash, Endless } from "./cut-flash.ts";
import { quicken } from "./quick-api.ts";
import { Csms, Peer, type Payload } from "./peer.ts";
import { StillLoop } from "./still-loop.ts";
import { WorldSocket } from "./world-socket.ts";

/** Simulated time at which a world begins, ms since 1970. */
export const DAWN = Date.UTC(2026, 5, 1);
const LINK = 1;
const CHUNK_BYTES = 536;
/** Bytes of Storage that tell images apart. */
const IMAGE_BYTES = 131_072;

/** Compiled texts of flash, shared by all worlds: the same image boots thousands of times. */
const scripts = new Map<string, Script>();

/** @param around what stands around the text, once it is no tokens any more */
function compiled(text: string, around: (text: string) => string = (program) => program): Script {
  let script = scripts.get(text);
  if (!script) {
    script = new Script(withoutHoisting(around(untokenise(text))), { filename: "firmware:eval" });
    scripts.set(text, script);
  }
  return script;
}

/** The firmware's state as it answers `?`. */
export interface FirmwareState {
  online: boolean;
  registration: string | null;
  time: string | null;
  evses: { id: number; status: string; transactionId: string | null }[];
  queue: { events: number; bytes: number };
}

export interface WorldOptions {
  /** Storage and raw area; the world works on this buffer. */
  chip: Buffer;
  evses?: number;
  seed?: number;
  /** Simulated time of the begin, ms since 1970. */
  now?: number;
}

export class World {
  readonly flash: CutFlash;
  readonly hardware: Hardware;
  readonly csms: Csms;
  powered = false;
  networkUp = true;
  /** Boots so far. */
  boots = 0;
  /** Log lines of the firmware. */
  readonly log: string[] = [];
  /** Exceptions that the firmware did not catch, and other things that must not be. */
  readonly faults: string[] = [];
  /** ms since 1970. */
  time: number;
  /** Called when a second begins and when something is done to the hardware. */
  moved: (() => void) | null = null;
  /** Meter readings instead of those of the car: lines of the link. */
  meter: (() => string[]) | null = null;
  private loop: StillLoop | null = null;
  private api: Api | null = null;
  private link: WorldSocket | null = null;
  private remote: WorldSocket | null = null;
  private inputs: string[] = [];
  private stateText = "";
  /** The firmware has asked for a reset: it boots in the next second. */
  private resetting = false;
  private readonly seed: number;
  /** Tells images apart. */
  private readonly image: string;

  constructor(options: WorldOptions) {
    this.flash = new CutFlash(options.chip, () => this.cut());
    this.hardware = new Hardware(options.evses ?? 1, false);
    this.seed = options.seed ?? 1;
    this.image = String(crc32(options.chip.subarray(RAW_BYTES, RAW_BYTES + IMAGE_BYTES)));
    this.time = options.now ?? DAWN;
    this.csms = new Csms({
      now: () => this.time,
      operations: () => this.flash.operations,
      boot: () => this.boots,
    });
  }

  get raw(): Buffer {
    return this.flash.bytes.subarray(0, RAW_BYTES);
  }

  /** The power comes; the firmware boots and learns its inputs. */
  powerOn(): void {
    if (this.powered) return;
    this.powered = true;
    this.boot();
  }

  /** The power goes between two operations. */
  powerOff(): void {
    this.powered = false;
    this.end();
  }

  /** Simulated seconds pass; less when the power fails. */
  tick(seconds = 1): void {
    for (let i = 0; i < seconds; i++) {
      this.time += 1000;
      this.hardware.pass(1);
      this.moved?.();
      if (!this.powered) continue;
      if (this.resetting) {
        this.resetting = false;
        this.boot();
      }
      const lines = this.meter ? this.meter() : this.hardware.evses.flatMap((evse) => evse.meterLines());
      this.give([...lines, "T"]);
    }
  }

  /** Something is done to the hardware, whose lines the firmware hears. */
  act(lines: string[]): void {
    this.moved?.();
    if (this.powered) this.give(lines);
  }

  tap(token: string, type = "ISO14443", evse = 0): void {
    this.act([`K${evse},${type},${token}`]);
  }

  setNetwork(up: boolean): void {
    this.networkUp = up;
    if (!up) this.drop();
  }

  /** The connection breaks. */
  drop(): void {
    this.remote?.finish();
    this.settle();
  }

  /** A CALL of the CSMS; undefined when the station is not connected or does not answer. */
  call(action: string, payload: Payload): Payload | undefined {
    const peer = this.remote?.peer;
    if (!this.powered || !peer?.open) return undefined;
    const id = peer.call(action, payload);
    this.settle();
    const answer = this.csms.results.get(id);
    return answer?.[0] === 3 ? (answer[2] as Payload) : undefined;
  }

  state(): FirmwareState | null {
    if (!this.powered) return null;
    this.stateText = "";
    this.give(["?"]);
    return this.stateText === "" ? null : (JSON.parse(this.stateText) as FirmwareState);
  }

  private boot(): void {
    const code = readFile(this.flash, ".bootcde");
    if (!code) throw new Error("the flash holds no image");
    this.boots++;
    this.csms.registered = false;
    const random = new Random();
    const { context, realm } = engineContext(() => random.fraction());
    const loop: StillLoop = new StillLoop((error) => this.uncaught(error));
    const seed = (this.seed + 0x9e37_79b9 * this.boots) >>> 0;
    const api = makeApi({
      flash: this.flash,
      loop,
      realm,
      random,
      directory: new Map([["link", Buffer.from(`${LINK},2,${seed}`)]]),
      refused: () => true,
      print: (line) => this.log.push(line),
      reboot: () => this.reset(),
      crash: () => undefined,
      measure: () => undefined,
    });
    quicken(api, realm, this.flash, loop, this.image);
    const engineRequire = api.globals.require as (name: string) => unknown;
    const net = { connect: ({ port }: { port: number }) => this.connect(loop, port) };
    Object.assign(context, api.globals, {
      require: (name: string) => (name === "net" ? net : engineRequire(name)),
      eval: (text: string) => {
        if (loop.dead) throw REBOOT;
        return compiled(text).runInContext(context);
      },
      Function: (...texts: string[]) => {
        if (loop.dead) throw REBOOT;
        const body = texts.pop()!;
        return compiled(body, (text) => `(function(${texts.join(",")}){${text}})`).runInContext(context);
      },
    });
    this.loop = loop;
    this.api = api;
    this.flash.reads = 0;
    loop.run(() => compiled(code.toString("latin1")).runInContext(context));
    this.settle();
    this.give(this.hardware.evses.flatMap((evse) => evse.lines()));
  }

  private connect(loop: StillLoop, port: number): WorldSocket {
    if (port === LINK) {
      this.link = new WorldSocket(
        loop,
        (text) => this.said(text),
        () => undefined,
      );
      return this.link;
    }
    if (!this.networkUp) throw new Error("Unable to create socket");
    const socket: WorldSocket = new WorldSocket(
      loop,
      (text) => peer.take(text),
      () => (peer.ended = true),
    );
    const peer = new Peer(
      this.csms,
      (bytes) => {
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES) socket.incoming.push(bytes.slice(at, at + CHUNK_BYTES));
      },
      () => socket.finish(),
    );
    socket.peer = peer;
    if (this.remote) this.remote.gone = true;
    this.remote = socket;
    socket.emit("connect", socket);
    return socket;
  }

  /** The firmware gets lines of the link, one after the other. */
  private give(lines: string[]): void {
    this.inputs.push(...lines);
    while (this.inputs.length > 0 && this.link && this.loop && !this.loop.dead) {
      const line = this.inputs.shift()!;
      this.flash.reads = 0;
      this.link.hears("data", line + "\n");
      this.settle();
    }
    this.inputs = [];
  }

  private settle(): void {
    const { loop } = this;
    if (!loop || loop.dead) return;
    loop.rest(() => {
      const { remote } = this;
      if (!remote) return false;
      if (remote.clsNow && !remote.gone) {
        remote.gone = true;
        if (remote.peer) remote.peer.ended = true;
      }
      if (remote.gone || remote.incoming.length === 0 || !remote.listens("data")) return false;
      this.flash.reads = 0;
      remote.hears("data", remote.incoming.shift()!);
      return true;
    });
  }

  /** Lines of the firmware. */
  private said(text: string): void {
    for (const line of text.split("\n")) {
      const output = /^o(\d)(\d)(\d),(\d+)$/.exec(line);
      if (output) {
        const [, id, contactor, lock, limit] = output.map(Number);
        this.inputs.push(...this.hardware.evses[id - 1].drive(contactor === 1, lock === 1, limit));
      } else if (line.startsWith("s+") || line.startsWith("s.")) this.stateText += line.slice(2);
      else if (line.startsWith("l")) this.log.push(line.slice(1));
    }
  }

  /** The power fails in an operation on the flash. */
  private cut(): never {
    this.powered = false;
    this.end();
    throw REBOOT;
  }

  /** `E.reboot()`. */
  private reset(): void {
    this.end();
    this.resetting = this.powered;
  }

  private end(): void {
    this.loop?.kill();
    this.loop = null;
    this.api = null;
    this.link = null;
    if (this.remote?.peer) this.remote.peer.ended = true;
    this.remote = null;
    this.inputs = [];
    this.hardware.release();
  }

  private uncaught(error: unknown): void {
    const fault = error as { message?: string } | string;
    this.faults.push(typeof fault === "object" ? `${fault.message}` : String(fault));
    if (error instanceof Endless) {
      this.powered = false;
      this.end();
      return;
    }
    this.api?.process.hears("uncaughtException", error);
  }
}
