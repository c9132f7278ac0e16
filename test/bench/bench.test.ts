/** The benchmark: its table has every row with or without an engine, its figures are numbers, what was written by hand stays. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PEERS } from "../../tools/bench/peers.ts";
import { plot } from "../../tools/bench/plot.ts";
import { document, MARKER, quantity, table } from "../../tools/bench/print.ts";
import { withSamples } from "../../tools/bench/probe.ts";
import { rowsOf, type Figures, type Row } from "../../tools/bench/rows.ts";
import { PROJECT_ROOT } from "../../tools/build/boards.ts";

const WHY = "there is no Espruino binary in ESPRUINO or on PATH";

const ram = { noEngine: null, empty: 19, link: 100, idle: 400, peak: 700, sampled: false, stack: 12_000, depth: 8 };
const time = { requestBytes: 100, answerBytes: 50, ms: 20, cpuMs: 10, ownPart: 0.4, parseMs: 0.02 };
const FIGURES: Figures = {
  flash: 40_000,
  ram,
  models: [{ name: "cloudy solar", plain: 5, packed: 4 }],
  store: { hours: 8, raw: { events: 480, bytesPerEvent: 6 }, packed: null, erases: { offline: 2, online: 1 }, depth: 8 },
  packing: { pack: 150, unpack: 50, packMs: 2, unpackMs: 3 },
  times: {
    times: [
      { name: "small", ...time },
      { name: "kilobyte", ...time },
      { name: "inventory", ...time, cpuMs: NaN },
    ],
    bootMs: 300,
    bootCpuMs: 200,
    bootOwnPart: 0.5,
    bootSeconds: 2,
  },
};

const rowNamed = (rows: readonly Row[], figure: RegExp): Row => rows.find((row) => figure.test(row.figure))!;

describe("the benchmark's table", () => {
  it("compares JsVars with bytes", () => {
    const { ours, variables, ratio } = rowNamed(rowsOf(FIGURES), /^RAM idle/);
    assert.deepEqual([ours, variables, ratio], [5600, 400, 5600 / PEERS.idle.value]);
  });

  it("tells times as multiples of JSON.parse, by the clock where nothing better is known", () => {
    const multiples = rowsOf(FIGURES).filter(({ figure }) => figure.includes("JSON.parse"));
    assert.deepEqual(
      multiples.map(({ ours }) => ours),
      [500, 500, 1000],
    );
  });

  it("calls an estimate an estimate", () => {
    for (const { figure, note } of rowsOf(FIGURES))
      if (/ESP32/.test(figure)) assert.match(`${figure}; ${note}`, /estimate.*not measured on a chip/);
  });

  it("leaves the reading of Linux's flash file out of the estimate", () => {
    const estimates = rowsOf(FIGURES).filter(({ figure }) => figure.endsWith("on an ESP32, estimate"));
    assert.deepEqual(
      estimates.map(({ ours }) => ours),
      [200, 200, 400, 5000],
    );
  });

  it("has the same rows without any figure, each with the reason", () => {
    const nothing = { noEngine: WHY, empty: WHY, link: WHY, idle: WHY, peak: WHY, sampled: true, stack: WHY, depth: WHY };
    const rows = rowsOf({ ...FIGURES, ram: nothing, store: WHY, packing: WHY, times: WHY });
    assert.equal(rows.length, rowsOf(FIGURES).length);
    const missing = rows.filter(({ ours }) => typeof ours === "string");
    assert.equal(missing.length, rows.length - 3);
    for (const line of table(missing).split("\n").slice(2)) assert.match(line, /not measured: there is no Espruino binary/);
  });

  it("has a source for every peer's figure", () => {
    for (const { peer } of rowsOf(FIGURES)) assert.ok(peer === null || (peer.value > 0 && peer.source.length > 10));
  });

  it("writes figures that people read", () => {
    assert.deepEqual(
      [quantity(12308, "B"), quantity(2.5249, "B"), quantity(2, ""), quantity(12.93, "ms")],
      ["12,308 B", "2.52 B", "2", "12.9 ms"],
    );
  });
});

describe("docs/benchmarks.md", () => {
  const heading = { board: "sim", buildId: "abc123", engine: "none", machine: "a machine", quick: true, picture: "a.svg" };
  const rows = rowsOf(FIGURES);

  it("keeps what stands below the marker", async () => {
    const first = await document(rows, heading, null);
    assert.ok(first.includes("![RAM in use over one charging session](a.svg)"));
    const own = first + "\n- a thing that did not help\n";
    assert.equal(await document(rows, heading, own), own);
    assert.equal(own.split(MARKER).length, 2);
  });

  it("names what was not measured", async () => {
    const text = await document(rowsOf({ ...FIGURES, packing: "why" }), heading, null);
    assert.match(
      text,
      /Not measured in this run: RAM to pack journal pages; RAM to unpack a record; time to pack an event; time to unpack an event; event in a packed block\./,
    );
  });
});

describe("the benchmark's picture and probe", () => {
  it("draws every second and every moment, as text", () => {
    const svg = plot({ seconds: [600, 700, 619], moments: [{ second: 1, text: "a <b> & c" }] }, 19, 14, [
      { bytes: 12_308, text: "peer" },
    ]);
    assert.equal(/<polyline class="curve" points="([^"]*)"/.exec(svg)![1].split(" ").length, 6);
    assert.ok(svg.includes("a &lt;b> &amp; c") && svg.includes("prefers-color-scheme: dark") && svg.includes("24 kB") === false);
  });

  it("samples at the end of each turn and before each return", () => {
    const text = "p=>{for(var i=0;i<p;i++){if(i===5){return 7}g(i)}return i}";
    assert.equal(
      withSamples(text, "S();"),
      "p=>{S();for(var i=0;i<p;i++){S();if(i===5){S();return 7}S();g(i);S();}S();return i}",
    );
  });
});

describe("npm run bench", function () {
  this.timeout(120_000);
  const docs = mkdtempSync(path.join(os.tmpdir(), "bench-test-"));
  after(() => rmSync(docs, { recursive: true }));
  const bench = (...options: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ["--import=tsx", path.join(PROJECT_ROOT, "tools/bench/main.ts"), "--docs", docs, ...options], {
      cwd: PROJECT_ROOT,
      encoding: "utf8",
      env: { PATH: "" },
    });

  it("measures without an engine what it can, and names the rest", () => {
    writeFileSync(path.join(docs, "benchmarks.md"), `old\n${MARKER}\nby hand\n`);
    const { status, stdout, stderr } = bench("--quick", "--json", "--hours", "0.2");
    assert.equal(status, 0, String(stderr));
    const { rows } = JSON.parse(String(stdout)) as { rows: Row[] };
    for (const figure of [/^flash/, /^call depth/, /^event in the journal, raw/, /^page erases.*online/, /synthetic/]) {
      const { ours } = rowNamed(rows, figure);
      assert.ok(typeof ours === "number" && ours >= 0, String(figure));
    }
    for (const figure of [/^RAM idle/, /^RAM peak/, /^C stack/, /^RAM to pack/, /^small request/, /^power on/])
      assert.equal(rowNamed(rows, figure).ours, WHY);
    const text = readFileSync(path.join(docs, "benchmarks.md"), "utf8");
    assert.ok(text.includes("Not measured in this run: RAM idle") && text.endsWith(`${MARKER}\nby hand\n`));
  });

  it("refuses an unknown option and a session that is too long", () => {
    for (const options of [["--speed"], ["--hours", "25"]]) {
      const { status, stderr } = bench(...options);
      assert.equal(status, 2);
      assert.match(String(stderr), /^[^\n]+\n$/);
    }
  });
});
