/**
 * The station's side of the connection on the wire: the upgrade request (OCPP-J Part 4, 3.1; RPC-01, A-01), masks, fragments, control
 * frames and limits (RFC 6455, 5; RPC-09, RPC-12).
 */
import assert from "node:assert/strict";
import type { StationOptions } from "../../tools/sim/sim.ts";
import { Random } from "../csms/random-frames.ts";
import { CONTINUATION, encodeFrame, PING, PONG, requestFaults, TEXT, textFrame } from "../csms/raw-websocket.ts";
import { hasEspruino } from "./harness.ts";
import { FULL, SEED, Siege } from "./transport-bench.ts";

const LIMIT = 4000;
/** The request whose answer is compared: characters of one to four bytes, escapes, an answer in several fragments. */
const REQUEST =
  '"SetVariables",{"setVariableData":[{"component":{"name":"é€𝄞\\u00e9\\ud834\\udd1e"},"variable":{"name":"x\\"y\\\\z"},"attributeValue":"ü"},' +
  '{"component":{"name":"ClockCtrlr"},"variable":{"name":"DateTime"},"attributeValue":"1"}]}]';

function bytesOf(id: string): Buffer {
  return Buffer.from(`[2,"${id}",${REQUEST}`, "utf8");
}

function frameOf(id: string): Buffer {
  return encodeFrame({ payload: bytesOf(id) });
}

/** A message as fragments that end at the given positions. */
function fragments(bytes: Buffer, ends: number[], between: (index: number) => Buffer = () => Buffer.alloc(0)): Buffer {
  const all = [...ends, bytes.length];
  return Buffer.concat(
    all.flatMap((end, index) => [
      encodeFrame({
        fin: index === all.length - 1,
        opcode: index === 0 ? TEXT : CONTINUATION,
        payload: bytes.subarray(all[index - 1] ?? 0, end),
      }),
      index < all.length - 1 ? between(index) : Buffer.alloc(0),
    ]),
  );
}

/** A CALL of exactly `length` bytes that is right but for its length. */
function callOf(id: string, length: number): string {
  const head = `[2,"${id}","GetVariables",`;
  const tail = '{"getVariableData":[{"component":{"name":"TxCtrlr"},"variable":{"name":"TxStopPoint"}}]}]';
  return head + " ".repeat(length - head.length - tail.length) + tail;
}

async function withSiege(
  options: StationOptions,
  body: (siege: Siege) => Promise<void>,
  url?: (server: string) => string,
): Promise<void> {
  const siege = await Siege.open(options, url);
  try {
    await body(siege);
    siege.faultless();
  } finally {
    await siege.close();
  }
}

