import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { readOptions as csmsOptions } from "../../tools/csms/options.ts";
import { readOptions as demoOptions } from "../../tools/demo/options.ts";
import { FakeSimulator } from "./fake-simulator.ts";
import { FakeStation } from "./fake-station.ts";

const ROOT = new URL("../../", import.meta.url);

/** The commands as people start them. */
describe("npm run csms and npm run demo", function () {
  this.timeout(20_000);
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  function start(script: string, ...args: string[]): { output: () => string; ended: Promise<number | null> } {
    const started = spawn(process.execPath, ["--import=tsx", `tools/${script}/main.ts`, ...args], { cwd: ROOT });
    child = started;
    let output = "";
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (data) => (output += String(data)));
    return { output: () => output, ended: once(started, "close").then(([code]) => code as number | null) };
  }

  async function outcome(script: string, ...args: string[]): Promise<[number | null, string]> {
    const { output, ended } = start(script, ...args);
    return [await ended, output()];
  }

  async function seen(output: () => string, pattern: RegExp): Promise<RegExpExecArray> {
    for (let round = 0; round < 500; round++) {
      const match = pattern.exec(output());
      if (match) return match;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`not seen: ${pattern} in ${output()}`);
  }

  it("answer what is wrong with a sentence and status 2", async () => {
    assert.deepEqual(await outcome("csms", "--port", "70000"), [2, "--port 70000: a port is a number from 0 to 65535\n"]);
    const [status, output] = await outcome("demo", "--url", "http://127.0.0.1:1");
    assert.match(output, /^no simulator answers at http:\/\/127.0.0.1:1; .*\n$/);
    assert.equal(status, 2);
  });

  const wrong: [command: (args: string[]) => unknown, args: string[], sentence: string][] = [
    [csmsOptions, ["--prot", "1"], "Unknown option '--prot'; --help lists the options"],
    [csmsOptions, ["--port"], "Option '--port <value>' argument missing; --help lists the options"],
    [csmsOptions, ["--port", "9x"], "--port 9x: a port is a number from 0 to 65535"],
    [csmsOptions, ["now"], "Unexpected argument 'now'; --help lists the options"],
    [csmsOptions, ["--protocol", "ocpp3"], "--protocol ocpp3: known are ocpp2.0.1, ocpp1.6 and auto"],
    [demoOptions, ["--speed"], "Unknown option '--speed'; --help lists the options"],
    [demoOptions, ["--url", "ftp://x"], "--url ftp://x: an address like http://127.0.0.1:8080 is wanted"],
    [demoOptions, ["--minutes", "0"], "--minutes 0: a number from 1 to 9999 is wanted"],
  ];
  for (const [command, args, sentence] of wrong) {
    it(`refuse ${args.join(" ")}`, () => assert.throws(() => command(args), { message: sentence }));
  }

  it("take their options", () => {
    assert.deepEqual(csmsOptions([]), {
      port: 9000,
      host: "127.0.0.1",
      protocols: ["ocpp2.0.1", "ocpp1.6"],
      tls: false,
      json: false,
    });
    const given = csmsOptions([
      "--port",
      "0",
      "--protocol",
      "ocpp1.6",
      "--password",
      "p",
      "--tls",
      "--json",
      "--host",
      "0.0.0.0",
    ]);
    assert.deepEqual(given, { port: 0, host: "0.0.0.0", protocols: ["ocpp1.6"], password: "p", tls: true, json: true });
    assert.deepEqual(demoOptions(["--url", "http://127.0.0.1:1/"]), { url: "http://127.0.0.1:1", minutes: 10 });
    assert.equal(csmsOptions(["--help"]), null);
  });

  it("csms says that its port is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const [status, output] = await outcome("csms", "--port", String(port));
    server.close();
    assert.equal(output, `port ${port} is in use; choose another one with --port\n`);
    assert.equal(status, 2);
  });

  it("csms tells frames in words, obeys its prompt and ends on SIGTERM", async () => {
    const { output, ended } = start("csms", "--port", "0", "--password", "sixteen-letters!");
    const [, url] = await seen(output, /csms (ws:\S+) /);
    const station = await FakeStation.connect(url!, "CS001", { password: "sixteen-letters!" });
    station.answers.Reset = () => ({ status: "Accepted" });
    child!.stdin!.write("reset Immediate\nnonsense\n");
    await seen(output, /CS001 <- Reset Immediate\n.*CS001 -> Reset: Accepted\n/);
    await seen(output, /unknown command "nonsense"; help lists the commands\n/);
    child!.kill("SIGTERM");
    assert.equal(await ended, 0);
  });

  it("csms tells frames as JSON lines and goes on when its input ends", async () => {
    const { output } = start("csms", "--port", "0", "--json");
    const [, url] = await seen(output, /"text":"(ws:\S+) /);
    child!.stdin!.end();
    const station = await FakeStation.connect(url!, "CS001");
    await station.call("Heartbeat", {});
    await seen(output, /Heartbeat[^\n]*\n[^\n]*currentTime[^\n]*\n/);
    station.end();
    const lines = output().trimEnd().split("\n");
    assert.ok(lines.every((line) => typeof JSON.parse(line) === "object"));
  });

  it("demo ends with 0 after its summary and with 1 after a failure", async () => {
    const simulator = await FakeSimulator.start();
    const [status, output] = await outcome("demo", "--url", simulator.url, "--minutes", "2");
    assert.match(output, /\ntransaction T1: 0.120 kWh, 4 events, 2 min 0 s\n$/);
    assert.equal(status, 0);
    simulator.refused = "/tap";
    const [failed, sentence] = await outcome("demo", "--url", simulator.url);
    assert.match(sentence, /\nPOST \/tap was refused with 409: not now\n$/);
    assert.equal(failed, 1);
    await simulator.close();
  });
});
