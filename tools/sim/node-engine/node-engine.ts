/**
 * The engine imitated in Node: boots `.bootcde` of the flash in a context of its own and gives it the engine's API. The program is in
 * this process; `powerOff` and `E.reboot()` cut it off from everything it could still have an effect on.
 */
import { Script, type Context } from "node:vm";
import type { Engine, EngineListener, LinkPorts, Stopped } from "../engine.ts";
import { UsageError } from "../engine.ts";
import type { NorFlash } from "../flash.ts";
import { makeApi, type Api } from "./api.ts";
import { engineContext } from "./globals.ts";
import { untokenise } from "../../image/tokens.ts";
import { withoutHoisting } from "./hoisting.ts";
import { IdleLoop, REBOOT } from "./idle-loop.ts";
import { Random } from "./random.ts";
import { readFile } from "./storage.ts";

/** File names of firmware code in stack traces. */
const FIRMWARE = "firmware:";
/** Frames that a stack trace can have at most here. */
const DEEP = 200;

interface Program {
  loop: IdleLoop;
  api: Api;
}

export class NodeEngine implements Engine {
  readonly kind = "node";
  private program: Program | null = null;
  private frames = 0;
  private hearing = false;
  /** Evaluated texts of flash: a function is loaded many times. */
  private readonly scripts = new Map<string, Script>();
  private readonly directory = new Map<string, Buffer>();

  /** `refused`: nothing listens at that port of this host. */
  constructor(
    readonly flash: NorFlash,
    private readonly refused: (port: number) => boolean,
    private readonly listener: EngineListener,
  ) {}

  powerOn({ link, relay, seed }: LinkPorts): Promise<void> {
    const code = readFile(this.flash, ".bootcde");
    if (!code) return Promise.reject(new UsageError("The flash holds no `.bootcde`, so there is nothing to run."));
    this.directory.clear();
    this.directory.set("link", Buffer.from(`${link},${relay},${seed}`));
    const random = new Random();
    const { context, realm } = engineContext(() => random.fraction());
    const loop: IdleLoop = new IdleLoop((error) => this.uncaught(error));
    const api = makeApi({
      flash: this.flash,
      loop,
      realm,
      random,
      directory: this.directory,
      refused: this.refused,
      print: (line) => this.listener.log(line),
      reboot: () => this.rebooted(),
      crash: () => {
        this.listener.log(
          "connect, write or end in a data event, then a TLS socket in the same turn: Espruino ends with SIGSEGV here",
        );
        this.rebooted();
      },
      measure: () => this.measure(),
    });
    Object.assign(context, api.globals, {
      eval: (text: string) => this.evaluate(text, context),
      Function: (...texts: string[]) => this.functionOf(texts.slice(0, -1), texts[texts.length - 1], context),
    });
    this.program = { loop, api };
    loop.run(() =>
      new Script(withoutHoisting(code.toString("latin1")), { filename: FIRMWARE + ".bootcde" }).runInContext(context),
    );
    return Promise.resolve();
  }

  powerOff(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  chip(): Buffer {
    return Buffer.from(this.flash.bytes);
  }

  settled(): Promise<void> {
    return this.program?.loop.settled() ?? Promise.resolve();
  }

  deepest(): number {
    return this.frames;
  }

  close(): Promise<void> {
    this.end();
    this.flash.close();
    return Promise.resolve();
  }

  private end(): void {
    this.program?.loop.kill();
    this.program?.api.destroy();
    this.program = null;
  }

  /** `E.reboot()`; the file `cut` says that the power failed. */
  private rebooted(): void {
    const how: Stopped = this.directory.has("cut") ? "cut" : "reset";
    this.end();
    setImmediate(() => this.listener.stopped(how));
  }

  /** As the engine's `Function`. */
  private functionOf(parameters: readonly string[], body: string, context: Context): unknown {
    if (this.program === null || this.program.loop.dead) throw REBOOT;
    let script = this.scripts.get(body);
    if (!script) {
      const text = `(function(${parameters.join(",")}){${untokenise(body)}})`;
      script = new Script(withoutHoisting(text), { filename: FIRMWARE + "operation" });
      this.scripts.set(body, script);
    }
    return script.runInContext(context);
  }

  /** As the engine's `eval` in the global scope. */
  private evaluate(text: string, context: Context): unknown {
    if (this.program === null || this.program.loop.dead) throw REBOOT;
    let script = this.scripts.get(text);
    if (!script) {
      script = new Script(withoutHoisting(text), { filename: FIRMWARE + "kernel" });
      this.scripts.set(text, script);
    }
    return script.runInContext(context);
  }

  private uncaught(error: unknown): void {
    // What the listener itself throws goes to the console.
    const heard = !this.hearing && this.program?.api.process.listens("uncaughtException");
    if (!heard) return this.listener.log(`Uncaught ${describe(error)}`);
    this.hearing = true;
    this.program?.api.process.hears("uncaughtException", error);
    this.hearing = false;
  }

  /** The engine counts C stack; here the frames of the firmware stand for it. */
  private measure(): void {
    const { stackTraceLimit, prepareStackTrace } = Error;
    Error.stackTraceLimit = DEEP;
    Error.prepareStackTrace = (_error, sites) => sites.filter((site) => site.getFileName()?.startsWith(FIRMWARE)).length;
    const trace: { stack?: unknown } = {};
    Error.captureStackTrace(trace);
    this.frames = Math.max(this.frames, Number(trace.stack));
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/** An exception with the place in the firmware where it was thrown. */
function describe(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { stack } = error as { stack?: string };
  const place = stack?.split("\n").find((line) => line.includes(FIRMWARE));
  return String(error) + (place ? ` ${place.trim()}` : "");
}
