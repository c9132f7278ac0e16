/** Operations that become code of their callers, and built-ins that get a short name: what comes of it, and what stays as it was. */
import assert from "node:assert/strict";
import { loader, program, removeProjects } from "./project.ts";
import { ENGINE, engineTitle, runInNode, runOnEngine } from "./run-image.ts";

const overlay = (text: string): string => `/**\n * @overlay\n */\nimport { s } from "./s";\n${text}`;

/** A kernel with state; each case is what its operation `run` prints. */
const MAIN =
  `${loader("opNumber")}import { run } from "./o";\nimport { s } from "./s";\n` +
  'function start(): void {\n  s.n = 1;\n  run(3);\n  run(0);\n  print("END");\n}\nprint(opNumber(run) >= 0);\nsetTimeout(start, 1);\n';
const STATE = 'export const s = { n: 0, log: "" };\n';

interface Case {
  title: string;
  text: string;
  /** Further files. */
  files?: Record<string, string>;
  expected: string[];
  /** Names of the operations that are left. */
  left?: string[];
}

const CASES: Case[] = [
  {
    title: "a procedure that returns early, in the middle of its caller",
    text:
      "function f(n: number): void {\n  if (n > 2) {\n    print(`big${n}`);\n    return;\n  }\n  const m = n + s.n;\n  print(`small${m}`);\n}\n" +
      "export function run(n: number): void {\n  f(n);\n  print(`after${n}`);\n}\n",
    expected: ["big3", "after3", "small1", "after0"],
  },
  {
    title: "a value with several returns, and one of a loop",
    text:
      "function f(n: number): number {\n  for (let i = 0; i < n; i++) {\n    if (i + s.n > 2) return i * 10;\n  }\n  return -1;\n}\n" +
      'function g(n: number): string {\n  if (n < 0) return "none";\n  else if (n > 5) return "many";\n  return "some";\n}\n' +
      "export function run(n: number): void {\n  const found = f(n);\n  print(`${found}${g(found)}`);\n}\n",
    expected: ["20many", "-1none"],
  },
  {
    title: "a returned call, whose caller goes on otherwise",
    text:
      "function f(n: number): number {\n  for (;;) {\n    if (n > 5) return n;\n    n += 2;\n  }\n}\n" +
      "function g(n: number): number {\n  if (n > 1) return f(n);\n  return 7;\n}\n" +
      "export function run(n: number): void {\n  print(g(n) + s.n * 0);\n}\n",
    expected: ["7", "7"],
  },
  {
    title: "in a loop, with variables that begin anew",
    text:
      "function f(n: number): string {\n  let text: string | undefined;\n  if (n === 1) text = `one${s.n}`;\n  return text || `other`;\n}\n" +
      "export function run(n: number): void {\n  for (let i = 0; i < n; i++) {\n    const text = f(i);\n    print(text);\n  }\n}\n",
    expected: ["other", "one1", "other"],
  },
  {
    title: "a function of the kernel with returns in a loop, that an operation alone calls",
    text: 'import { first } from "./kernel/first";\nexport function run(n: number): void {\n  if (first("ab" + n)) print(`found${n + s.n * 0}`);\n}\n',
    files: {
      "src/kernel/first.ts":
        'export function first(text: string): boolean {\n  for (let i = 0; i < text.length; i++) {\n    if (text[i] === "9") return false;\n  }\n  return true;\n}\n',
    },
    expected: ["found3", "found0"],
  },
  {
    title: "behind a condition",
    text:
      "function f(n: number): boolean {\n  s.log += n;\n  if (n > 2) return true;\n  s.log += '!';\n  return false;\n}\n" +
      "function g(n: number): number {\n  s.n += n;\n  return s.n;\n}\n" +
      "export function run(n: number): void {\n  if (n > 1 && f(n)) print(`yes`);\n  const m = n > 1 ? 5 : g(n + 10);\n  print(`${m}${s.log}`);\n}\n",
    expected: ["yes", "53", "113"],
  },
  {
    title: "a name of the caller that means something else in the body",
    text:
      "function f(at: number): number {\n  const list = at + 1;\n  at *= 2;\n  return list + at;\n}\n" +
      "export function run(at: number): void {\n  const list = at;\n  const sum = f(at) + s.n * 0;\n  print(`${list},${at},${sum}`);\n}\n",
    expected: ["3,3,10", "0,0,1"],
  },
  {
    title: "what comes before in the statement stays before",
    text:
      "function f(n: number): number {\n  s.n += n;\n  if (n) s.n++;\n  return s.n;\n}\n" +
      "export function run(n: number): void {\n  const sum = s.n + f(n);\n  print(sum);\n}\n",
    expected: ["6", "10"],
    left: ["run", "f"],
  },
  {
    title: "what is asked for by @inline, at each call",
    text:
      "/** Text.\n * @inline\n */\nfunction f(n: number): string {\n  for (let i = 0; i < 3; i++) {\n    if (i === n) return 'low';\n  }\n" +
      "  s.n++;\n  if (n === 3) {\n    return `three${s.n}`;\n  }\n  return 'high';\n}\n" +
      "export function run(n: number): void {\n  const first = f(n);\n  const second = f(n + 1);\n  print(first + second);\n}\n",
    expected: ["three2high", "lowlow"],
  },
];

