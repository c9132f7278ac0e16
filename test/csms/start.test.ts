import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

const ROOT = new URL("../../", import.meta.url);

/** Builds the image when it is not there, so the first run takes its time. */
describe("npm start and npm run demo, with the built image", function () {
  this.timeout(60_000);
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  function start(script: string, ...args: string[]): { output: () => string; ended: Promise<number | null> } {
    const started = spawn(process.execPath, ["--import=tsx", `tools/demo/${script}.ts`, ...args], { cwd: ROOT });
    let output = "";
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (data) => (output += String(data)));
    child ??= started;
    return { output: () => output, ended: once(started, "close").then(([code]) => code as number | null) };
  }

  it("register, charge, stop, with frames that no schema and no rule objects to", async () => {
    const station = start("start", "--port", "0");
    while (!/BootNotification: Accepted/.test(station.output())) {
      assert.equal(child!.exitCode, null, station.output());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [, url] = /control (http:\S+)/.exec(station.output()) ?? [];
    const demo = start("main", "--url", url!, "--minutes", "3");
    assert.equal(await demo.ended, 0, demo.output());
    assert.match(demo.output(), /\ntransaction \S+: 0\.\d{3} kWh, \d+ events, 3 min \d+ s\n$/);
    assert.doesNotMatch(station.output(), /^!!/m);
    child!.kill("SIGTERM");
    assert.equal(await station.ended, 0);
  });
});
