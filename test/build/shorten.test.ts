/** Names by frequency. */
import assert from "node:assert/strict";
import { shortenNames } from "../../tools/build/shorten.ts";
import { Traced } from "../../tools/build/traced.ts";

const shortened = (text: string, reserved: string[] = []): string => shortenNames(Traced.ofFile("a.ts", text), reserved).text;

describe("names", () => {
  it("are shortest for the globals that are named most", () => {
    assert.equal(shortened("var few=1,many=2;print(many,many,few)"), "var b=1,a=2;print(a,a,b)");
  });

  it("of a function are what its globals and the engine's leave free, and may be those of globals that it does not name", () => {
    assert.equal(
      shortened("var g=1,h=2;function f(x,y){return a(g,g,x,y,y)}print(h,f)"),
      "var b=1,c=2;function d(d,c){return a(b,b,d,c,c)}print(c,d)",
    );
  });

  it("of an inner function leave alone what it uses from outside", () => {
    assert.equal(
      shortened("function f(x){return m.map(function(y){return x+y})}"),
      "function a(a){return m.map(function(b){return a+b})}",
    );
  });

  it("of a caught exception and of a shadowed variable stay apart", () => {
    assert.equal(shortened("function f(x){try{g(x)}catch(e){g(e,x)}}"), "function a(a){try{g(a)}catch(b){g(b,a)}}");
  });

  it("of the loader are those of an operation's parameters, of no other variable there and of nothing global", () => {
    const [, parameters, first] = /__op1\(([^)]*)\)\{var (\w+)=/.exec(shortened("function __op1(p,q){var r=q+p;return r+r+r}"))!;
    assert.equal(parameters, "w,x");
    assert.ok(!"wxyz".includes(first), first);
    const many = Array.from({ length: 60 }, (_, n) => `v${n}`);
    assert.doesNotMatch(shortened(`var ${many.join(",")};`), /[ ,][wxyz][,;]/);
  });

  it("that are reserved, or marked for a later pass, are not given or taken", () => {
    assert.equal(
      shortened("var q=1;function __op1(x){return __n2+q+x}", ["a", "b"]),
      "var c=1;function __op1(w){return __n2+c+w}",
    );
    const many = Array.from({ length: 60 }, (_, n) => `v${n}`);
    const names = shortened(`var ${many.join(",")};`, ["ab"])
      .slice(4, -1)
      .split(",");
    assert.equal(new Set(names).size, 60);
    assert.ok(!names.some((name) => ["ab", "as", "do", "if", "in", "of"].includes(name)));
  });
});
