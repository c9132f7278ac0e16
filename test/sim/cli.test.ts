/** Command line of the simulator: each mistake is one sentence that names it, status 2; signals end it with status 0. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { makeCertificate } from "../../tools/csms/certificate.ts";
import { parseOptions } from "../../tools/sim/options.ts";
import { flashFile, MAIN, startCommand } from "./command-line.ts";
import { closeAll, closing, temporaryDirectory, testStation } from "./fixture.ts";

const CSMS = ["--csms", "ws://127.0.0.1:1"];

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
    const { run, exited, kill, controlled } = startCommand([
      ...CSMS,
      "--port",
      "0",
      "--flash",
      path,
      "--set",
      "A.B=1",
      "--log",
      log,
    ]);
    const url = await controlled();
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

  it("loses nothing when it is killed", async function () {
    this.timeout(10_000);
    const path = flashFile();
    const { exited, kill, controlled } = startCommand([...CSMS, "--port", "0", "--flash", path]);
    const url = await controlled();
    await fetch(url + "/evse/1/plug", { method: "POST" });
    await fetch(url + "/tap", { method: "POST", body: '{"idToken":"AA"}' });
    kill("SIGKILL");
    await exited;
    assert.deepEqual([...readFileSync(path).subarray(0, 5)], [0, 1, 2, 3, 0xff]);
    const station = await testStation({ flash: path });
    const { evses, queue } = await station.state();
    assert.deepEqual([evses[0].plugged, queue.events], [true, 1]);
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
      startCommand(["--nonsense"]),
      startCommand([...CSMS, "--flash", flashFile(), "--port", String(port)]),
      startCommand([...CSMS, "--engine", "espruino"], { ESPRUINO: "/none/espruino" }),
      startCommand([...CSMS, "--flash", short]),
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
