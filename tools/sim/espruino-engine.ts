/**
 * The real engine: an Espruino binary for Linux in a working directory that holds `espruino.flash` and `link`. Its standard input is a
 * pipe that stays idle, because the engine takes the end of its input for typed characters. It ends by SIGKILL; a second process
 * ends it too when the simulator is killed itself.
 */
import { spawn, type ChildProcess } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError, type Engine, type EngineListener, type LinkPorts } from "./engine.ts";
import { fromEngineFile, STORAGE_BYTES, toEngineFile } from "./flash.ts";

const FLASH = "espruino.flash";
const LINK = "link";
const CUT = "cut";
const PID = "pid";
/** ms between two looks whether the engine has written its flash. */
const COPY_PERIOD = 500;
/** ms in which the engine does what a tick has left for later. */
const IDLE_TIME = 2;
/** What the engine says of itself at its start. */
const BANNER = "espruino: ";
/** Kills the engine when its standard input ends, which is when the simulator ends. */
const WATCHER = 'read -r _; kill -9 "$1" 2>/dev/null';

/** The binary: `ESPRUINO`, or `espruino` on PATH. */
export function espruinoBinary(env: NodeJS.ProcessEnv): string {
  const named = env.ESPRUINO;
  if (named) {
    if (existsSync(named)) return named;
    throw new UsageError(`ESPRUINO names ${named}, which does not exist.`);
  }
  for (const directory of (env.PATH ?? "").split(delimiter)) {
    const path = join(directory, "espruino");
    // npm puts the command line tool of its `espruino` package on PATH, which is no engine.
    if (directory !== "" && !directory.endsWith(join("node_modules", ".bin")) && existsSync(path)) return path;
  }
  throw new UsageError("--engine espruino needs an Espruino binary in ESPRUINO or on PATH, and there is none.");
}

/** The working directory beside a flash file. */
function directoryOf(path: string): string {
  return resolve(path) + ".engine";
}

/** Takes over what a killed simulator left in the engine's directory when it is newer than the flash file. */
export function recover(path: string): void {
  const directory = directoryOf(path);
  endOldEngine(directory);
  const left = join(directory, FLASH);
  if (existsSync(left) && existsSync(path) && statSync(left).mtimeMs > statSync(path).mtimeMs) {
    const bytes = readFileSync(left);
    if (bytes.length === STORAGE_BYTES) replaceFile(path, fromEngineFile(bytes));
  }
  rmSync(directory, { recursive: true, force: true });
}

/** Never half a file, whenever the simulator is killed. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  writeFileSync(path + ".new", bytes);
  renameSync(path + ".new", path);
}

/** Ends an engine that still runs in `directory`. */
function endOldEngine(directory: string): void {
  try {
    const pid = Number(readFileSync(join(directory, PID), "utf8"));
    if (pid > 0 && readlinkSync(`/proc/${pid}/cwd`) === directory) process.kill(pid, "SIGKILL");
  } catch {
    // No such engine.
  }
}

export class EspruinoEngine implements Engine {
  readonly kind = "espruino";
  private readonly directory: string;
  private child: ChildProcess | null = null;
  private watcher: ChildProcess | null = null;
  private readonly copier: NodeJS.Timeout | null;
  private copied = 0;
  private line = "";

  /** `path`: the flash file that is kept, or null. */
  constructor(
    private readonly binary: string,
    chip: Uint8Array,
    private readonly path: string | null,
    private readonly listener: EngineListener,
  ) {
    this.directory = path === null ? mkdtempSync(join(tmpdir(), "station-")) : directoryOf(path);
    rmSync(this.directory, { recursive: true, force: true });
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(join(this.directory, FLASH), toEngineFile(chip));
    this.copier = path === null ? null : setInterval(() => this.copy(), COPY_PERIOD);
    this.copy();
  }

  powerOn({ link, relay, seed }: LinkPorts): Promise<void> {
    rmSync(join(this.directory, CUT), { force: true });
    writeFileSync(join(this.directory, LINK), `${link},${relay},${seed}`);
    const { PATH, HOME, TZ, JSVARS, ESPSTACK } = process.env;
    const child = spawn(this.binary, [], {
      cwd: this.directory,
      env: { PATH, HOME, TZ, JSVARS, ESPSTACK },
      stdio: ["pipe", "pipe", "pipe"],
      // Ctrl-C in the terminal is for the simulator.
      detached: true,
    });
    this.child = child;
    this.line = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("latin1").on("data", (text: string) => this.print(text));
    child.stdin?.on("error", () => undefined);
    return new Promise((resolve, reject) => {
      child.once("error", (error) => reject(new UsageError(`${this.binary} cannot be run: ${error.message}.`)));
      child.once("spawn", () => {
        writeFileSync(join(this.directory, PID), String(child.pid));
        this.watcher = spawn("sh", ["-c", WATCHER, "sh", String(child.pid)], {
          stdio: ["pipe", "ignore", "ignore"],
          detached: true,
        });
        this.watcher.stdin?.on("error", () => undefined);
        this.watcher.on("error", () => undefined);
        resolve();
      });
      child.once("exit", (code, signal) => this.exited(child, code, signal));
    });
  }

  async powerOff(): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.child = null;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
    this.copy();
  }

  chip(): Buffer {
    return fromEngineFile(readFileSync(join(this.directory, FLASH)));
  }

  /** Nothing is known of the inside of the engine; in this time it goes around its idle loop a few times. */
  async settled(): Promise<void> {
    await sleep(IDLE_TIME);
  }

  deepest(): null {
    return null;
  }

  async close(): Promise<void> {
    await this.powerOff();
    if (this.copier) clearInterval(this.copier);
    this.copy();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private exited(child: ChildProcess, code: number | null, signal: string | null): void {
    this.watcher?.kill("SIGKILL");
    this.watcher = null;
    if (child !== this.child) return;
    this.child = null;
    this.copy();
    const cut = existsSync(join(this.directory, CUT));
    if (!cut && code !== 1) this.listener.log(`the engine ended with ${signal ?? `status ${code}`}`);
    this.listener.stopped(cut ? "cut" : "reset");
  }

  /** The flash file follows the engine's. */
  private copy(): void {
    if (this.path === null) return;
    const from = join(this.directory, FLASH);
    const { mtimeMs } = statSync(from);
    if (mtimeMs === this.copied) return;
    this.copied = mtimeMs;
    replaceFile(this.path, this.chip());
    // What the engine writes from now on is newer.
    utimesSync(this.path, mtimeMs / 1000, mtimeMs / 1000);
  }

  /** Console output without its control sequences, line by line. */
  private print(text: string): void {
    const lines = (this.line + text).split(/[\r\n]+/);
    this.line = lines.pop()!;
    for (const line of lines) {
      // The console draws with escape sequences, backspaces, a prompt and filler bytes.
      const clean = line.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x08 ?|\xff/g, "").replace(/^>/, "");
      if (clean !== "" && !clean.startsWith(BANNER)) this.listener.log(clean);
    }
  }
}
