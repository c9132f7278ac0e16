/** A board from its sources to its image: overlays, state, boards, findings, and the command. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import { buildBoard, PROJECT_ROOT, type Build } from "../../tools/build/build-board.ts";
import { UsageError } from "../../tools/build/findings.ts";
import { decodeSlices } from "../../tools/image/slices.ts";
import { decodeStorage } from "../../tools/image/storage.ts";
import { PARAMETERS } from "../../tools/build/link.ts";
import { parse } from "../../tools/build/syntax.ts";
import { FIXTURE, loader, program, project, reasons, removeProjects } from "./project.ts";
import { REPAIRED } from "./repaired.ts";
import { runInNode } from "./run-image.ts";

describe("build of the fixture", () => {
  after(removeProjects);
  let build: Build;
  before(async () => {
    build = await buildBoard("sim", FIXTURE);
  });

  it("runs: operations, their calls of each other, of themselves and of the kernel, state, tables", async () => {
    assert.deepEqual(await runInNode(build.storage), [
      "LOG board sim 6",
      "LOG raw 3 7",
      "LOG PowerUp:one:tx-boot,1,1000",
      "LOG tx-A1,1,1000 A1",
      "LOG sum 4321",
      "LOG late yesno",
      "LOG default 13qi none",
      "LOG energy 1600",
    ]);
  });

  it("has the kernel first, then the slices file named after the build", () => {
    assert.deepEqual(
      decodeStorage(build.storage).map(({ name }) => name),
      [".bootcde", "o" + build.buildId],
    );
    assert.match(build.buildId, /^[0-9a-f]{6}$/);
    assert.ok(build.kernel.includes(`"o${build.buildId}"`));
  });

  it("describes itself in the manifest", () => {
    const files = decodeStorage(build.storage);
    assert.deepEqual(
      build.manifest.files,
      files.map(({ name, bytes }) => ({ name, bytes: bytes.length, crc32: crc32(bytes) })),
    );
    assert.deepEqual(
      decodeSlices(files[1].bytes).map((slice) => slice.length),
      build.manifest.slices.map(({ bytes }) => bytes),
    );
    assert.equal(build.manifest.slices.find(({ name }) => name === "advance")?.module, "src/ocpp201/e-transactions.ts");
    assert.equal(build.manifest.slices.find(({ name }) => name === "variables")?.module, "src/store/variables.txt");
  });

  it("gives the same bytes again", async () => {
    assert.deepEqual((await buildBoard("sim", FIXTURE)).storage, build.storage);
    assert.deepEqual((await buildBoard("sim", project())).storage, build.storage);
  });

  it("gives another build id for any change", async () => {
    const root = project({ "src/store/variables.txt": "Board.Evses | station | integer | 1 | 1..7 | | - | | |\n" });
    assert.notEqual((await buildBoard("sim", root)).buildId, build.buildId);
  });

  it("counts every byte of the image for a module", () => {
    const sum = [...build.bytesByModule.values()].reduce((a, b) => a + b, 0);
    assert.equal(sum, build.storage.length);
    for (const name of ["src/main.ts", "src/ocpp201/e-transactions.ts", "src/store/variables.txt", "(index)", "(storage)"])
      assert.ok((build.bytesByModule.get(name) ?? 0) > 0, name);
    const odd = build.slices.filter(({ bytes }) => bytes.length % 2 > 0).length;
    assert.equal(build.bytesByModule.get("(index)"), (build.slices.length + 1) * 2 + odd);
    assert.equal(build.bytesByModule.get("boards/bare/board.ts"), undefined);
  });

  it("drops operations that nothing reaches", () => assert.ok(!build.slices.some(({ name }) => name === "unused")));

  it("shortens names from one table over kernel and operations", () => {
    const texts = [build.kernel, ...build.slices.map(({ text }) => text)].join("\n");
    assert.ok(!/\b(setField|station|readFile|__\w+)\b/.test(texts), texts);
  });

  it("names the parameters of operations as the loader does, and nothing global so", () => {
    const [, names] = /Function\(([^)]*?),\w+\(/.exec(build.kernel)!;
    assert.equal(names, PARAMETERS.map((name) => JSON.stringify(name)).join(","));
    for (const { text, isTable } of build.slices) {
      const [, parameters] = isTable ? ["", ""] : /^\(([^)]*)\)=>\{/.exec(text)!;
      assert.equal(parameters, PARAMETERS.slice(0, parameters === "" ? 0 : parameters.split(",").length).join(","), text);
    }
    const globals = parse(build.kernel).top.set;
    for (const name of PARAMETERS) assert.ok(!globals.has(name), name);
  });

  it("puts a board's engine file in the place of the kernel's", async () => {
    assert.ok(!build.kernel.includes("Flash"));
    const bare = await buildBoard("bare", FIXTURE);
    assert.ok(bare.kernel.includes('require("Flash")'));
    assert.ok(bare.kernel.includes("board bare"));
  });
});

describe("repairs in a whole build", () => {
  after(removeProjects);

  for (const [title, main, expected, refused] of REPAIRED) {
    it(`deals with ${title}`, async () => {
      const build = await program(main);
      assert.equal((await runInNode(build.storage))[0], expected);
      assert.doesNotMatch(build.kernel, refused);
    });
  }

  it("keeps a function apart that the minifier would make anew at each call", async () => {
    const build = await program(
      "function once(n: number): number {\n  for (let i = 0; i < n; i++) if (i * i === n) return i;\n  try {\n    return n;\n  } catch {\n    return 0;\n  }\n}\n" +
        "function f(n: number): number {\n  return 1 + once(n) * 2;\n}\nprint(f(parseInt('9')) + f(4));\nsetTimeout(f, 1, 3);",
    );
    assert.deepEqual(await runInNode(build.storage), ["12"]);
  });
});

describe("what is refused in a whole build", () => {
  after(removeProjects);

  it("names the line of a type error", async () => {
    assert.deepEqual(await reasons('const n: number = "1";\nprint(n);'), [
      "src/main.ts:1: TS2322: Type 'string' is not assignable to type 'number'.",
    ]);
  });

  it("refuses a program that does nothing", async () => {
    assert.deepEqual(await reasons("export const a = 1;"), ["src/main.ts:1: the program does nothing"]);
  });

  it("names the file of a module that is not there", async () => {
    assert.match((await reasons('import { a } from "./none";\nprint(a);')).join("\n"), /^src\/main.ts:1: TS2307/m);
  });

  it("refuses a board's engine file that differs from the kernel's", async () => {
    const found = await reasons("print(1);", {
      "boards/sim/engine/flash.ts":
        "export function readRaw(address: string, length: number): string {\n  return address + length;\n}\n",
      "boards/sim/engine/storage.ts": "export const other = 1;\n",
    });
    assert.deepEqual(found.sort(), [
      "boards/sim/engine/flash.ts:1: readRaw has not the type that it has in src/kernel/engine/flash.ts",
      "boards/sim/engine/storage.ts:1: does not export readFile as src/kernel/engine/storage.ts does",
    ]);
  });

  it("names the line of a table's source", async () => {
    const main = loader("table") + 'print(table("variables"));\n';
    assert.deepEqual(await reasons(main, { "src/store/variables.txt": "# c\nEVSE.Power | evse\n" }), [
      "src/store/variables.txt:2: 2 columns; a variable has 9, and a comment",
    ]);
    assert.deepEqual(await reasons(main.replace("variables", "schema201"), { "src/ocpp201/actions.txt": "Restart offered\n" }), [
      "src/ocpp201/actions.txt:1: Restart is no message of OCPP 2.0.1",
    ]);
  });

  it("knows its boards", async () => {
    await assert.rejects(
      buildBoard("none", FIXTURE),
      (error: unknown) =>
        error instanceof UsageError && /There is no board "none"; the boards are: bare, sim\./.test(error.message),
    );
    await assert.rejects(buildBoard("../fixture/boards/sim", FIXTURE), UsageError);
  });
});

describe("build command", function () {
  this.timeout(20_000);
  after(removeProjects);

  const run = (...options: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ["--import=tsx", "tools/build/main.ts", ...options], { cwd: PROJECT_ROOT, encoding: "utf8" });

  it("writes the image, its manifest and readable copies", () => {
    const root = project();
    const { status, stdout } = run("--root", root);
    assert.equal(status, 0);
    assert.match(stdout, /^dist\/sim: build [0-9a-f]{6}, /);
    const directory = path.join(root, "dist/sim");
    const manifest = JSON.parse(readFileSync(path.join(directory, "manifest.json"), "utf8")) as Build["manifest"];
    assert.equal(manifest.board, "sim");
    assert.equal(decodeStorage(readFileSync(path.join(directory, "storage.bin"))).length, 2);
    assert.ok(readFileSync(path.join(directory, "kernel.js"), "utf8").split("\n").length > 10);
    assert.deepEqual(readdirSync(path.join(directory, "slices"))[0], "000-start.js");
  });

  it("prints findings and writes nothing", () => {
    const root = project({ "src/main.ts": "const a: string = 1;\nprint(a, /x/);\n" });
    const { status, stderr, stdout } = run("--root", root);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.deepEqual(stderr.trim().split("\n"), [
      "src/main.ts:1: TS2322: Type 'number' is not assignable to type 'string'.",
      "src/main.ts:2: regular expressions match differently [regexp]",
    ]);
    assert.ok(!existsSync(path.join(root, "dist")));
  });

  for (const [options, sentence] of [
    [["--bord", "sim"], /^unknown option '--bord'/],
    [["--board", "none"], /^There is no board "none"; the boards are: .*\.\n$/],
    [["--board"], /^option '--board <name>' argument missing\n$/],
    [["sim"], /^too many arguments/],
  ] as const) {
    it(`answers ${options.join(" ")} with one sentence and status 2`, () => {
      const { status, stderr } = run("--root", FIXTURE, ...options);
      assert.equal(status, 2);
      assert.match(stderr, sentence);
      assert.ok(stderr.trim().split("\n").length <= 2, stderr);
    });
  }
});
