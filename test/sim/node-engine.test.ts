/** The engine imitated in Node behaves, and throws, as Espruino does. Sources: the engine's own behaviour, Espruino 2v29. */
import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeStorage } from "../../tools/image/storage.ts";
import { blankChip, NorFlash, RAW_BYTES } from "../../tools/sim/flash.ts";
import { withoutHoisting } from "../../tools/sim/node-engine/hoisting.ts";
import { NodeEngine } from "../../tools/sim/node-engine/node-engine.ts";
import { indexOf, split } from "../../tools/sim/node-engine/strings.ts";
import { closeAll, closing, until } from "./fixture.ts";

interface Run {
  lines: string[];
  stops: string[];
  engine: NodeEngine;
}

/** Boots `code`; port 1 refuses. `files` are further Storage files. */
async function boot(code: string, files: Record<string, string> = {}): Promise<Run> {
  const chip = blankChip();
  const records = Object.entries({ ".bootcde": code, ...files }).map(([name, text]) => ({
    name,
    bytes: Buffer.from(text, "latin1"),
  }));
  chip.set(encodeStorage(records), RAW_BYTES);
  const lines: string[] = [];
  const stops: string[] = [];
  const engine = new NodeEngine(new NorFlash(chip), (port) => port === 1, {
    log: (line) => lines.push(line),
    stopped: (how) => stops.push(how),
  });
  closing({ close: () => engine.close() });
  await engine.powerOn({ link: 11, relay: 22, seed: 33 });
  return { lines, stops, engine };
}

/** The value of an expression in a firmware without anything else, as text. */
async function value(expression: string): Promise<string> {
  const { lines } = await boot(`print(${expression})`);
  return lines.join("\n");
}

/** A server whose accepted connection is the second value. */
async function listener(): Promise<{ port: number; accepted: Promise<Socket> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<Socket>((resolve) =>
    server.once("connection", (socket) => resolve(socket.on("error", () => undefined))),
  );
  closing({ close: () => void server.close() });
  return { port: (server.address() as AddressInfo).port, accepted };
}

