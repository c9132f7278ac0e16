/** Variables of operations in the places of arguments that these do not take. */
import assert from "node:assert/strict";
import type { SliceName } from "../../tools/build/link.ts";
import { useParameters } from "../../tools/build/parameters.ts";
import { Traced } from "../../tools/build/traced.ts";

function used(text: string, isChosen = false): string {
  const slice: SliceName = { id: 1, name: "f", module: "src/a.ts", isTable: false, isInlined: false, isChosen };
  return useParameters(Traced.ofFile("src/a.ts", text), [slice]).text;
}

describe("places of arguments", () => {
  it("are for variables: the declaration goes", () => {
    assert.equal(used("function __op1(p){var a=1,b;b=a+p;return b}"), "function __op1(p,a,b){a=1;b=a+p;return b}");
    assert.equal(used("function __op1(){for(var i=0,n=9;i<n;i++)f(i)}"), "function __op1(i,n){for(i=0,n=9;i<n;i++)f(i)}");
  });

  it("are filled by what lets a whole declaration go", () => {
    const text = used("function __op1(p){var a=1,b=2,c=3,d=4;var e=5,g=6;return a+b+c+d+e+g+p}");
    assert.equal(text, "function __op1(p,e,g,a){a=1;var b=2,c=3,d=4;e=5,g=6;return a+b+c+d+e+g+p}");
  });

  it("are four, whatever there is", () => {
    assert.equal(used("function __op1(p,q,r,s){var a=1;return a+p}"), "function __op1(p,q,r,s){var a=1;return a+p}");
  });

  it("leave alone what an operation chosen at run time may be given", () => {
    assert.equal(used("function __op1(){var a=1;return a}", true), "function __op1(given0,given1,a){a=1;return a}");
  });

  it("leave alone functions of the kernel, and functions within an operation", () => {
    const kernel = "function f(p){var a=1;return a+p}";
    assert.equal(used(kernel), kernel);
    const inner = "function __op1(p,q,r,s){return p.map(function(x){var a=1;return a+x})}";
    assert.equal(used(inner), inner);
  });

  it("are not for a declaration that stands alone behind a condition, nor for half the head of a loop", () => {
    const text = "function __op1(p,q,r){if(p)var a=1,b=2;for(var i=0,n=9;i<n;i++)f(a,b)}";
    assert.equal(used(text), text);
  });
});
