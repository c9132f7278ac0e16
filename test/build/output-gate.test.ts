/** What the gate on the final texts refuses, each with a planted example in minified text. */
import assert from "node:assert/strict";
import { engineGlobals, outputGate } from "../../tools/build/output-gate.ts";
import { Traced } from "../../tools/build/traced.ts";
import type { Trap } from "../../tools/build/traps.ts";

const PLANTED: readonly [trap: Trap, text: string][] = [
  ["arguments", "function f(){return arguments.length}"],
  ["array-hole", "var a=[1,,2];"],
  ["debugger", "function f(){debugger}"],
  ["default-not-last", "function f(n){switch(n){default:return 1;case 2:return 3}}"],
  ["getter", "var o={get a(){return 1}};"],
  ["instanceof", "function f(e){return e instanceof Uint8Array}"],
  ["label", "function f(){a:for(;;)break a}"],
  ["missing-builtin", "var j=Map;"],
  ["missing-builtin", "var d=Date.now();"],
  ["missing-builtin", "function f(a){return a.sort()}"],
  ["missing-builtin", "function f(a){a.forEach(print)}"],
  ["nested-function", "function f(){var g=function(){return 1};return g()}"],
  ["nested-function", "function f(){function g(){return 1}return g()}"],
  ["nested-function", "var n=function(a){return a}(1);"],
  ["new", "var d=new ArrayBuffer(4);".replace("ArrayBuffer", "Object")],
  ["prototype-member", "function f(a){return a.prototype}"],
  ["prototype-member", "var o={__proto__:1};"],
  ["regexp", "var r=/a/;"],
  ["set-length", "function f(a){a.length=0}"],
  ["set-length", "function f(a){a.length--}"],
  ["syntax", "let a=1;"],
  ["syntax", "var f=a=>a;"],
  ["syntax", "var a=b?.c;"],
  ["syntax", "var of=1;"],
  ["syntax", "function f(a,x,y){return a[x,y]}"],
  ["syntax", "function f(a,x){switch(a){case x,1:return 2}}"],
  ["syntax", 'var s="\u00e9";'],
  ["syntax", "function f(c){if(c){var a=1}return a}"],
  ["this", "function f(){return this}"],
  ["wide-character", 'var s="\\u20ac";'],
];

const gate = (kernel: string, ...operations: string[]): ReturnType<typeof outputGate> =>
  outputGate(
    Traced.ofFile("kernel.ts", kernel),
    operations.map((text, index) => Traced.ofFile(`o${index}.ts`, text)),
  );

describe("gate on the final texts", () => {
  for (const [trap, text] of PLANTED) {
    it(`refuses ${trap}: ${text}`, () => {
      const found = gate("var first=1;\n" + text).map(
        ({ file, line, reason }) => `${file}:${line} ${/\[([^\]]*)\]$/.exec(reason)![1]}`,
      );
      assert.deepEqual([...new Set(found)].includes(`kernel.ts:2 ${trap}`), true, found.join());
    });
  }

  it("refuses a name that neither kernel nor engine has, in an operation", () => {
    assert.deepEqual(
      gate("function a(){}", "b=>{a();return c}").map(({ file, line, reason }) => `${file}:${line} ${reason}`),
      ["o0.ts:1 c: the engine has no such thing [missing-builtin]"],
    );
  });

  it("refuses a function inside an operation, except as an argument", () => {
    assert.equal(gate("", "b=>b.map(function(c){return c+1})").length, 0);
    assert.match(gate("", "b=>{var c=function(){};return c}")[0].reason, /nested-function/);
  });

  it("refuses in an operation what is newer than ES5, but for its own arrow", () => {
    for (const text of [
      "a=>{let b=a;return b}",
      "a=>{return a.map(b=>b)}",
      "a=>`${a}`",
      "a=>{return{a}}",
      "(a=1)=>a",
      "a=>[...a]",
    ])
      assert.match(gate("", text)[0]?.reason ?? "nothing found", /\[syntax\]$/, text);
  });

  it("takes what the engine runs", () => {
    const text =
      'function a(b,c){for(var d=0,e=new Uint8Array(b);d<c;d++)e[d]^=c;return E.toString(e)}var f=1,g="\\xe9\\0";' +
      "try{print(a(f,2)[(f,0)])}catch(h){print(h)}switch(f){case 1:case(f,2):break;default:f=void 0}setTimeout(function(){f=0},1);";
    assert.deepEqual(gate(text), []);
  });

  it("knows the engine's globals from the type environment", () => {
    const globals = engineGlobals();
    for (const name of ["E", "require", "Uint8Array", "print", "Function", "parseInt"]) assert.ok(globals.has(name), name);
    for (const name of ["Map", "Date", "Promise", "RegExp", "Error", "BUILD_ID", "Socket"]) assert.ok(!globals.has(name), name);
  });
});
