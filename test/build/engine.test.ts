/** Images and single passes on the real engine, where ESPRUINO names one. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { buildBoard } from "../../tools/build/build-board.ts";
import { wrapCommas } from "../../tools/build/commas.ts";
import { hoistVariables } from "../../tools/build/hoist.ts";
import { orderKernel } from "../../tools/build/kernel-order.ts";
import { Traced } from "../../tools/build/traced.ts";
import { HOIST_CASES, RANDOM_FUNCTION } from "./hoist-cases.ts";
import { FIXTURE, program, removeProjects } from "./project.ts";
import { REPAIRED } from "./repaired.ts";
import { ENGINE, engineTitle, runInNode, runOnEngine, runTextOnEngine } from "./run-image.ts";

const traced = (text: string): Traced => Traced.ofFile("a.ts", text);

/** Traps as they show on the engine, and what the pass makes of them; `[]` ends with an exception. */
const TRAPS: readonly [title: string, text: string, wrong: string[], repair?: (code: Traced) => Traced, right?: string[]][] = [
  [
    "an assignment ahead of its var makes a global",
    "function f(a){if(a)var b=1;else b=2;return b}print(f(0));print(typeof b)",
    ["2", "number"],
    hoistVariables,
    ["2", "undefined"],
  ],
  [
    "a var in a branch that was not taken is no variable",
    "function f(a){if(a)var b=1;return b}print(f(0))",
    [],
    hoistVariables,
    ["undefined"],
  ],
  ["a function is not there before its text", "print(f());function f(){return 1}", [], orderKernel, ["1"]],
  ["a variable is not there before its line", "function f(){return v}print(f());var v=1;", [], orderKernel, ["undefined"]],
  ["a comma in an index is a syntax error", "var a=[1,2];print(a[0,1])", [], wrapCommas, ["2"]],
  ["a comma after case is a syntax error", "switch(2){case 1,2:print(1)}", [], wrapCommas, ["1"]],
  [
    "a parameter that no argument came for is a variable, and a `var` of its name makes no other",
    'var w=7;function L(t){return Function("w","x",t)(1)}print(L("x=5;var w;return w+x"),w)',
    ["6 7"],
  ],
  ["a tail that begins the needle is a hit", 'print("abc".indexOf("cd"))', ["2"]],
  ["a text with a leading zero is octal", 'print(+"010")', ["8"]],
  ["default ahead of case is a syntax error", "switch(2){default:print(1);case 3:print(2)}", ["1"]],
  [
    "a closure sees the last value of a loop's variable",
    "var f=[];for(let i=0;i<2;i++)f.push(function(){return i});print(f[0]())",
    ["2"],
  ],
  ["length cannot be assigned", "var a=[1];a.length=0;print(a.length)", []],
  ["clearTimeout(undefined) throws", "clearTimeout(undefined);print(1)", []],
  ["arguments.length counts declared parameters", "function f(a,b){return arguments.length}print(f(1))", ["2"]],
  ["sort is not stable", "print([5,1,4,2,3].map(function(n){return n}).sort(function(){return 0}).join())", ["differs"]],
];

describe("on the engine", function () {
  this.timeout(20_000);
  after(removeProjects);
  beforeEach(function () {
    if (!ENGINE) this.skip();
  });

  it(engineTitle("the fixture prints what it prints in Node"), async () => {
    const { storage } = await buildBoard("sim", FIXTURE);
    const lines = await runInNode(storage);
    assert.deepEqual((await runOnEngine(storage, lines[lines.length - 1])).concat(lines.slice(-1)), lines);
  });

  for (const [title, main, expected] of REPAIRED) {
    it(engineTitle(`a build deals with ${title}`), async () => {
      const { storage } = await program(`${main}\nsetTimeout(() => print("END"), 1);\n`);
      assert.deepEqual((await runOnEngine(storage))[0], expected);
    });
  }

  it(engineTitle("repaired functions return what they return in Node, planted and random"), async () => {
    const seed = Number(process.env["SEED"] ?? 1);
    const random = fc.sample(RANDOM_FUNCTION, { seed, numRuns: process.env["FULL"] ? 400 : 60 });
    const functions = [...HOIST_CASES.map(([, before]) => before), ...random.map((text) => `F=${text}`)];
    const repaired = functions.map((text) =>
      hoistVariables(wrapCommas(traced(text))).text.replace(/^(F=|function f|\(function)/, (head) =>
        head === "F=" ? head : `F=${head}`,
      ),
    );
    const script = (text: string): string =>
      `var r=[],F,g=function(){throw 1},o=print;${text.replaceAll("print(", "o(")}[0,1,3].map(function(p){r=[];var x;try{x=F(p)}catch(e){x="!"}print(x+" "+r.join())});`;
    for (let at = 0; at < repaired.length; at += 20) {
      const text = repaired
        .slice(at, at + 20)
        .map((one) => `(function(){${script(one + ";")}})();`)
        .join("");
      const expected: string[] = [];
      runInNewContext(text, { print: (line: unknown) => expected.push(String(line).trim()) });
      assert.deepEqual(await runTextOnEngine(text), expected, `seed ${seed}, functions from ${at}:\n${text}`);
    }
  });

  for (const [title, text, wrong, repair, right] of TRAPS) {
    it(engineTitle(title), async () => {
      const shown = await runTextOnEngine(text);
      if (wrong[0] === "differs") assert.notDeepEqual(shown, ["5,1,4,2,3"]);
      else assert.deepEqual(shown, wrong);
      if (repair) assert.deepEqual(await runTextOnEngine(repair(traced(text)).text), right);
    });
  }
});
