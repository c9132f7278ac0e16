/**
 * The commands as their users meet them: each mistake ends with status 2 and one line that names it, and never with a stack trace; SIGTERM
 * ends with status 0; what a flash file keeps between runs.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StationState } from "../../tools/sim/sim.ts";
import { builtImage } from "../../tools/sim/image.ts";
import { BOARD, hasEspruino } from "./harness.ts";
import { FULL } from "./transport-bench.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COMMANDS = {
  sim: "tools/sim/main.ts",
  start: "tools/demo/start.ts",
  demo: "tools/demo/main.ts",
  csms: "tools/csms/main.ts",
  build: "tools/build/main.ts",
};
type Command = keyof typeof COMMANDS;

/** Nobody listens there. */
const NOWHERE = "ws://127.0.0.1:1";
const PARALLEL = 3;

const directory = mkdtempSync(join(tmpdir(), "cli-"));
const children = new Set<ChildProcess>();

class Run {
  out = "";
  err = "";
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(command: Command, args: string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, ["--import=tsx", COMMANDS[command], ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
    });
    this.child = child;
    children.add(child);
    child.stdout.on("data", (data) => (this.out += String(data)));
    child.stderr.on("data", (data) => (this.err += String(data)));
    this.ended = new Promise((resolve) =>
      child.once("close", (status) => {
        children.delete(child);
        resolve(status);
      }),
    );
  }

  /** The first group of `pattern` in the output so far, as soon as it is there. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.out);
      if (match) return match[1] ?? match[0];
      assert.equal(this.child.exitCode, null, this.out + this.err);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Status after SIGTERM, and ms that it took. */
  async terminated(): Promise<{ status: number | null; ms: number }> {
    const begin = performance.now();
    this.child.kill("SIGTERM");
    return { status: await this.ended, ms: performance.now() - begin };
  }
}

async function post(url: string, body: object = {}): Promise<void> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  assert.equal(response.status, 200, await response.text());
}

async function stateOf(url: string): Promise<StationState> {
  return (await (await fetch(`${url}/state`)).json()) as StationState;
}

/** In a short run only these; the others are tried without a process in test/sim/cli.test.ts. */
const SAMPLE =
  /^sim: (unknown option|bad number|port in use|wrong scheme|wss without|missing --ca|unknown variable|value above|flash file of|log that cannot|no engine)|^(start: no option|build|csms: (unknown option|port in use)|demo: (no simulator$|unknown option))/;

interface Mistake {
  title: string;
  command: Command;
  args: string[];
  env?: NodeJS.ProcessEnv;
  line: RegExp;
}

