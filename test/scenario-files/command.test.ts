/** `npm run scenario`: what it prints, and its exit status. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = new URL("../../", import.meta.url);

describe("npm run scenario", function () {
  this.timeout(90_000);
  let scratch: string;
  before(() => (scratch = mkdtempSync(join(tmpdir(), "scenario-"))));
  after(() => rmSync(scratch, { recursive: true, force: true }));

  async function run(args: string[], env: NodeJS.ProcessEnv = process.env): Promise<[status: number | null, output: string]> {
    const child = spawn(process.execPath, ["--import=tsx", "tools/scenario/main.ts", ...args], { cwd: ROOT, env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
    const [status] = (await once(child, "close")) as [number | null];
    return [status, output];
  }

  const file = (name: string, text: string): string => {
    writeFileSync(join(scratch, name), text);
    return join(scratch, name);
  };

  it("tells each step in words; 0 when all passed; records what happened", async () => {
    const out = join(scratch, "recorded.yaml");
    const plug = file(
      "plug.yaml",
      "title: Plug\nsteps: [{registered: true}, {post: /evse/1/plug}, {advance: 180}, {state: {evses: [{plugged: true}]}}]",
    );
    const [status, output] = await run([plug, "--record", out]);
    assert.equal(
      output,
      [
        "plug.yaml: Plug [node]",
        "  ok     1  the station is accepted by the CSMS",
        "  ok     2  EVSE 1: the cable is plugged in",
        "  ok     3  3 minutes later",
        "  ok     4  state: evses [(plugged true)]",
        "  ok     5  every frame is valid, every transaction in order",
        "  passed",
        "",
      ].join("\n"),
    );
    assert.equal(status, 0);
    assert.match(readFileSync(out, "utf8"), /^title: Plug\nsteps:\n[^]*- post: \/evse\/1\/plug\n {2}- advance: 180\n/);
    assert.equal((await run([out]))[0], 0, "the recording replays");
  });

  it("1 when a step failed", async () => {
    const wrong = file("wrong.yaml", "title: Wrong\nsteps: [{state: {powered: false}}, {registered: true}]");
    assert.deepEqual(await run([wrong]), [
      1,
      "wrong.yaml: Wrong [node]\n  FAIL   1  state: powered false\n            powered is true, not false\n  failed at step 1 of 2\n",
    ]);
  });

  it("2 with a sentence for what is wrong with file or option, before anything runs", async () => {
    const good = file("good.yaml", "title: Good\nsteps: [{settled: true}]");
    const bad = file("bad.yaml", "title: Bad\nsteps: [{settled: yes}]");
    const nowhere = { ...process.env, ESPRUINO: "", PATH: "/nowhere" };
    const cases: [args: string[], output: RegExp, env?: NodeJS.ProcessEnv][] = [
      [[good, bad], /^bad\.yaml: step 1: "settled" is to be true\n$/],
      [[join(scratch, "none.yaml")], /none\.yaml: the file cannot be read\n$/],
      [[], /^a scenario file is missing; .*\n$/],
      [[good, "--engine", "v8"], /^--engine v8: it is node or espruino\n$/],
      [[good, "--record", join(scratch, "no", "x.yaml")], /^--record .*: the file cannot be written\n$/],
      [[good, "--record"], /^Option '--record <value>' argument missing; --help lists the options\n$/],
      [[good, "--engine", "espruino"], /espruino[^\n]*\n$/i, nowhere],
    ];
    for (const [args, output, env] of cases) {
      const [status, said] = await run(args, env);
      assert.match(said, output);
      assert.equal(said.trim().split("\n").length - (env ? 1 : 0), 1, said);
      assert.equal(status, 2, said);
    }
  });
});
