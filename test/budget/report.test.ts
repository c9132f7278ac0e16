/** The budget report: its sums, its verdicts, its exit status. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import path from "node:path";
import { buildBoard, PROJECT_ROOT, type Build } from "../../tools/build/build-board.ts";
import { readBudget } from "../../tools/budget/board-budget.ts";
import { reportFlash } from "../../tools/budget/flash.ts";
import { reportIdle } from "../../tools/budget/idle.ts";
import { residentsOf } from "../../tools/budget/residents.ts";
import { smallest } from "../../tools/budget/trials.ts";
import { decodeSlices } from "../../tools/image/slices.ts";
import { startedBuild } from "../../tools/image/slot.ts";
import { decodeStorage } from "../../tools/image/storage.ts";
import { project, removeProjects } from "../build/project.ts";

const LIMITS = { image: 40_000, idle: 500, peak: 1000, stack: 25_000, depth: 16 };
const budgetFile = (limits: object = LIMITS, goals?: object): string => JSON.stringify({ limits, goals });

function budget(root: string, board: string, env: NodeJS.ProcessEnv = {}, ...options: string[]): SpawnSyncReturns<string> {
  return budgets(root, env, "--board", board, ...options);
}

function budgets(root: string, env: NodeJS.ProcessEnv, ...options: string[]): SpawnSyncReturns<string> {
  const main = path.join(PROJECT_ROOT, "tools/budget/main.ts");
  const args = ["--import=tsx", main, "--root", root, ...options];
  return spawnSync(process.execPath, args, {
    cwd: PROJECT_ROOT,
    encoding: "utf8",
    env: { PATH: "", ...env },
  });
}

const sum = (parts: readonly { bytes: number }[]): number => parts.reduce((bytes, part) => bytes + part.bytes, 0);

describe("the flash part of the budget", function () {
  this.timeout(60_000);
  let build: Build;
  before(async () => void (build = await buildBoard("sim")));

  it("adds up, by file and by module, to the image", () => {
    const { total, link, files, modules } = reportFlash(build);
    assert.ok(link > 500 && link < 2000, `the simulator's link: ${link} bytes`);
    assert.equal(total, build.imageBytes);
    assert.equal(sum(files), total);
    assert.equal(sum(modules), total);
    assert.ok(modules.some(({ name, resident }) => name === "src/kernel/websocket.ts" && resident > 500));
  });

  it("is refused when a byte belongs to nobody", () => {
    const bytesByModule = new Map([...build.bytesByModule].filter(([name]) => name !== "src/kernel/json.ts"));
    assert.throws(() => reportFlash({ ...build, bytesByModule }), /the modules add up to \d+ bytes, the files hold \d+/);
  });

  it("has the slices of the manifest as they stand in the file", () => {
    const { slices } = startedBuild(decodeStorage(build.storage))!;
    const lengths = decodeSlices(slices).map((slice) => slice.length);
    assert.deepEqual(
      build.manifest.slices.map(({ bytes }) => bytes),
      lengths,
    );
  });

  it("names what is resident as the source does", () => {
    const residents = residentsOf(build.tracedKernel, PROJECT_ROOT);
    const named = (module: string): string[] => residents.filter((one) => one.module === module).map(({ name }) => name);
    assert.ok(named("src/kernel/overlay.ts").includes("load"));
    assert.ok(named("src/kernel/rpc.ts").includes("rpc.call"));
    assert.ok(named("src/station/evse.ts").includes("evses.v"));
    assert.equal(new Set(residents.map(({ shortName }) => shortName)).size, residents.length);
  });
});

describe("RAM at rest", () => {
  const holding = (name: string, variables: number, kind: "function" | "socket" | "text" | "value" = "value") => ({
    name,
    variables,
    kind,
  });
  const resident = (shortName: string, module: string) =>
    ({ shortName, name: shortName, module, line: 1, kind: "state", parameters: 0, bytes: 1 }) as const;
  const idle = {
    total: 60,
    holdings: [
      holding("\\xFF", 20),
      holding("a", 5, "function"),
      holding("b", 15, "socket"),
      holding("String", 8),
      holding("File", 7),
    ],
  };
  const empty = { total: 17, holdings: [holding("\\xFF", 12)] };
  const residents = [resident("a", "src/a.ts"), resident("b", "boards/sim/b.ts")];
  const report = reportIdle(idle, empty, residents, ({ module }) => module.startsWith("boards/"));

  it("adds up to what is above the empty engine", () => {
    assert.equal(report.gross, 43);
    const modules = report.modules.reduce((all, { total }) => all + total, 0);
    assert.equal(modules + report.engine.reduce((all, { variables }) => all + variables, 0), report.gross);
  });

  it("takes off the link and what the link alone uses", () => {
    assert.equal(report.link, 15 + 7);
    assert.equal(report.net, 21);
  });
});

describe("the search for the smallest heap", () => {
  const passesFrom = (least: number) => async (value: number) =>
    value >= least ? { figures: [] } : { failed: `fails with ${value}`, ranOut: true };

  it("finds it, and how it fails below", async () => {
    const found = await smallest(500, 1500, 8, passesFrom(1137));
    assert.ok(!("failed" in found));
    assert.ok(found.value >= 1137 && found.value < 1137 + 8, String(found.value));
    assert.equal(found.below?.failed, `fails with ${found.below?.value}`);
  });

  it("finds the same from any guess, in fewer runs from a good one", async () => {
    const runsFrom = async (guess?: { value: number; step: number }): Promise<number> => {
      let runs = 0;
      const run = passesFrom(1137);
      const found = await smallest(500, 2500, 8, (value) => (runs++, run(value)), guess);
      assert.ok(!("failed" in found));
      assert.ok(found.value >= 1137 && found.value < 1137 + 8, `${found.value} from ${guess?.value}`);
      assert.ok(found.below!.value < 1137 && found.value - found.below!.value <= 8);
      return runs;
    };
    for (const value of [400, 500, 501, 900, 1136, 1137, 1138, 1400, 2499, 2500, 3000]) await runsFrom({ value, step: 32 });
    assert.ok((await runsFrom({ value: 1160, step: 32 })) < (await runsFrom()) - 2);
  });

  it("says that even the most is not enough", async () => {
    assert.deepEqual(await smallest(500, 1000, 8, passesFrom(1137)), { failed: "fails with 1000", ranOut: true });
  });

  it("tries again what the engine did not complain of", async () => {
    let runs = 0;
    const found = await smallest(500, 504, 8, async () => (++runs === 1 ? { failed: "late", ranOut: false } : { figures: [] }));
    assert.ok(!("failed" in found));
    assert.equal(runs, 2);
  });
});

describe("npm run budget", function () {
  this.timeout(120_000);
  after(removeProjects);

  it("ends with the size of the image, status 0 within the budget", () => {
    const { stdout, stderr, status } = budget(project({ "boards/bare/budget.json": budgetFile() }), "bare");
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout.trimEnd().split("\n").at(-1)!, /^total \d+ B$/);
    assert.match(stdout, /RAM and stack not measured: the simulator has no twins of its hardware/);
  });

  it("names what is exceeded, with status 1", () => {
    const root = project({ "boards/bare/budget.json": budgetFile({ ...LIMITS, image: 100 }, { image: 50 }) });
    const { stdout, stderr, status } = budget(root, "bare");
    assert.equal(status, 1);
    assert.equal(stderr, "The budget of board bare is exceeded: flash, image.\n");
    assert.match(stdout, /flash, image: \d+ B, limit 100, goal 50 OVER/);
    assert.match(stdout, /RAM idle: not measured/);
  });

  it("prints a row a board, each against its own budget", () => {
    const files = { "boards/bare/budget.json": budgetFile({ ...LIMITS, image: 100 }), "boards/sim/budget.json": budgetFile() };
    const root = project(files);
    rmSync(path.join(root, "boards/sim/engine"), { recursive: true });
    const { stdout, stderr, status } = budgets(root, {});
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^The budget of board bare is exceeded: flash, image\.$/m);
    const rows = stdout.split("\n").filter((line) => /^(board|bare|sim) {2,}/.test(line));
    assert.match(rows[0], /^board  flash, image, B  +RAM idle, JsVars  +RAM peak, JsVars  +C stack, B  +call depth, frames$/);
    assert.match(rows[1], /^bare   \d+ of 100 OVER  +- of 500  +- of 1000  +- of 25000  +- of 16$/);
    assert.match(rows[2], /^sim    \d+ of 40000  +- of 500/);
    assert.match(stdout.trimEnd().split("\n").at(-1)!, /^total \d+ B$/);
  });

  it("wants a budget of every board", () => {
    const { stderr, status } = budgets(project({ "boards/sim/budget.json": budgetFile() }), {});
    assert.deepEqual([stderr, status], ["boards/bare/budget.json is missing: it holds the limits of the board.\n", 2]);
  });

  it("wants a budget of the board", () => {
    for (const [text, reason] of [
      [undefined, "boards/bare/budget.json is missing: it holds the limits of the board."],
      ["{", /^boards\/bare\/budget.json is not JSON: .*\.$/],
      [budgetFile({ ...LIMITS, idle: "few" }), 'boards/bare/budget.json: "limits" is to hold a whole number "idle".'],
      [
        budgetFile(LIMITS, { speed: 1 }),
        /"goals" holds whole numbers under image, idle, peak, stack, depth, and nothing else\.$/,
      ],
    ] as const) {
      const root = project(text === undefined ? {} : { "boards/bare/budget.json": text });
      assert.throws(() => readBudget("bare", root), { message: reason });
    }
    const { stderr, status } = budget(project(), "bare");
    assert.deepEqual([stderr, status], ["boards/bare/budget.json is missing: it holds the limits of the board.\n", 2]);
  });

  it("refuses an unknown board or option with status 2", () => {
    const { stderr, status } = budget(PROJECT_ROOT, "nowhere");
    assert.match(stderr, /nowhere/);
    assert.equal(status, 2);
    assert.equal(budget(PROJECT_ROOT, "sim", {}, "--speed").status, 2);
  });

  it("says without an engine that RAM was not measured, as JSON", () => {
    const { stdout } = budget(PROJECT_ROOT, "sim", {}, "--json");
    const report = JSON.parse(stdout) as {
      notMeasured: string;
      flash: { total: number };
      depth: { deepest: number };
      journal: { events: number; bytesPerEvent: number }[];
      verdicts: { name: string; value: number | null; over: boolean; reason: string | null }[];
    };
    assert.equal(report.notMeasured, "there is no Espruino binary in ESPRUINO or on PATH");
    for (const name of ["idle", "peak", "stack"]) {
      const { value, over, reason } = report.verdicts.find((verdict) => verdict.name === name)!;
      assert.deepEqual([value, over, reason], [null, false, report.notMeasured]);
    }
    assert.ok(report.flash.total > 10_000);
    assert.ok(report.depth.deepest > 3);
    for (const { events, bytesPerEvent } of report.journal) {
      assert.equal(events, 200);
      assert.ok(bytesPerEvent <= 8, `${bytesPerEvent} bytes an event`);
    }
  });
});
