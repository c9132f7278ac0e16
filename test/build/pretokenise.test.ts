/** The last stage of the build: tokens, and the way back. Espruino: src/jslex.c; package `espruino`, plugins/pretokenise.js. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { buildBoard, type Build } from "../../tools/build/build-board.ts";
import { pretokenise } from "../../tools/build/pretokenise.ts";
import { Traced } from "../../tools/build/traced.ts";
import { decodeSlices } from "../../tools/image/slices.ts";
import { decodeStorage, encodeStorage } from "../../tools/image/storage.ts";
import { packageTokeniser, untokenise } from "../../tools/image/tokens.ts";
import { FIXTURE, removeProjects } from "./project.ts";
import { ENGINE, engineTitle, runOnEngine } from "./run-image.ts";

const tokens = (text: string): string => pretokenise(Traced.ofFile("a.ts", text)).text;
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

/** Statements that print one line each with the functions `p` and `op`, the operation below. */
const PLANTED: readonly [title: string, text: string][] = [
  [
    "properties with the names of words",
    "var o={if:1,default:2,in:3,delete:function(){return 4},catch:5,of:6,new:7,this:8,static:9,undefined:10};" +
      "p([o.if,o.default,o.in,o.delete(),o.catch,o.of,o.new,o.this,o.static,o.undefined].join())",
  ],
  [
    "long texts as names",
    'var n={"a long name in the text":1};n["another long name in flash"]=2;p(n["a long name"+" in the text"]+Object.keys(n).join())',
  ],
  ["a long text that grows", 'var s="a long text that stays in flash",t=s;s+=" and grows";p(s+"/"+t)'],
  ["long texts compared", 'p(["text that is long"==="text that"+" is long","text that is long"<"text that is longer"].join())'],
  [
    "a long text after case",
    'switch("text of the case "+2){case "text of the case 1":p(1);break;case "text of the case 2":p(2);break;default:p(3)}',
  ],
  [
    "methods of long texts",
    'p("0,1,2,3,4,5,6,7".split(",").length+"abcdefghijklmnop".substr(3,4)+"abcdefghijklmnop"[2]+"abcdefghijklmnop".indexOf("def"))',
  ],
  ["a long text thrown", 'try{throw"a thrown text that is long"}catch(e){p(e)}'],
  [
    "bytes of every kind",
    String.raw`var b="\x80\xff\0\"\\\n'and more\xd1\xd2\x8a";p(b.length+":"+b.split("").map(function(c){return c.charCodeAt(0)}).join())`,
  ],
  [
    "quotes and zeros in short texts",
    String.raw`p(["\"'\0\\".length,"'\"".charCodeAt(1),"".length,"\n\xff".charCodeAt(1)].join())`,
  ],
  [
    "texts of 255, 256 and 600 bytes",
    `p(["${"a".repeat(255)}","${"b".repeat(256)}","${"c\xff".repeat(300)}"].map(function(x){return x.length+x[x.length-1]}).join())`.replaceAll(
      "\xff",
      "\\xff",
    ),
  ],
  [
    "numbers",
    "p([0,1,9,10,99,127,128,255,256,999,1e3,32767,32768,65535,65536,2147483648,4294967295,1e9,3.25,.5,0x7f,-1,-9,-128,-129,-32768,-32769,-2147483648].join())",
  ],
  ["signs in a row", 'var i=5,j=2;p([1- -1+ +"2",i- -j,i+ +j,i++ + ++j,i-- - --j,- -i,+ +i,1+-1,i- -1].join())'],
  ["zero with a sign in an expression", "p([1-0,-0+2,[0,-0].length].join())"],
  [
    "names next to words",
    "p([typeof undefined,void 0,(i)in[1,2],!1,null,i instanceof Object].join());var y=1;do y++;while(y<3);p(y)",
  ],
  [
    "a word that ends a text, a digit behind a word",
    "function w(x){if(x)return 1;else return 2}p(w(0)+w(1));for(var k in{a:1})p(k)",
  ],
  ["an operation", "p(op(3,4)+op(0,1))"],
];
const OPERATION =
  'var c="a long text in the operation",d=c.length;if(a){d+=1000}else{d-=70000}for(var e=0;e<3;e++){if(e===1)continue;d+=e}while(d<0)d+=7;' +
  'return c+d+[a,b].map(function(x){return x*-2}).join("")';
