/**
 * A bench for drivers: a small firmware with the drivers of a board, its station a stub that writes down what it is told, on either engine.
 * Pins, serial ports and I2C are lines of a link as on the twins of boards (docs/ARCHITECTURE.md, "The link").
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildBoard, PROJECT_ROOT, type Build } from "../../tools/build/build-board.ts";
import { EspruinoEngine, espruinoBinary } from "../../tools/sim/espruino-engine.ts";
import type { Engine } from "../../tools/sim/engine.ts";
import { blankChip, NorFlash, RAW_BYTES } from "../../tools/sim/flash.ts";
import { NodeEngine } from "../../tools/sim/node-engine/node-engine.ts";

const FIXTURE = path.join(PROJECT_ROOT, "test/build/fixture");

/** Drivers that ask nothing of the station but what the bench has of it. */
const DRIVERS = [
  "modbus.ts",
  "modbus-meter.ts",
  "openevse.ts",
  "openevse-rapi.ts",
  "pn532.ts",
  "pn532-frames.ts",
  "s0.ts",
  "s0-count.ts",
  "sdm120.ts",
  "sdm230.ts",
  "sdm630.ts",
];

/** Files of the bench's firmware; `board.ts` is the test's. */
const FIRMWARE = readFileSync(new URL("firmware.txt", import.meta.url), "utf8");

export type EngineKind = "node" | "espruino";
/** Engines that are there; the Espruino one needs a binary. */
export const ENGINES: readonly EngineKind[] = hasEspruino() ? ["node", "espruino"] : ["node"];

function hasEspruino(): boolean {
  try {
    return espruinoBinary(process.env) !== "";
  } catch {
    return false;
  }
}

/** What is behind the pins: answers lines of the firmware with lines to it. */
export interface Wiring {
  /** A line of the firmware: `w`, `d`, `t`, `y`, `n`. */
  line(line: string): void;
  /** Lines for the firmware that are due before the next poll. */
  due(): string[];
}

/** Builds the firmware of a board. */
export async function benchBuild(board: string): Promise<Build> {
  const root = mkdtempSync(path.join(tmpdir(), "bench-"));
  try {
    for (const room of ["types", "src/kernel", "src/store", "src/drivers"])
      cpSync(path.join(PROJECT_ROOT, room), path.join(root, room), { recursive: true });
    symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(root, "node_modules"));
    cpSync(path.join(PROJECT_ROOT, "tsconfig.json"), path.join(root, "tsconfig.json"));
    keepOnly(path.join(root, "src/kernel"), ["overlay.ts", "clock.ts", "text.ts", "engine"]);
    keepOnly(path.join(root, "src/kernel/engine"), ["pins.ts", "serial.ts", "i2c.ts", "storage.ts", "flash.ts", "slots.ts"]);
    keepOnly(path.join(root, "src/drivers"), DRIVERS);
    keepOnly(path.join(root, "src/store"), ["map.ts", "records.ts", "page.ts"]);
    // No boot file, no slots: the loader of the build's tests.
    cpSync(path.join(FIXTURE, "src/kernel"), path.join(root, "src/kernel"), {
      recursive: true,
      filter: (file) => !/text\.ts$|flash\.ts$/.test(file),
    });
    const copied = (file: string): string => readFileSync(path.join(PROJECT_ROOT, file), "utf8");
    const files: Record<string, string> = {
      "boards/bench/board.ts": board,
      "src/station/evse.ts": copied("src/station/evse.ts"),
    };
    for (const part of FIRMWARE.split(/^=== /m).slice(1)) {
      const end = part.indexOf("\n");
      files[part.slice(0, end)] = part.slice(end + 1);
    }
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    }
    return await buildBoard("bench", root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function keepOnly(directory: string, names: readonly string[]): void {
  for (const name of readdirSync(directory)) if (!names.includes(name)) rmSync(path.join(directory, name));
}

export class Bench {
  /** What the station was told, in words: `meter 0 1500 16000 230000`, `fault 0 Meter 9`, `card …`, `input …`. */
  readonly told: string[] = [];
  /** What the firmware printed or threw. */
  readonly log: string[] = [];
  private socket: Socket | null = null;
  private rest = "";
  private polls = 0;
  private readonly pending: (() => void)[] = [];
  private connected: (() => void) | null = null;

  private constructor(
    private readonly server: Server,
    private readonly engine: Engine,
    readonly wiring: Wiring,
  ) {}

  /** Starts a build on an engine; `wiring` is its hardware. */
  static async start(build: Build, kind: EngineKind, wiring: Wiring, chip: Buffer = chipOf(build)): Promise<Bench> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const listener = {
      log: (line: string) => void bench.log.push(line),
      stopped: (how: string) => void bench.log.push(`stopped: ${how}`),
    };
    const engine =
      kind === "espruino"
        ? new EspruinoEngine(espruinoBinary(process.env), chip, null, listener)
        : new NodeEngine(new NorFlash(Buffer.from(chip)), () => false, listener);
    const bench: Bench = new Bench(server, engine, wiring);
    server.on("connection", (socket) => bench.accept(socket));
    const connected = new Promise<void>((resolve) => (bench.connected = resolve));
    await engine.powerOn({ link: (server.address() as AddressInfo).port, relay: 1, seed: 1 });
    await connected;
    await bench.flush();
    return bench;
  }

  /** The flash as it is now, for another start. */
  chip(): Buffer {
    return this.engine.chip();
  }

  /** `count` polls of 100 ms; each tenth is followed by the second. */
  async poll(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.flush();
      await this.send("B");
      if (++this.polls % 10 === 0) await this.send("T");
      await this.flush();
    }
  }

  async seconds(count: number): Promise<void> {
    await this.poll(count * 10);
  }

  /** Resolves when the firmware has dealt with a line. */
  send(line: string): Promise<void> {
    return new Promise((resolve) => {
      this.pending.push(resolve);
      this.socket!.write(line + "\n");
    });
  }

  /** JsVars in use, garbage collected; 0 in Node. */
  async memory(): Promise<number> {
    await this.send("U");
    const line = this.told.pop()!;
    return Number(line.split(" ")[1]);
  }

  async close(): Promise<void> {
    await this.engine.close();
    this.socket?.destroy();
    this.server.close();
  }

  /** Everything that the hardware has to say. */
  private async flush(): Promise<void> {
    for (let lines = this.wiring.due(); lines.length > 0; lines = this.wiring.due())
      for (const line of lines) await this.send(line);
  }

  private accept(socket: Socket): void {
    this.socket = socket;
    socket.setEncoding("latin1").on("data", (text: string) => {
      const lines = (this.rest + text).split("\n");
      this.rest = lines.pop()!;
      for (const line of lines) this.heard(line);
    });
    socket.on("error", () => undefined);
    this.connected?.();
  }

  private heard(line: string): void {
    if (line === "k") this.pending.shift()?.();
    else if (line[0] === "!") this.told.push(line.slice(1));
    else if (line[0] === "l") this.log.push(line.slice(1));
    else this.wiring.line(line);
  }
}

/** A chip that boots a build, its raw area blank. */
export function chipOf(build: Build): Buffer {
  const chip = blankChip();
  chip.set(build.storage, RAW_BYTES);
  return chip;
}