describe("operations that are folded", () => {
  after(removeProjects);
  for (const { title, text, files, expected, left = ["run"] } of CASES) {
    it(`${title}`, async () => {
      const build = await program(MAIN, { "src/o.ts": overlay(text), "src/s.ts": STATE, ...files });
      assert.deepEqual(await runInNode(build.storage), ["true", ...expected, "END"]);
      assert.deepEqual(build.slices.map(({ name }) => name).sort(), [...left].sort());
      const counted = [...build.bytesByModule.values()].reduce((sum, bytes) => sum + bytes, 0);
      assert.equal(counted, build.storage.length);
    });
    it(engineTitle(title), async function () {
      if (!ENGINE) this.skip();
      const build = await program(MAIN, { "src/o.ts": overlay(text), "src/s.ts": STATE, ...files });
      assert.deepEqual(await runOnEngine(build.storage), ["true", ...expected]);
    });
  }
});

describe("a function of the kernel with one call", () => {
  after(removeProjects);

  it("becomes code of its caller, whatever it returns from where", async () => {
    const build = await program(
      "function f(n: number): number {\n  if (n > 2) return 1;\n  print('f' + n);\n  return n ? 2 : 3;\n}\n" +
        "function g(n: number): void {\n  const m = f(n);\n  if (m > 1) print('g' + m);\n  if (n > 1 && h(n)) print('h');\n}\n" +
        "function h(n: number): boolean {\n  if (n > 8) return true;\n  print('no');\n  return n > 5;\n}\n" +
        "function start(): void {\n  g(1);\n  g(7);\n}\nsetTimeout(start, 1);\n",
    );
    assert.deepEqual(await runInNode(build.storage), ["f1", "g2", "no", "h"]);
    assert.equal(build.kernel.split("function").length, 3, build.kernel);
  });
});

describe("built-ins that are named often", () => {
  after(removeProjects);
  const calls = (count: number): string =>
    Array.from({ length: count }, (_, n) => `print(String.fromCharCode(65 + ${n}, 66) + Math.floor(${n}.5));`).join("\n");

  it("have a variable", async () => {
    const build = await program(calls(20));
    assert.equal(build.kernel.split("fromCharCode").length, 2, build.kernel);
    assert.equal((await runInNode(build.storage))[1], "BB1");
  });

  it("are named in full where a variable would not pay", async () => {
    const build = await program(calls(3));
    assert.equal(build.kernel.split("fromCharCode").length, 4, build.kernel);
  });
});