function upgrades(engine: "node" | "espruino"): void {
  // Password: A-02, and UTF-8 for one that an operator has set; identity: Part 4, 3.1.1 with every character of identifierString.
  const requests: [title: string, options: StationOptions, path: string][] = [
    ["no password: no Authorization", { id: "CS001" }, ""],
    [
      "a path, an identity with every special character, a password",
      { id: "CS-7_a*=+|@.", password: "Aa0*-_=:+|@.12345" },
      "/ocpp/v2",
    ],
    ["a path that ends with a slash, an identity of 48 characters", { id: "x".repeat(48), password: "0123456789abcdef" }, "/o/"],
    ["a password in UTF-8", { id: "CS001", password: "pässwörd-€-𝄞-1234" }, "/"],
    ["an identity in UTF-8", { id: "Säule 7/ü€" }, ""],
  ];
  for (const [title, options, path] of requests) {
    it(`RPC-01, A-01: the upgrade request is right: ${title}`, async function () {
      this.timeout(20_000);
      await withSiege(
        { ...options, engine },
        async (siege) => {
          siege.last.reset();
          await siege.until("a second connection", () => siege.server.connections.length > 1 && siege.last.upgraded);
          const [first, second] = siege.server.connections.map(({ request }) => request!);
          for (const request of [first, second]) {
            assert.deepEqual(requestFaults(request), []);
            const slash = request.path.lastIndexOf("/");
            assert.equal(request.path.slice(0, slash), path.replace(/\/$/, ""));
            assert.match(
              request.path,
              /^[A-Za-z0-9._~!*'()%/-]+$/,
              "RFC 3986: what a segment may hold, and percent-encoded ones",
            );
            assert.equal(decodeURIComponent(request.path.slice(slash + 1)), options.id);
            assert.equal(request.headers.get("host"), `127.0.0.1:${siege.server.port}`);
            const offered = request.headers.get("sec-websocket-protocol")!.split(/, */);
            assert.equal(offered[0], "ocpp2.0.1");
            assert.deepEqual(
              offered.filter((name) => !["ocpp2.0.1", "ocpp1.6"].includes(name)),
              [],
            );
            const credentials = Buffer.from(`${options.id}:${options.password}`, "utf8").toString("base64");
            assert.equal(
              request.headers.get("authorization"),
              options.password === undefined ? undefined : `Basic ${credentials}`,
            );
            assert.equal(request.raw.match(/\r\n\w[^:\r]*:/g)!.length, request.headers.size, "no header twice");
            assert.equal(request.headers.has("sec-websocket-extensions"), false);
          }
          assert.notEqual(first.headers.get("sec-websocket-key"), second.headers.get("sec-websocket-key"));
        },
        (server) => server + path,
      );
    });
  }

  it("the default port is left out of nothing: Host is the URL's authority", async function () {
    this.timeout(20_000);
    await withSiege(
      { engine, id: "CS001" },
      async (siege) => assert.equal(siege.last.request!.headers.get("host"), `localhost:${siege.server.port}`),
      (server) => server.replace("127.0.0.1", "localhost"),
    );
  });

  it("a protocol that is asked for alone is offered alone", async function () {
    this.timeout(20_000);
    await withSiege({ engine, protocol: "ocpp2.0.1" }, async (siege) => {
      assert.equal(siege.last.request!.headers.get("sec-websocket-protocol"), "ocpp2.0.1");
    });
  });
}

function frames(engine: "node" | "espruino"): void {
  let siege: Siege;
  const open = async (): Promise<void> => {
    siege = await Siege.open({ engine });
    await siege.charge();
  };
  before(async function () {
    this.timeout(30_000);
    await open();
  });
  after(() => siege.close());
  afterEach(async function () {
    if (this.currentTest?.state === "failed") {
      await siege.close();
      await open();
    } else siege.faultless();
  });

  it("masks differ from frame to frame, and from boot to boot", async function () {
    this.timeout(20_000);
    const masks = (): string[] =>
      siege.server.connections.flatMap(({ frames }) => frames.map(({ mask }) => mask!.toString("hex")));
    const frames = engine === "node" || FULL ? 40 : 15;
    for (let n = 0; n < frames; n++) await siege.ask(`m${n}`, frameOf(`m${n}`));
    const before = masks();
    assert.ok(before.length >= frames);
    assert.equal(new Set(before).size, before.length);
    assert.ok(new Set(before.map((mask) => mask.slice(0, 2))).size > frames / 2, "all bytes of a mask are random");
    assert.ok(new Set(before.map((mask) => mask.slice(6))).size > frames / 2, "all bytes of a mask are random");
    await siege.post("/power", { on: false });
    await siege.post("/power", { on: true });
    await siege.until("registered", async () => (await siege.station.state()).registration === "Accepted");
    const after = masks().slice(before.length);
    assert.deepEqual(
      after.filter((mask) => before.includes(mask)),
      [],
    );
  });

  it(`RPC-09: a message in two fragments, cut at every byte, is the same message`, async function () {
    this.timeout(120_000);
    const whole = (await siege.ask("0000", frameOf("0000"))).slice(8);
    const step = engine === "node" || FULL ? 1 : 23;
    for (let cut = 0; cut <= bytesOf("0000").length; cut += step) {
      const id = String(1000 + cut);
      assert.equal((await siege.ask(id, fragments(bytesOf(id), [cut]))).slice(8), whole, `cut at byte ${cut}`);
    }
  });

  const rounds = engine === "node" || FULL ? 150 : 8;
  it(`RPC-09: ${rounds} times any fragments, with control frames between, cut anywhere by TCP (seed ${SEED})`, async function () {
    this.timeout(120_000);
    const random = new Random(SEED);
    const whole = (await siege.ask("0000", frameOf("0000"))).slice(8);
    for (let round = 0; round < rounds; round++) {
      const id = String(1000 + round);
      const bytes = bytesOf(id);
      const ends = Array.from({ length: random.below(8) }, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
      const pings: string[] = [];
      const stream = fragments(bytes, ends, () => {
        const payload = random.bytes(random.below(126));
        if (random.below(3) === 0) return encodeFrame({ opcode: PONG, payload });
        pings.push(payload.toString("hex"));
        return encodeFrame({ opcode: PING, payload });
      });
      const { last } = siege;
      const known = last.frames.length;
      for (let at = 0; at < stream.length - 1;) {
        const end = Math.min(stream.length - 1, at + 1 + random.below(random.below(4) ? 60 : 3));
        last.write(stream.subarray(at, end));
        at = end;
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal((await siege.ask(id, stream.subarray(stream.length - 1))).slice(8), whole, `round ${round}, seed ${SEED}`);
      const pongs = last.frames.slice(known).filter(({ opcode }) => opcode === PONG);
      assert.deepEqual(
        pongs.map(({ payload }) => payload.toString("hex")),
        pings,
        `round ${round}, seed ${SEED}: pongs`,
      );
    }
  });

  it("a ping of many lengths is answered with its payload, in order", async function () {
    this.timeout(30_000);
    const { last } = siege;
    const known = last.frames.length;
    const step = engine === "node" || FULL ? 3 : 25;
    const payloads: string[] = [];
    for (let length = 0; length <= 125; length += step) {
      const payload = Buffer.from(Array.from({ length }, (_, index) => (index * 37 + length * 11) & 255));
      payloads.push(payload.toString("hex"));
      last.write(encodeFrame({ opcode: PING, payload }));
    }
    assert.equal(await last.settled(), true);
    const pongs = last.frames.slice(known).filter(({ opcode }) => opcode === PONG);
    assert.deepEqual(
      pongs.slice(0, -1).map(({ payload }) => payload.toString("hex")),
      payloads,
    );
  });

  it(`RPC-12: ${LIMIT} bytes are taken, ${LIMIT + 1} are FormatViolation with the id, in one frame and in fragments`, async function () {
    this.timeout(30_000);
    assert.match(await siege.ask("full", textFrame(callOf("full", LIMIT))), /^\[3,"full",.*PowerPathClosed/);
    const longer: [string, number][] = [
      ["one", LIMIT + 1],
      ["more", 20_000],
      ["most", 65_535],
    ];
    for (const [id, length] of longer) {
      assert.match(
        await siege.ask(id, textFrame(callOf(id, length))),
        new RegExp(`^\\[4,"${id}","FormatViolation",`),
        `${length} bytes`,
      );
      assert.match(await siege.ask("after", textFrame(callOf("after", 200))), /^\[3,"after",/);
    }
    const bytes = Buffer.from(callOf("parts", LIMIT + 1));
    const cuts = Array.from({ length: 8 }, (_, index) => (index + 1) * 500);
    assert.match(await siege.ask("parts", fragments(bytes, cuts)), /^\[4,"parts","FormatViolation",/);
    assert.equal(siege.last.ended, null);
  });

  it("a frame of 65,536 bytes and one of 200 kB: close code 1009, back on the next connection", async function () {
    this.timeout(30_000);
    for (const length of [65_536, 200_000]) {
      const [connection] = await siege.suffer(() => ({ strike: (c) => void c.write(textFrame(callOf("big", length))) }));
      assert.equal(connection!.close?.code, 1009, `${length} bytes`);
    }
  });

  const broken: [title: string, text: Buffer][] = [
    ["cut in the middle of a character", Buffer.from([0xe2, 0x82])],
    ["a lone continuation byte", Buffer.from([0x80])],
    ["an overlong form", Buffer.from([0xc0, 0xaf])],
    ["an overlong form of three bytes", Buffer.from([0xe0, 0x80, 0xaf])],
    ["a surrogate", Buffer.from([0xed, 0xa0, 0x80])],
    ["beyond U+10FFFF", Buffer.from([0xf4, 0x90, 0x80, 0x80])],
    ["a byte that UTF-8 does not have", Buffer.from([0xff])],
  ];
  const places: [place: string, before: string, after: string][] = [
    ["a value", '[2,"u","DataTransfer",{"vendorId":"a', '"}]'],
    ["a member's name", '[2,"u","DataTransfer",{"vendorId":"a","x', '":1}]'],
    [
      "a value of a request that is offered",
      '[2,"u","GetVariables",{"getVariableData":[{"component":{"name":"a',
      '"},"variable":{"name":"x"}}]}]',
    ],
    ["the action", '[2,"u","Data', '",{}]'],
    ["the message id", '[2,"u', '","DataTransfer",{"vendorId":"a"}]'],
    ["white space", '[2,"u","DataTransfer",', '{"vendorId":"a"}]'],
    ["an answer that nobody waits for", '[3,"u",{"a":"', '"}]'],
  ];
  for (const [place, before, after] of places) {
    const all = place === "a value" && (engine === "node" || FULL) ? broken : broken.slice(0, 1);
    for (const [title, bytes] of all) {
      it(`RFC 6455, 8.1: invalid UTF-8 in ${place}: ${title}: close code 1007`, async function () {
        this.timeout(20_000);
        const frame = encodeFrame({ payload: Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]) });
        const [connection] = await siege.suffer(() => ({ strike: (c) => void c.write(frame) }));
        assert.equal(connection!.close?.code, 1007);
        assert.deepEqual(
          connection!.texts.filter((text) => text.startsWith("[4") || text.startsWith('[3,"u')),
          [],
        );
      });
    }
  }

  it("characters of one to four bytes come back as they went", async () => {
    const answer = JSON.parse(await siege.ask("wide", frameOf("wide"))) as [
      number,
      string,
      { setVariableResult: { component: { name: string }; variable: { name: string } }[] },
    ];
    const [{ component, variable }] = answer[2].setVariableResult;
    assert.deepEqual([component.name, variable.name], ["é€𝄞é𝄞", 'x"y\\z']);
  });
}

for (const engine of ["node", "espruino"] as const) {
  if (engine === "espruino" && !hasEspruino()) {
    it("the connection on the wire [espruino: no binary in ESPRUINO or on PATH]");
    continue;
  }
  describe(`the upgrade request [${engine}]`, () => upgrades(engine));
  describe(`frames on the wire [${engine}]`, function () {
    this.timeout(30_000);
    frames(engine);
  });
}