const KERNEL =
  'function p(x){print(x)}function op(a,b){return Function("a","b",require("Storage").read("o",1))(a,b)}' +
  PLANTED.map(([, text]) => text).join(";") +
  ';setTimeout(function(){p("END")},1);';

function inNode(kernel: string, operation: string): string[] {
  const lines: string[] = [];
  const context: Record<string, unknown> = {
    print: (value: unknown) => lines.push(String(value)),
    setTimeout: () => 0,
    require: () => ({ read: () => operation }),
  };
  context.Function = (a: string, b: string, body: string): unknown =>
    runInNewContext(`(function(${a},${b}){${untokenise(body)}})`, context);
  runInNewContext(untokenise(kernel), context);
  return lines;
}

function onEngine(kernel: string, operation: string): Promise<string[]> {
  return runOnEngine(
    encodeStorage([
      { name: ".bootcde", bytes: latin1(kernel) },
      { name: "o", bytes: latin1(" " + operation) },
    ]),
  );
}

describe("tokens", () => {
  it("are one byte for each word and operator, and never longer than the text", () => {
    assert.equal(tokens("if(a===b)return_(c);else throw void 0"), "\xa3(a\x8bb)return_(c);\xa4\xb0\xc0\xd3");
    assert.equal(tokens("a = 5 ;\n b=12;c=300;d=70000;e=0"), "a=5;b=\xd4\x0c;c=\xd5\x2c\x01;d=70000;e=\xd3");
    assert.equal(tokens('f("ab","a text of 15 by")'), 'f("ab",\xd1\x0fa text of 15 by)');
  });

  it("come back as the program that they were, and mean the same in Node", () => {
    for (const [title, text] of PLANTED) assert.equal(tokens(untokenise(tokens(text))), tokens(text), title);
    assert.deepEqual(inNode(tokens(KERNEL), tokens(OPERATION)), inNode(KERNEL, OPERATION));
  });

  it("keep the signs apart that the package merges", () => {
    assert.equal(packageTokeniser().tokenise("a+ +b"), "a++b");
    assert.equal(tokens("a+ +b- -c- -d"), "a+ +b- -c- -d");
  });

  it("take the sign of a number with it, unless it stands between two operands", () => {
    assert.equal(tokens("f(-5,-200,-70000,-0,-.5);a-5;a- -5"), "f(\xd4\xfb,\xd5\x38\xff,-70000,-\xd3,-.5);a-5;a-\xd4\xfb");
    assert.equal(untokenise(tokens("a-(-5);a- -5;return_-1")), "a-(-5);a- -5;return_-1");
  });

  it("keep every byte of a text", () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
    const text = fc.string({ unit: byte, maxLength: 300 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const code = `f(${[a, b].map((one) => JSON.stringify(one).replace(/[\x7f-\xff]/g, (c) => "\\x" + c.charCodeAt(0).toString(16))).join(",")})`;
        const seen: unknown[] = [];
        runInNewContext(untokenise(tokens(code)), { f: (...args: unknown[]) => seen.push(...args) });
        assert.deepEqual(seen, [a, b]);
      }),
    );
  });

  it("keep every whole number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 }), fc.integer({ min: 0, max: 40_000 }), (a, b) => {
        assert.deepEqual(JSON.parse(JSON.stringify(runInNewContext(untokenise(tokens(`[${a},-${b},${b},x-${b}]`)), { x: 1 }))), [
          a,
          -b + 0,
          b,
          1 - b,
        ]);
      }),
    );
  });

  it("of the whole package are read too: negative numbers, texts of any length", () => {
    const text = String.raw`f(a,-1,-300,"","x","\xff\0",a?-5:6)`;
    const seen: unknown[] = [];
    runInNewContext(untokenise(packageTokeniser().tokenise(text)), { a: 1, f: (...args: unknown[]) => seen.push(...args) });
    assert.deepEqual(seen, [1, -1, -300, "", "x", "\xff\0", -5]);
  });

  it("are not looked for in text that is not tokenised", () => {
    const plain = "f(\"a\xd1\x80\", '\xe9') // don't \xa3\n/* \"\xa4 */";
    assert.equal(untokenise(plain), plain);
    assert.equal(untokenise("(function (a) { return a; })"), "(function (a) { return a; })");
  });

  for (const [title, text] of [...PLANTED, ["all of it", KERNEL] as const]) {
    it(engineTitle(`mean the same there: ${title}`), async function () {
      if (!ENGINE) this.skip();
      this.timeout(20_000);
      const kernel =
        text === KERNEL
          ? KERNEL
          : `var i=5;function p(x){print(x)}function op(a,b){return Function("a","b",require("Storage").read("o",1))(a,b)}${text};p("END")`;
      const plain = await onEngine(kernel, OPERATION);
      assert.ok(plain.length > 0 && !plain.some((line) => line.startsWith("Uncaught")), plain.join("\n"));
      assert.deepEqual(await onEngine(tokens(kernel), tokens(OPERATION)), plain);
    });
  }

  it(engineTitle("leave the body of an operation in flash: no variable more during its call"), async function () {
    if (!ENGINE) this.skip();
    this.timeout(20_000);
    const used = async (code: (text: string) => string): Promise<string[]> => {
      const kernel =
        'function op(a,b){return Function("a","b",require("Storage").read("o",1))(a,b)}function f(){return process.memory(false).usage}var u=f(),v=op(1,f);print(v-u);u=f()-u;print(u);print("END")';
      const body = (count: number): string =>
        Array.from({ length: count }, (_, n) => `if(a===${n + 2}){return "a text of the body ${n}"}`).join("");
      const short = await onEngine(code(kernel), code(`${body(1)}return b()`));
      const long = await onEngine(code(kernel), code(`${body(40)}return b()`));
      assert.deepEqual(long, short);
      return long;
    };
    assert.deepEqual(await used(tokens), await used((text) => text));
  });
});

