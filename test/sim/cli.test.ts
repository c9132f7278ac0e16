/** Command line of the simulator: each mistake is one sentence that names it, status 2; signals end it with status 0. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeCertificate } from "../../tools/csms/certificate.ts";
import { blankChip, RAW_BYTES } from "../../tools/sim/flash.ts";
import { parseOptions } from "../../tools/sim/options.ts";
import { closeAll, closing, image, temporaryDirectory, until } from "./fixture.ts";

const MAIN = fileURLToPath(new URL("../../tools/sim/main.ts", import.meta.url));
const CSMS = ["--csms", "ws://127.0.0.1:1"];

interface Run {
  status: number | null;
  out: string;
  err: string;
}

interface Running {
  run: Run;
  exited: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

function start(args: string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, ["--import=tsx", MAIN, ...args], { env: { ...process.env, ...env } });
  const run: Run = { status: null, out: "", err: "" };
  child.stdout.on("data", (data: Buffer) => (run.out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (run.err += data.toString()));
  const exited = new Promise<void>((resolve) => child.once("close", (status) => ((run.status = status), resolve())));
  closing({ close: () => void child.kill("SIGKILL") });
  return { run, exited, kill: (signal) => child.kill(signal) };
}

/** A flash file with the test firmware, so that no image has to be built. */
function flashFile(): string {
  const path = join(temporaryDirectory(), "flash.bin");
  const chip = blankChip();
  chip.set(image(), RAW_BYTES);
  writeFileSync(path, chip);
  return path;
}

describe("simulator options", () => {
  afterEach(closeAll);

  it("takes all that there are", async () => {
    const ca = join(temporaryDirectory(), "root.pem");
    const { ca: pem } = await makeCertificate();
    writeFileSync(ca, pem);
    const line = `--csms wss://csms.example/ocpp --id CS-7 --password secret1234567890 --protocol ocpp2.0.1 --evses 2 --cable fixed --port 0 --flash f
      --reflash --engine espruino --set A.B=1=2 --set Name= --ca ${ca} --start-on-power false --log l --time-scale 2.5`;
    const { ca: der, ...options } = parseOptions(line.split(/\s+/));
    assert.deepEqual(options, {
      csms: "wss://csms.example/ocpp",
      id: "CS-7",
      password: "secret1234567890",
      protocol: "ocpp2.0.1",
      evses: 2,
      fixedCable: true,
      port: 0,
      flash: "f",
      reflash: true,
      engine: "espruino",
      set: { "A.B": "1=2", Name: "" },
      startOnPower: false,
      log: "l",
      timeScale: 2.5,
    });
    assert.ok(pem.replace(/\s/g, "").includes(der!));
  });

  it("says in one sentence what is wrong, with the option's name", () => {
    const bad: [string[], RegExp][] = [
      [["--speed", "1"], /--speed/],
      [["extra"], /too many arguments|extra/],
      [["--evses", "0"], /--evses.*1 to 8/],
      [["--evses", "1.5"], /--evses/],
      [["--port", "70000"], /--port/],
      [["--time-scale", "0"], /--time-scale/],
      [["--time-scale", "fast"], /--time-scale/],
      [["--protocol", "ocpp1.5"], /--protocol.*ocpp1\.6/],
      [["--cable", "long"], /--cable/],
      [["--engine", "v8"], /--engine/],
      [["--start-on-power", "yes"], /--start-on-power/],
      [["--csms", "http://x"], /--csms.*ws:\/\//],
      [["--csms", "nowhere"], /--csms/],
      [["--csms", "ws://a:b@x"], /--csms/],
      [["--csms", "wss://x"], /--ca/],
      [["--id", "a/b"], /--id/],
      [["--set", "X"], /--set/],
      [["--ca", "/none"], /--ca/],
      [["--ca", MAIN], /--ca/],
      [["--reflash"], /--flash/],
      [["--port"], /--port/],
    ];
    for (const [args, message] of bad) {
      assert.throws(() => parseOptions(args), message, args.join(" "));
      try {
        parseOptions(args);
      } catch (error) {
        assert.equal((error as Error).message.trim().split("\n").length, 1, args.join(" "));
      }
    }
  });
});

describe("npm run sim", () => {
  afterEach(closeAll);

  it("prints build and control address, and ends with status 0 within 2 s of SIGTERM", async function () {
    this.timeout(10_000);
    const path = flashFile();
    const log = join(temporaryDirectory(), "frames");
    const { run, exited, kill } = start([...CSMS, "--port", "0", "--flash", path, "--set", "A.B=1", "--log", log]);
    await until(() => run.out.includes("control "), "started", 8000);
    const [, url] = /^control (http:\/\/127\.0\.0\.1:\d+)$/m.exec(run.out)!;
    assert.match(run.out, /^--set is ignored.*$/m);
    assert.match(run.out, /^build/m);
    assert.equal((await fetch(url + "/tap", { method: "POST", body: '{"idToken":"AA"}' })).status, 200);
    const start_ = performance.now();
    kill("SIGTERM");
    await exited;
    assert.equal(run.status, 0);
    assert.ok(performance.now() - start_ < 2000);
    assert.deepEqual([...readFileSync(path).subarray(0, 4)], [0, 1, 2, 3]);
    assert.equal(readFileSync(log, "utf8"), "");
  });

  it("ends with status 2 and one line for an option, a port in use, a missing engine and a bad file", async function () {
    this.timeout(15_000);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing({ close: () => void server.close() });
    const { port } = server.address() as AddressInfo;
    const short = join(temporaryDirectory(), "short.bin");
    writeFileSync(short, "x");
    const runs = [
      start(["--nonsense"]),
      start([...CSMS, "--flash", flashFile(), "--port", String(port)]),
      start([...CSMS, "--engine", "espruino"], { ESPRUINO: "/none/espruino" }),
      start([...CSMS, "--flash", short]),
    ];
    const expected = [/--nonsense/, new RegExp(`--port ${port}`), /ESPRUINO/, /short\.bin/];
    for (const [i, { run, exited }] of runs.entries()) {
      await exited;
      assert.equal(run.status, 2, run.err);
      assert.match(run.err, expected[i]);
      assert.equal(run.err.trim().split("\n").length, 1, run.err);
      assert.equal(run.out, "");
    }
  });
});
