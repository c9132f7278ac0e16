/** The page's HTTP (`src/setup/http.ts`, RFC 9112) against clients that are slow, malformed or many. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { wifiTest, type WifiBench } from "./bench.ts";
import { ask, pagePort, raw } from "./page-client.ts";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
/** Requests of the fuzz. */
const REQUESTS = process.env.FULL === "1" ? 600 : 120;

/** Random numbers from a seed: mulberry32. */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const SOUND = [
  "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\nAccept: */*\r\n\r\n",
  "GET /state HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n",
  "POST /save HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 32\r\n\r\nssid=a&key=&url=ws%3A%2F%2Fx&id=",
  "POST /scan HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
];
const PIECES = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  ":",
  " ",
  "  ",
  "%",
  "%zz",
  "Content-Length: 9999999999999999999999\r\n",
  "Content-Length: -1\r\n",
];

/** A sound request with a few wounds, or noise. */
function wounded(next: (below: number) => number): string {
  let text = SOUND[next(SOUND.length)];
  const noise = (length: number): string => String.fromCharCode(...Array.from({ length }, () => next(256)));
  if (next(8) === 0) return noise(1 + next(2000));
  for (let wounds = 1 + next(4); wounds > 0; wounds--) {
    const at = next(text.length + 1);
    const end = Math.min(text.length, at + next(12));
    switch (next(5)) {
      case 0:
        text = text.slice(0, at) + noise(1 + next(6)) + text.slice(at);
        break;
      case 1:
        text = text.slice(0, at) + text.slice(end);
        break;
      case 2:
        text = text.slice(0, at) + PIECES[next(PIECES.length)] + text.slice(at);
        break;
      case 3:
        text = text.slice(0, at) + text.slice(at, end).repeat(1 + next(120)) + text.slice(end);
        break;
      case 4:
        text = text.slice(0, at);
        break;
    }
  }
  return text;
}

/** Sends bytes, waits a moment for an answer, and goes. */
function throwAt(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from(bytes, "latin1")));
    let text = "";
    const timer = setTimeout(() => socket.destroy(), 60);
    socket.on("data", (data) => (text += data.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

function assertUnharmed({ log }: WifiBench): void {
  assert.deepEqual(
    log.filter((line) => /fault|Uncaught|MEMORY/.test(line)),
    [],
  );
}

function idle(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", () => undefined);
  });
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => (socket.destroyed ? resolve() : socket.resume().on("close", () => resolve())));

/** What is waited for, while simulated time goes on. */
async function timely<T>(bench: WifiBench, work: Promise<T>): Promise<T> {
  const end = { reached: false };
  work.then(() => (end.reached = true)).catch(() => (end.reached = true));
  for (let second = 0; !end.reached && second < 60; second++) {
    await bench.advance(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(end.reached, "not within 60 s");
  return work;
}

describe("HTTP of the setup page", () => {
  wifiTest("refuses what it cannot or may not read", { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    const refused: [string, number][] = [
      ["GET /\r\n\r\n", 400],
      ["GET / HTTP/2.0\r\n\r\n", 400],
      ["\x16\x03\x01\x02\0\x01\0\x01\xfc\n", 400],
      [`GET /${"x".repeat(400)} HTTP/1.1\r\n\r\n`, 414],
      [`GET / HTTP/1.1\r\n${"X-Long: y\r\n".repeat(800)}\r\n`, 431],
      [`GET / HTTP/1.1\r\nX-Long: ${"y".repeat(9000)}\r\n\r\n`, 431],
      ["POST /save HTTP/1.1\r\nContent-Length: 1501\r\n\r\n", 413],
      ["POST /save HTTP/1.1\r\nContent-Length: 12a\r\n\r\n", 400],
      ["POST /save HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400],
      ["POST /save HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
      ["POST /save HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411],
      ["POST /elsewhere HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 404],
      ["DELETE / HTTP/1.1\r\n\r\n", 405],
    ];
    for (const [request, status] of refused) {
      const answer = await timely(bench, raw(port, request));
      assert.equal(Number(answer.split(" ")[1]), status, JSON.stringify(request.slice(0, 60)));
    }
    assertUnharmed(bench);
  });

  wifiTest("reads a request that comes byte by byte, and empty lines before it", { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    const text = await raw(port, "\r\n\r\nGET /state HTTP/1.1\r\nhost: x\r\ncontent-LENGTH: 2\r\n\r\nab", { slowly: true });
    assert.match(text, /^HTTP\/1.1 200 [^]*"model":"Bench 0001"/);
  });

  wifiTest("closes connections that say nothing, and takes new ones then", { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    const silent = [];
    for (let n = 0; n < 4; n++) silent.push(await idle(port));
    silent[0].write("GET / HT");
    await bench.advance(1);
    assert.equal(await raw(port, SOUND[1]), "", "a fifth one is cut");
    await timely(bench, Promise.all(silent.map(closed)));
    assert.equal((await ask(port, "GET /state")).status, 200);
    assertUnharmed(bench);
  });

  wifiTest("closes a connection that does not take the page", { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    const deaf = await idle(port);
    deaf.pause();
    deaf.write(SOUND[0].repeat(50));
    await bench.advance(30);
    await timely(bench, closed(deaf));
    assert.equal((await ask(port, "GET /state")).status, 200);
  });

  wifiTest("survives clients that go while they are answered", { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    for (let n = 0; n < 60; n++) {
      const socket = await idle(port);
      socket.once("data", () => (n % 2 ? socket.destroy() : socket.resetAndDestroy()));
      socket.write(SOUND[n % 4 ? 0 : 1]);
      await closed(socket);
      if (n % 10 === 9) await bench.advance(1);
    }
    await bench.advance(12);
    assertUnharmed(bench);
    assert.equal((await ask(port, "GET /state")).status, 200);
  });

  wifiTest(`survives ${REQUESTS} malformed requests (SEED=${SEED})`, { configured: false }, async (bench) => {
    const port = await pagePort(bench);
    const next = random(SEED);
    const used = async (): Promise<number> => (await bench.station.state()).memory?.used ?? 0;
    const before = await used();
    for (let n = 0; n < REQUESTS; n++) {
      const request = wounded(next);
      const answer = await throwAt(port, request);
      assert.ok(answer === "" || /^HTTP\/1.1 \d{3} /.test(answer), JSON.stringify([request, answer.slice(0, 80)]));
      if (n % 30 === 29) {
        await bench.advance(1);
        assert.equal((await ask(port, "GET /state")).status, 200, `after request ${n + 1}`);
      }
    }
    await bench.advance(12);
    assertUnharmed(bench);
    assert.ok((await used()) - before < 40, `${before} variables before, ${await used()} behind it`);
    assert.equal((await ask(port, "GET /")).status, 200);
  });
});