describe("engine in Node: language", () => {
  afterEach(closeAll);

  it("finds the beginning of a needle at the end of a text", async () => {
    assert.equal(indexOf("abc", "cd"), 2);
    assert.equal(indexOf("abc\n", "\nxyz"), 3);
    assert.equal(indexOf("abcd", "bcd"), 1);
    assert.equal(indexOf("ab", "abc"), -1, "a needle longer than the text is never found");
    assert.equal(indexOf("abc", "c", 3), -1);
    assert.equal(indexOf("abcabc", "ca", -5), 2);
    assert.equal(indexOf("xcc", "cd"), 2);
    assert.equal(indexOf("", ""), -1);
    assert.equal(
      await value(`["abc".indexOf("cd"),"abc".includes("cd"),"abc".lastIndexOf("cd"),"abc".endsWith("cd")].join()`),
      "2,true,-1,false",
    );
    assert.equal(await value(`"abc".replace("cd","X")`), "abX");
    assert.equal(await value(`"a.b.c".replaceAll(".","-")`), "a-b-c");
  });

  it("splits as the engine does", () => {
    assert.deepEqual(split("a,b,,c", ","), ["a", "b", "", "c"]);
    assert.deepEqual(split("abc", ""), ["a", "b", "c"]);
    assert.deepEqual(split("", ","), [""]);
    assert.deepEqual(split("a::b", "::"), ["a", "b"]);
  });

  it("has strings of bytes", async () => {
    assert.equal(await value("String.fromCharCode(0x20ac).charCodeAt(0)"), "172");
    assert.equal(await value(`["\xe4\xf6".length,"\xe4".toUpperCase().charCodeAt(0)].join()`), "2,228");
  });

  it("does not hoist functions, nested functions and top-level variables", async () => {
    assert.match((await boot("f(); function f(){print(1)}")).lines[0], /^Uncaught ReferenceError/);
    assert.match((await boot("function g(){h();function h(){}} g()")).lines[0], /^Uncaught TypeError/);
    assert.match((await boot("function f(){return x} f(); var x=1;")).lines[0], /^Uncaught ReferenceError/);
    assert.deepEqual((await boot("var a,b=2; function f(x){return x+b} print(f(1),a)")).lines, ["3 undefined"]);
  });

  it("keeps the meaning of a script that does not rely on hoisting", () => {
    const script = "var a=1,b;function f(n){function g(){return n}return n?f(n-1):g()}if(a){b=f(3)}for(var i=0;i<2;i++)b+=i;b";

    assert.equal((0, eval)(withoutHoisting(script)), 1);
  });

  it("throws when the length of an array is set", async () => {
    assert.match((await boot("var a=[1,2];a.length=0")).lines[0], /^Uncaught Error: Can't assign/);
    assert.equal(await value("(function(){var o={};o.length=3;return o.length})()"), "3");
  });

  it("knows no later language than its own", async () => {
    const absent =
      "Map Set WeakMap Symbol Promise Proxy Reflect Intl BigInt Date RegExp DataView RangeError queueMicrotask".split(" ");
    assert.equal(await value(`[${absent.map((name) => `typeof ${name}`).join()}].join("")`), "undefined".repeat(absent.length));
    for (const member of [
      "[].flat",
      "[].at",
      "[].lastIndexOf",
      '"".at',
      '"".codePointAt',
      "Math.trunc",
      "Object.freeze",
      "Number.isInteger",
      "Array.from",
      "JSON.parse",
    ]) {
      assert.equal(await value(`typeof ${member}`), "undefined", member);
    }
  });

  it("escapes texts byte by byte with JSON.stringify", async () => {
    assert.equal(await value(`JSON.stringify('a"\\\\\\n\xe9\\x7f')`), '"a\\"\\\\\\n\\u00E9\\u007F"');
  });

  it("sorts unstably and rounds halves away from zero", async () => {
    assert.equal(await value(`["b1","a","b2"].sort(function(x,y){return x.charCodeAt(0)-y.charCodeAt(0)}).join()`), "a,b2,b1");
    assert.equal(await value("Math.round(-2.5)+Math.round(2.5)"), "0");
  });

  it("has typed arrays that take texts and drop what does not fit", async () => {
    assert.equal(await value(`(function(){var a=new Uint8Array(4);a.set("abcdef",2);return a.join()})()`), "0,0,97,98");
    assert.equal(await value("new Uint8Array(new Uint8Array([1,2,3]).buffer,1,0).length"), "2", "length 0 means the rest");
    assert.match((await boot(`new Uint8Array("abc")`)).lines[0], /Unsupported first argument/);
    assert.equal(
      await value("(function(){var a=new Uint8Array(8),w=new Uint32Array(a.buffer);w[1]=0x01020304;return a.join()})()"),
      "0,0,0,0,4,3,2,1",
    );
  });

  it("makes functions of texts in the global scope", async () => {
    const { lines } = await boot(
      `var n=5;function load(a){return Function("b","c",require("Storage").read("o",2,99))(a)} print(load(2),load(3),n)`,
      {
        o: "##n+=b;c=n*10;return c",
      },
    );
    assert.deepEqual(lines, ["70 100 10"]);
  });
});

describe("engine in Node: API", () => {
  afterEach(closeAll);

  it("throws for clearTimeout(undefined) and stops all timers without an argument", async () => {
    assert.match((await boot("clearTimeout(undefined)")).lines[0], /clearTimeout\(undefined\) not allowed/);
    const { lines, engine } = await boot("setTimeout(print,1,'no');clearTimeout();setTimeout(print,2,'yes')");
    await sleep(10);
    await engine.settled();
    assert.deepEqual(lines, ["yes"]);
  });

  it("runs timers by time, equal ones by age, with their arguments", async () => {
    const { lines } = await boot("setTimeout(print,20,'c');setTimeout(print,0,'a',1);setTimeout(print,0,'b')");
    await until(() => lines.length === 3, "three timers");
    assert.deepEqual(lines, ["a 1", "b", "c"]);
  });

  it("ends a callback that throws and goes on", async () => {
    const { lines } = await boot("setTimeout(function(){throw 'F'},0);setTimeout(print,1,'on')");
    await until(() => lines.length === 2, "two lines");
    assert.deepEqual(lines, ["Uncaught F", "on"]);
  });

  it("hands what was thrown to process.on('uncaughtException')", async () => {
    const { lines } = await boot(
      "process.on('uncaughtException',function(e){print('caught',e)});setTimeout(function(){throw 'F'},0)",
    );
    await until(() => lines.length === 1, "one line");
    assert.deepEqual(lines, ["caught F"]);
  });

  it("stops at E.reboot(): nothing after it has an effect, not even behind a catch", async () => {
    const code = `setTimeout(print,1,"timer");var F=require("Flash");
      try{E.reboot()}catch(e){} try{F.write("x",0x10000000+851968)}catch(e){} try{print("after")}catch(e){}`;
    const { lines, stops, engine } = await boot(code);
    await until(() => stops.length === 1, "stopped");
    await sleep(5);
    assert.deepEqual(stops, ["reset"]);
    assert.deepEqual(lines, []);
    assert.equal(engine.chip()[0], 0xff);
  });

  it("tells a power cut from a reset by the file `cut`", async () => {
    const { stops } = await boot(`require("fs").writeFileSync("cut","1");E.reboot()`);
    await until(() => stops.length === 1, "stopped");
    assert.deepEqual(stops, ["cut"]);
  });

  it("reads the file `link`, and throws for a file that is not there", async () => {
    assert.equal(await value(`require("fs").readFileSync("link")`), "11,22,33");
    assert.match((await boot(`require("fs").readFileSync("none")`)).lines[0], /Could not open file/);
  });

  it("reads Storage files in part", async () => {
    const { lines } = await boot(
      `var S=require("Storage");print(S.list().join(),S.read("f",1,2),S.read("f",3),S.read("none"),S.read("f",9))`,
      {
        f: "abcd",
      },
    );
    assert.deepEqual(lines, [".bootcde,f bc d undefined "]);
  });

  it("writes the raw area through Flash, and bits only fall", async () => {
    const code = `var F=require("Flash"),A=0x10000000+851968;F.write([0xF0,1],A);F.write("\\x3c",A);print(F.read(3,A).join());F.erasePage(A+5);print(F.read(1,A)[0])`;
    assert.deepEqual((await boot(code)).lines, ["48,1,255", "255"]);
  });

  it("makes hashes, checksums and random numbers as the engine does", async () => {
    assert.equal(await value(`btoa(E.toString(require("crypto").SHA1("abc")))`), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    assert.equal(await value(`E.CRC32("123456789")`), "3421780262");
    assert.equal(await value(`E.toString([65,66],"C",68,new Uint8Array([69]))`), "ABCDE");
    const first = await value("E.hwRand()+','+Math.random()");
    assert.equal(await value("E.hwRand()+','+Math.random()"), first, "each boot begins with the same numbers");
    assert.equal(await value("(E.srand(5),E.hwRand()==(E.srand(5),E.hwRand()))"), "true");
  });

  it("has no other modules", async () => {
    assert.match((await boot(`require("http")`)).lines[0], /Module "http" not found/);
  });

  it("measures the firmware's frames at calls of the API", async () => {
    const { engine } = await boot(`function c(){E.toString("x")} function b(){c()} function a(){b()} a()`);
    assert.equal(engine.deepest(), 4);
  });

  it("logs a script that is no program", async () => {
    assert.match((await boot("var a=(")).lines[0], /^Uncaught SyntaxError/);
  });
});

describe("engine in Node: sockets", () => {
  afterEach(closeAll);

  it("throws at once where nothing listens", async () => {
    assert.match((await boot(`require("net").connect({host:"127.0.0.1",port:1})`)).lines[0], /Unable to create socket/);
  });

  it("tells connect and drain, and delivers at most 536 bytes at a time", async () => {
    const { port, accepted } = await listener();
    const { lines } = await boot(
      `var s=require("net").connect({host:"127.0.0.1",port:${port}},function(){print("connect")});s.on("drain",function(){print("drain")});s.on("data",function(d){print(d.length)})`,
    );
    const peer = await accepted;
    await until(() => lines.length === 2, "connect and drain");
    peer.write("x".repeat(1200));
    await until(() => lines.length === 5, "three pieces");
    assert.deepEqual(lines, ["connect", "drain", "536", "536", "128"]);
  });

  it("keeps data until there is a handler", async () => {
    const { port, accepted } = await listener();
    const { lines } = await boot(
      `var s=require("net").connect({host:"127.0.0.1",port:${port}});setTimeout(function(){s.on("data",function(d){print(d)})},30)`,
    );
    (await accepted).write("early");
    await until(() => lines.length === 1, "data");
    assert.deepEqual(lines, ["early"]);
  });

  it("sends after the current event, not before a reboot in it", async () => {
    const { port, accepted } = await listener();
    const { lines, stops } = await boot(
      `var s=require("net").connect({host:"127.0.0.1",port:${port}});s.on("connect",function(){print(s.write("lost"));E.reboot()})`,
    );
    const peer = await accepted;
    let got = "";
    peer.on("data", (data: Buffer) => (got += data.toString()));
    await until(() => stops.length === 1 && peer.closed, "reboot");
    assert.deepEqual(lines, ["false"]);
    assert.equal(got, "");
  });

  it("closes with end() once everything was sent", async () => {
    const { port, accepted } = await listener();
    const { lines } = await boot(
      `var s=require("net").connect({host:"127.0.0.1",port:${port}});s.on("end",function(){print("end")});s.on("close",function(e){print("close",e)});s.write("${"y".repeat(2000)}");s.end("z")`,
    );
    let got = "";
    (await accepted).on("data", (data: Buffer) => (got += data.toString()));
    await until(() => lines.length === 2, "close");
    assert.deepEqual(lines, ["end", "close false"]);
    await until(() => got.length === 2001, "all bytes");
  });

  it("reports unsent data when the peer resets", async () => {
    const { port, accepted } = await listener();
    const { lines } = await boot(
      `var s=require("net").connect({host:"127.0.0.1",port:${port}});s.on("error",function(e){print(e.code,e.message)});s.on("close",function(e){print("close",e)});s.on("connect",function(){var t="";while(t.length<9000000)t+="${"q".repeat(10000)}";s.write(t)})`,
    );
    const peer = await accepted;
    peer.pause();
    await sleep(50);
    peer.resetAndDestroy();
    await until(() => lines.length === 2, "error and close", 5000);
    assert.deepEqual(lines, ["-8 unsent data", "close true"]);
  });

  it("throws for a write to a closed socket", async () => {
    const { port, accepted } = await listener();
    const { lines } = await boot(
      `var s=require("net").connect({host:"127.0.0.1",port:${port}});s.on("close",function(){s.write("x")})`,
    );
    (await accepted).end();
    await until(() => lines.length === 1, "exception");
    assert.match(lines[0], /This socket is closed/);
  });

  it("ends where the real one does: a TLS socket used after a call of net in a data handler of the same turn", async () => {
    const { port, accepted } = await listener();
    const options = `{host:"127.0.0.1",port:${port}}`;
    const code = `var t,s=require("net").connect(${options});s.on("data",function(){s.write("x")});
      setTimeout(function(){t=require("tls").connect(${options})},5)`;
    const { lines, stops } = await boot(code);
    const peer = await accepted;
    await sleep(30);
    assert.deepEqual(stops, []);
    peer.write("data");
    await until(() => stops.length === 1, "the engine ended");
    assert.deepEqual(stops, ["reset"]);
    assert.match(lines[0], /SIGSEGV/);
  });

  it("survives the same call from a timer", async () => {
    const { port, accepted } = await listener();
    const options = `{host:"127.0.0.1",port:${port}}`;
    const code = `var t,s=require("net").connect(${options});s.on("data",function(){setTimeout(function(){s.write("x")},0)});
      setTimeout(function(){t=require("tls").connect(${options})},5)`;
    const { stops } = await boot(code);
    const peer = await accepted;
    await sleep(30);
    peer.write("data");
    await new Promise((resolve) => peer.once("data", resolve));
    assert.deepEqual(stops, []);
  });
});
