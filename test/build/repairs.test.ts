/** What the passes repair: each pass alone, on planted text. */
import assert from "node:assert/strict";
import vm from "node:vm";
import { wrapCommas } from "../../tools/build/commas.ts";
import { hoistVariables } from "../../tools/build/hoist.ts";
import { orderKernel } from "../../tools/build/kernel-order.ts";
import { sumTemplates } from "../../tools/build/templates.ts";
import { Traced } from "../../tools/build/traced.ts";
import { HOIST_CASES } from "./hoist-cases.ts";

const traced = (text: string): Traced => Traced.ofFile("a.ts", text);

describe("hoisting repair", () => {
  for (const [title, before, after] of HOIST_CASES) {
    it(title, () => assert.equal(hoistVariables(traced(before)).text, after));
  }

  it("changes no result", () => {
    for (const [, before] of HOIST_CASES) {
      const run = (text: string): unknown =>
        vm.runInNewContext(
          `var print=function(){},g=function(){throw 1};var F=${text};[0,1,2,[3],{x:1}].map(function(a){try{return F(a)}catch(e){return "!"+e}}).join()`,
        );
      assert.equal(run(hoistVariables(traced(before)).text), run(before), before);
    }
  });

  it("keeps the line of what it moves", () => {
    const code = hoistVariables(traced("function f(a){\nif(a)\nvar b=1;\nreturn b}"));
    assert.deepEqual(code.place(code.text.indexOf("b=1")), { file: "a.ts", line: 3 });
  });
});

describe("order of the kernel", () => {
  const cases: readonly [title: string, before: string, after: string][] = [
    ["puts functions first", "var a=1;f();function f(){return a}", "function f(){return a}var a=1;f();"],
    ["leaves state ahead of the start", "function f(){return a}var a=1,b=[];f();", "function f(){return a}var a=1,b=[];f();"],
    ["declares ahead what running code could meet", "function f(){return b}f();var b=1;", "function f(){return b}var b;f();b=1;"],
    [
      "declares ahead behind a call in the same statement",
      "function f(){return b}var a=f(),b=1;",
      "function f(){return b}var b;var a=f();b=1;",
    ],
    ["moves a top-level var out of a branch", "if(print)var a=1;print(a);", "var a;if(print)a=1;print(a);"],
    [
      "takes engine calls for harmless",
      "function f(){return b}var a=new Uint8Array(2),b=1;",
      "function f(){return b}var a=new Uint8Array(2),b=1;",
    ],
  ];
  for (const [title, before, after] of cases) {
    it(title, () => assert.equal(orderKernel(traced(before)).text, after));
  }
});

describe("comma repair", () => {
  it("puts parentheses around commas in an index", () => assert.equal(wrapCommas(traced("a[b,c]")).text, "a[(b,c)]"));
  it("puts parentheses around commas after case", () =>
    assert.equal(wrapCommas(traced("switch(a){case b,c:}")).text, "switch(a){case (b,c):}"));
  it("leaves other commas", () => assert.equal(wrapCommas(traced("for(a,b;;c,d)e[f]=(g,h)")).text, "for(a,b;;c,d)e[f]=(g,h)"));
});

describe("template literals", () => {
  it("become sums", () => {
    assert.equal(sumTemplates(traced('"a".concat(b, "c")')).text, '("a"+(b)+("c"))');
    assert.equal(vm.runInNewContext(`var b=1;${sumTemplates(traced('"x".concat(b?"y":"z", b + 1)')).text}`), "xy2");
  });
});