describe("commands: mistakes", () => {
  let taken: Server;
  let port = 0;
  const mistakes: Mistake[] = [];

  before(async function () {
    this.timeout(60_000);
    await builtImage();
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    port = (taken.address() as AddressInfo).port;
    const short = join(directory, "short.bin");
    writeFileSync(short, "x");
    const noPem = join(directory, "none.pem");
    writeFileSync(noPem, "no certificate");
    const sim = (title: string, line: RegExp, ...args: string[]): void =>
      void mistakes.push({ title, command: "sim", args, line });
    sim("unknown option", /--speed/, "--speed", "1");
    sim("unknown argument", /argument/, "--csms", NOWHERE, "extra");
    sim("bad number", /--evses/, "--evses", "two");
    sim("number out of range", /--evses/, "--evses", "9");
    sim("no such port", /--port/, "--port", "70000");
    sim("bad scale", /--time-scale/, "--time-scale", "-1");
    sim("port in use", new RegExp(`--port ${port}`), "--csms", NOWHERE, "--port", String(port));
    sim("wrong scheme", /--csms/, "--csms", "http://127.0.0.1:9000");
    sim("no URL", /--csms/, "--csms", "127.0.0.1:9000");
    sim("wss without --ca", /--ca/, "--csms", "wss://127.0.0.1:1");
    sim("missing --ca file", /--ca .*nothing\.pem/, "--csms", "wss://127.0.0.1:1", "--ca", join(directory, "nothing.pem"));
    sim("--ca file without a certificate", /--ca .*none\.pem/, "--csms", "wss://127.0.0.1:1", "--ca", noPem);
    sim("unknown variable", /--set .*NoSuch\.Thing/, "--csms", NOWHERE, "--set", "NoSuch.Thing=1");
    sim("value below the range", /--set .*HeartbeatInterval/, "--csms", NOWHERE, "--set", "OCPPCommCtrlr.HeartbeatInterval=0");
    sim(
      "value above the range",
      /--set .*OfflineThreshold/,
      "--csms",
      NOWHERE,
      "--set",
      "OCPPCommCtrlr.OfflineThreshold=99999999",
    );
    sim("value of another type", /--set .*StopTxOnInvalidId/, "--csms", NOWHERE, "--set", "TxCtrlr.StopTxOnInvalidId=maybe");
    sim("no assignment", /--set/, "--csms", NOWHERE, "--set", "OCPPCommCtrlr.HeartbeatInterval");
    sim("flash file of a wrong size", /--flash .*short\.bin/, "--csms", NOWHERE, "--flash", short);
    sim("flash file in no directory", /--flash/, "--csms", NOWHERE, "--flash", join(directory, "no", "flash.bin"));
    sim("--reflash without --flash", /--flash/, "--csms", NOWHERE, "--reflash");
    sim("log that cannot be written", /--log/, "--csms", NOWHERE, "--log", join(directory, "no", "frames.jsonl"));
    sim("log that is a directory", /--log/, "--csms", NOWHERE, "--log", directory);
    sim("unknown engine", /--engine/, "--engine", "v8");
    const espruino = ["--csms", NOWHERE, "--engine", "espruino"];
    mistakes.push(
      {
        title: "engine that does not exist",
        command: "sim",
        args: espruino,
        env: { ESPRUINO: "/none/espruino" },
        line: /ESPRUINO/,
      },
      {
        title: "no engine at all",
        command: "sim",
        args: espruino,
        env: { ESPRUINO: "", PATH: "/none" },
        line: /--engine espruino|ESPRUINO/,
      },
      { title: "no option of npm start", command: "start", args: ["--nonsense"], line: /--nonsense/ },
      {
        title: "port in use",
        command: "start",
        args: ["--csms", NOWHERE, "--port", String(port)],
        line: new RegExp(`--port ${port}`),
      },
      { title: "unknown board", command: "build", args: ["--board", "toaster"], line: /toaster.*sim/ },
      { title: "unknown option", command: "build", args: ["--bord", "sim"], line: /--bord/ },
      { title: "unknown option", command: "csms", args: ["--speed", "1"], line: /--speed/ },
      { title: "bad number", command: "csms", args: ["--port", "many"], line: /--port/ },
      { title: "unknown protocol", command: "csms", args: ["--protocol", "ocpp1.5"], line: /--protocol/ },
      { title: "port in use", command: "csms", args: ["--port", String(port)], line: new RegExp(`${port}`) },
      { title: "no simulator", command: "demo", args: ["--url", "http://127.0.0.1:1"], line: /127\.0\.0\.1:1/ },
      {
        title: "no simulator, but something else",
        command: "demo",
        args: ["--url", `http://127.0.0.1:${port}`],
        line: new RegExp(`${port}`),
      },
      { title: "no URL", command: "demo", args: ["--url", "nowhere"], line: /--url/ },
      { title: "bad number", command: "demo", args: ["--minutes", "0"], line: /--minutes/ },
      { title: "unknown option", command: "demo", args: ["--fast"], line: /--fast/ },
    );
    taken.on("connection", (socket) => socket.on("error", () => undefined).end("SSH-2.0\r\n"));
  });

  after(() => {
    taken.close();
    for (const child of children) child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  it("end with status 2 and one line on stderr that names them", async function () {
    this.timeout(180_000);
    const faults: string[] = [];
    const judge = async ({ title, command, args, env, line }: Mistake): Promise<void> => {
      const run = new Run(command, args, env);
      const late = new Promise<"late">((resolve) => setTimeout(resolve, 60_000, "late").unref());
      const status = await Promise.race([run.ended, late]);
      const fault = (what: string): void => void faults.push(`${command}: ${title} (${args.join(" ")}): ${what}`);
      if (status !== 2) fault(`status ${status}`);
      const lines = run.err.split("\n").filter((text) => text !== "");
      if (lines.length !== 1) fault(`${lines.length} lines: ${run.err}`);
      if (!line.test(run.err)) fault(`does not name it: ${run.err}`);
      if (/^\s+at |node:internal|Error:/m.test(run.err)) fault(`a stack trace: ${run.err}`);
      if (run.out !== "") fault(`says on stdout: ${run.out}`);
    };
    const tried = mistakes.filter(({ command, title }) => FULL || SAMPLE.test(`${command}: ${title}`));
    const waiting = [...tried];
    await Promise.all(
      Array.from({ length: PARALLEL }, async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await judge(next);
      }),
    );
    console.log(`      ${tried.length} of ${mistakes.length} mistakes`);
    assert.deepEqual(faults, []);
  });
});

describe("commands: their end, and what is kept", () => {
  afterEach(() => {
    for (const child of children) child.kill("SIGKILL");
  });

  for (const engine of ["node", "espruino"] as const) {
    const missing = engine === "espruino" && !hasEspruino() ? ": no binary in ESPRUINO or on PATH" : "";
    it(`npm run sim: SIGTERM ends it within 2 s with status 0 [${engine}${missing}]`, async function () {
      if (missing) this.skip();
      this.timeout(60_000);
      const run = new Run("sim", ["--board", BOARD, "--port", "0", "--engine", engine]);
      const url = await run.says(/^control (http:\/\/127\.0\.0\.1:\d+)$/m);
      assert.match(run.out, /^csms ws:\/\/127\.0\.0\.1:\d+$/m);
      for (let n = 0; n < 200 && (await stateOf(url)).registration !== "Accepted"; n++)
        await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal((await stateOf(url)).registration, "Accepted");
      const { status, ms } = await run.terminated();
      assert.equal(status, 0, run.err);
      assert.ok(ms < 2000, `${ms} ms`);
    });

    it(`npm run sim: SIGTERM in a charge, without network and with a silent CSMS [${engine}${missing}]`, async function () {
      if (missing) this.skip();
      this.timeout(60_000);
      const silent = createServer((socket) => void socket.on("error", () => undefined));
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const { port } = silent.address() as AddressInfo;
      const run = new Run("sim", ["--board", BOARD, "--port", "0", "--engine", engine, "--csms", `ws://127.0.0.1:${port}`]);
      const url = await run.says(/^control (http:\S+)$/m);
      await post(`${url}/clock`, { advance: 3 });
      const events = await fetch(`${url}/events`);
      const { status, ms } = await run.terminated();
      await events.body?.cancel().catch(() => undefined);
      silent.close();
      assert.equal(status, 0, run.err);
      assert.ok(ms < 2000, `${ms} ms`);
    });
  }

  it("npm run csms: SIGTERM ends it with status 0", async function () {
    this.timeout(20_000);
    const run = new Run("csms", ["--port", "0"]);
    await run.says(/ws:\/\/127\.0\.0\.1:\d+/);
    const { status, ms } = await run.terminated();
    assert.equal(status, 0, run.err);
    assert.ok(ms < 2000, `${ms} ms`);
  });

  it("--flash is kept over runs, --set is ignored with one line on a used one, --reflash keeps the raw area", async function () {
    this.timeout(120_000);
    const flash = join(mkdtempSync(join(tmpdir(), "cli-flash-")), "flash.bin");
    const options = ["--csms", NOWHERE, "--port", "0", "--flash", flash, "--set", "AuthCtrlr.OfflineTxForUnknownIdEnabled=true"];
    const first = new Run("sim", options);
    const url = await first.says(/^control (http:\S+)$/m);
    assert.doesNotMatch(first.out, /--set/);
    const build = await first.says(/^build ([0-9a-f]{6})$/m);
    await post(`${url}/evse/1/plug`);
    await post(`${url}/clock`, { advance: 2 });
    assert.equal((await first.terminated()).status, 0);
    const raw = (): Buffer => readFileSync(flash).subarray(0, 65_536);
    const kept = raw();
    assert.ok(
      kept.some((byte) => byte !== 0xff),
      "the firmware has written",
    );

    const second = new Run("sim", options);
    const again = await second.says(/^control (http:\S+)$/m);
    assert.equal(second.out.split("\n").filter((line) => line.includes("--set is ignored")).length, 1, second.out);
    assert.equal(await second.says(/^build ([0-9a-f]{6})$/m), build);
    const state = await stateOf(again);
    assert.equal(state.evses[0].plugged, true, "cable and car are as they were");
    assert.equal((await second.terminated()).status, 0);
    assert.notDeepEqual(raw(), kept, "another boot is counted");

    // The station's storage is lost, its raw area is not.
    const chip = readFileSync(flash);
    chip.fill(0xff, 65_536 + 4096);
    writeFileSync(flash, chip);
    const before = raw();
    const third = new Run("sim", ["--csms", NOWHERE, "--port", "0", "--flash", flash, "--reflash", "--start-on-power", "false"]);
    await third.says(/^control (http:\S+)$/m);
    assert.deepEqual(raw(), before);
    assert.equal((await third.terminated()).status, 0);
    assert.ok(existsSync(flash));
  });
});