describe("tokens in an image", () => {
  after(removeProjects);
  let build: Build;
  before(async () => {
    build = await buildBoard("sim", FIXTURE);
  });

  it("are the kernel and the operations; tables and the copies for reading stay as they are", () => {
    const [kernel, slices] = decodeStorage(build.storage).map(({ bytes }) => bytes);
    assert.deepEqual(kernel, latin1(tokens(build.kernel)));
    decodeSlices(slices).forEach((bytes, number) => {
      const { isTable, text } = build.slices[number];
      const body = text.slice(text.indexOf("{") + 1, -1);
      assert.deepEqual(bytes, latin1(isTable ? text : tokens(body)));
    });
    assert.ok(build.slices.some(({ isTable }) => isTable) && build.slices.some(({ isTable }) => !isTable));
    assert.match(build.kernel, /^[\n\x20-\x7e]+$/);
  });

  it("name the build, whose id is as long as what it replaces", () => {
    const texts = [build.kernel, ...build.slices.map(({ text }) => text)];
    assert.ok(texts.some((text) => text.includes(build.buildId)));
    assert.ok(!Buffer.from(build.storage).toString("latin1").includes("@@@"));
    assert.equal(untokenise(tokens('f("the build @@@@@@")').replace("@@@@@@", "012abc")), 'f("the build 012abc")');
  });

  it("are counted byte by byte for the modules", () => {
    const [file] = build.manifest.files;
    const stored = [...build.storedKernel.countByFile().values()].reduce((a, b) => a + b, 0);
    assert.equal(stored, file.bytes);
    assert.ok(file.bytes < build.kernel.length);
  });
});
