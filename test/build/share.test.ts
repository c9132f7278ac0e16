/** Constants that get a variable of the kernel. */
import assert from "node:assert/strict";
import { shareConstants } from "../../tools/build/share.ts";
import { Traced } from "../../tools/build/traced.ts";

const shared = (text: string): string => shareConstants(Traced.ofFile("src/a.ts", text)).text;
const times = (count: number, text: string): string => Array.from({ length: count }, () => text).join("");

describe("constants", () => {
  it("that are written out often get a variable, in the order of their number", () => {
    const text = shared(times(40, 'f("Accepted");') + times(30, "g(269287424);"));
    assert.ok(text.startsWith('var shared$$0="Accepted",shared$$2=269287424;f(shared$$0);f('), text.slice(0, 90));
    assert.ok(text.endsWith("g(shared$$2);"));
    assert.ok(!text.slice(50).includes('"') && !text.slice(60).includes("269287424"));
  });

  it("stay where they are when too little is saved", () => {
    const text = times(5, 'f("Accepted",12,a.length);') + times(100, "f(7);");
    assert.equal(shared(text), text);
  });

  it("may be members of texts and arrays, and no others", () => {
    const text = shared(times(100, "f(a.length,b.item)" + ";"));
    assert.ok(text.startsWith('var shared$$0="length";f(a[shared$$0],b.item);'), text.slice(0, 60));
  });

  it("are read behind a word", () => {
    assert.ok(shared(`function f(){return"Accepted"}${times(40, 'f("Accepted");')}`).includes("return shared$$0"));
  });

  it("leave alone the names of properties and modules, and the stand-ins of the build", () => {
    const text = times(40, 'f({"Accepted":1});require("Accepted");__numberOf(1000000);');
    assert.equal(shared(text), text);
  });
});
