import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { ATTACKS } from "./attacks.ts";
import { FakeStation } from "./fake-station.ts";
import { startHostile, type Attack, type HostileOptions, type HostileServer } from "./hostile.ts";
import { randomFrames } from "./random-frames.ts";
import { encodeFrame, FrameReader, PING, PONG, requestFaults } from "./raw-websocket.ts";

/** The `ws` package stands for the station here: it does what RFC 6455 wants of a client. */
describe("hostile servers", () => {
  let server: HostileServer;
  const stations: FakeStation[] = [];

  async function start(attack: Attack, options?: HostileOptions): Promise<void> {
    server = await startHostile(attack, options);
  }

  async function station(): Promise<FakeStation> {
    const fake = await FakeStation.connect(server.url, "CS001", { handshakeTimeout: 200 });
    stations.push(fake);
    return fake;
  }

  afterEach(async () => {
    for (const fake of stations.splice(0)) fake.end();
    await server.close();
  });

  const refusing: [name: string, attack: () => Attack, error: RegExp][] = [
    ["401", ATTACKS.refuses401, /response: 401/],
    ["404", ATTACKS.refuses404, /response: 404/],
    ["500", ATTACKS.refuses500, /response: 500/],
    ["302", ATTACKS.redirects, /response: 302/],
    ["no subprotocol", ATTACKS.noSubprotocol, /no subprotocol/],
    ["a wrong subprotocol", ATTACKS.wrongSubprotocol, /invalid subprotocol/],
    ["a wrong accept key", ATTACKS.wrongAccept, /Invalid Sec-WebSocket-Accept/],
    ["no accept key", ATTACKS.noAccept, /Invalid Sec-WebSocket-Accept/],
    ["bytes that are no HTTP", ATTACKS.notHttp, /Parse Error/],
    ["an end inside the head", ATTACKS.closesInHandshake, /socket hang up/],
    ["a reset", ATTACKS.resetsInHandshake, /ECONNRESET|socket hang up/],
    ["an endless head", ATTACKS.endlessHeader, /Header overflow/],
    ["silence", ATTACKS.silentInHandshake, /handshake has timed out/],
    ["a greeting of another protocol", ATTACKS.speaksFirst, /Parse Error|socket hang up/],
  ];
  for (const [name, attack, error] of refusing) {
    it(`answers an upgrade with ${name}, and keeps the request`, async () => {
      await start(attack());
      await assert.rejects(station(), error);
      await server.waitFor(() => server.last?.ended);
      assert.equal(server.connections.length, 1);
      if (name.startsWith("a greeting")) return;
      const { request } = server.last!;
      assert.deepEqual([request?.path, request?.headers.get("sec-websocket-protocol")], ["/CS001", "ocpp2.0.1"]);
      assert.deepEqual(requestFaults(request!), []);
    });
  }

  const breaking: [name: string, attack: () => Attack, code: number][] = [
    ["an end of TCP", ATTACKS.closesAtOnce, 1006],
    ["a reset of TCP", ATTACKS.resets, 1006],
    ["invalid UTF-8", ATTACKS.invalidUtf8, 1007],
    ["a frame that is cut inside a character", ATTACKS.cutInCharacter, 1006],
    ["a masked frame", ATTACKS.masked, 1002],
    ["reserved bits", ATTACKS.reservedBits, 1002],
    ["an unknown opcode", ATTACKS.unknownOpcode, 1002],
    ["a ping that is too long", ATTACKS.longPing, 1002],
    ["a fragmented ping", ATTACKS.fragmentedPing, 1002],
    ["a continuation of nothing", ATTACKS.continuationFirst, 1002],
    ["a message inside a message", ATTACKS.interruptedMessage, 1002],
    ["a close frame with half a code", ATTACKS.closesWithHalfCode, 1002],
    ["a close frame with a code that is not sent", () => ATTACKS.closes(1006), 1002],
    ["a frame of 2^40 bytes", ATTACKS.announcesHuge, 1009],
  ];
  for (const [name, attack, code] of breaking) {
    it(`makes a client fail the connection by ${name}`, async () => {
      await start(attack());
      await station().catch(() => undefined);
      await server.waitFor(() => server.last?.ended);
      if (code !== 1006) assert.equal(server.last?.close?.code, code);
      else assert.equal(server.last?.close, null);
    });
  }

  it("closes with code and reason, and without", async () => {
    for (const [code, seen] of [
      [1001, 1001],
      [4000, 4000],
      [null, 1005],
    ] as const) {
      await start(ATTACKS.closes(code, code === null ? "" : "bye é"));
      const fake = await station();
      await server.waitFor(() => fake.close);
      assert.deepEqual(fake.close, { code: seen, reason: code === null ? "" : "bye é" });
      await server.waitFor(() => server.last?.close);
      await server.close();
    }
    await start({});
  });

  it("sends 200 kB in one frame and in fragments, and a good message cut inside a character", async () => {
    for (const [attack, length] of [
      [ATTACKS.bigText(), 200_042],
      [ATTACKS.bigFragments(), 200_042],
      [ATTACKS.splitInCharacter(), 61],
      [ATTACKS.longLengthForm(), 61],
    ] as const) {
      await start(attack);
      const fake = await station();
      const [text] = await server.waitFor(() => (fake.received.length ? fake.received : null));
      assert.deepEqual(JSON.parse(text!) instanceof Array, true);
      assert.ok(Math.abs(text!.length - length) < 10, `${text!.length} characters`);
      await server.close();
    }
    await start({});
  });

  it("pings with a payload and sees the pong, masked", async () => {
    await start(ATTACKS.pings());
    await station();
    const pong = await server.waitFor(() => server.last?.frames.find(({ opcode }) => opcode === PONG));
    assert.equal(pong.payload.length, 101);
    assert.equal(pong.mask?.length, 4);
  });

  it("answers like a CSMS in between, but not when mute", async () => {
    await start({});
    const fake = await station();
    assert.equal((await fake.call("Heartbeat", {}))[0], 3);
    assert.equal((await fake.call("Nonsense", {}))[2], "NotImplemented");
    assert.equal(server.last?.texts.length, 2);
    await server.close();
    await start(ATTACKS.silent());
    const other = await station();
    assert.equal(await Promise.race([other.call("Heartbeat", {}), sleep(50, "silence")]), "silence");
  });

  it("cuts its answers anywhere, with control frames between, and stays right", async () => {
    await start(ATTACKS.fragments(7));
    const fake = await station();
    for (let round = 0; round < 30; round++) {
      const [type, , answer] = await fake.call("Authorize", { idToken: { idToken: "AA01", type: "Central" } });
      assert.deepEqual([type, (answer as { idTokenInfo: { status: string } }).idTokenInfo.status], [3, "Accepted"]);
    }
    assert.ok(server.last!.frames.some(({ opcode }) => opcode === PONG));
    assert.equal(server.last!.close, null);
  });

  it("behaves well from a given connection on, and strikes on command", async () => {
    await start(ATTACKS.masked(), { goodFrom: 2, manual: true });
    const fake = await station();
    assert.equal((await fake.call("Heartbeat", {}))[0], 3);
    await server.strike();
    await server.waitFor(() => fake.close);
    const again = await station();
    await server.strike();
    assert.equal((await again.call("Heartbeat", {}))[0], 3);
    assert.deepEqual(
      server.connections.map(({ close }) => close?.code),
      [1002, undefined],
    );
  });

  it("writes down what is wrong with the client's frames", async () => {
    await start({});
    const fake = await station();
    for (const text of ['[3,"a",{}]', "[3,", '[4,"a","Oops","",{}]', '[2,"a","Heartbeat",{"x":1}]']) fake.send(text);
    await server.waitFor(() => server.last!.texts.length === 4);
    const { faults } = server.last!;
    assert.equal(faults.length, 3);
    assert.match(faults[0]!, /^not JSON: /);
    assert.match(faults[1]!, /^unknown error code "Oops": /);
    assert.match(faults[2]!, /^FormatViolation: Heartbeat.req /);
  });

  it("writes down that a client was silent and left", async () => {
    await start(ATTACKS.silent());
    const socket = new WebSocket(`${server.url}/x`);
    socket.on("error", () => undefined);
    await server.waitFor(() => server.last?.upgraded);
    socket.terminate();
    await server.waitFor(() => server.last?.ended === "client");
    assert.deepEqual(server.last?.frames, []);
  });

  describe("random frames", () => {
    beforeEach(() => start({}));

    it("are the same for the same seed", () => {
      const take = (seed: number): string => {
        const frames = randomFrames(seed);
        return Buffer.concat(Array.from({ length: 200 }, () => frames.next().value.bytes)).toString("base64");
      };
      assert.equal(take(1), take(1));
      assert.notEqual(take(1), take(2));
    });

    it("break RFC 6455 where they say so, and only there", async () => {
      const frames = randomFrames(11, 0.02);
      let broken = 0;
      let fake = await station();
      for (let count = 0; count < 600; count++) {
        const { bytes, breaks, kind } = frames.next().value;
        server.last!.write(bytes);
        const alive = await server.last!.settled();
        assert.equal(alive, !breaks, `frame ${count}, ${kind}`);
        if (!breaks) continue;
        broken++;
        await server.waitFor(() => fake.close);
        fake = await station();
      }
      assert.ok(broken > 3, `${broken} breaking frames`);
    });

    it("are sent in batches and go on with the next connection", async () => {
      await server.close();
      const attack = ATTACKS.random(5, 3000, 0.01);
      await start(attack);
      while (attack.sent < attack.count) {
        const fake = await station();
        await server.waitFor(() => fake.close ?? attack.sent === attack.count, 10_000);
      }
      assert.equal(attack.stuck, 0);
      assert.ok(server.connections.length > 2);
    });
  });

  it("reads frames however they are cut", async () => {
    await start({});
    const reader = new FrameReader();
    const mask = Buffer.from([9, 8, 7, 6]);
    const payload = Buffer.from("x".repeat(70_000));
    const bytes = Buffer.concat([encodeFrame({ opcode: PING, mask, payload: Buffer.from("p") }), encodeFrame({ mask, payload })]);
    const frames = [...bytes.subarray(0, 20)].flatMap((byte) => reader.read(Buffer.from([byte])));
    frames.push(...reader.read(bytes.subarray(20)));
    assert.deepEqual(
      frames.map((frame) => frame.payload.length),
      [1, 70_000],
    );
    assert.deepEqual(frames[1]?.payload, payload);
  });
});
