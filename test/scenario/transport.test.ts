/**
 * Hostile and unusual servers, RFC 6455 and OCPP-J Part 4, 3 and 4.1: conformance RPC-01, RPC-02, RPC-07 … RPC-09. A car charges all the
 * time; no attack may have an effect on it, and after each the station is back with the good server.
 */
import assert from "node:assert/strict";
import type { StationOptions } from "../../tools/sim/sim.ts";
import { ATTACKS } from "../csms/attacks.ts";
import type { Attack, Connection } from "../csms/hostile.ts";
import { CLOSE, TEXT } from "../csms/raw-websocket.ts";
import { hasEspruino } from "./harness.ts";
import { FULL, SEED, Siege, type Steady } from "./transport-bench.ts";

/** What the station does: refuses the upgrade, closes with a code (null: the server ends TCP first), or stays and goes on. */
/** "too much": 1008 for what waits to be read or 1009 for the message, whichever is noticed first. */
type Outcome = "refuses" | number | null | "stays" | "too much";

interface Case {
  attack(): Attack;
  outcome: Outcome;
  /** The sample for Espruino in a short run. */
  sample?: boolean;
  /** Simulated time that passes is long, so one round is enough. */
  slow?: boolean;
}

const CASES: Record<string, Case> = {
  refuses401: { attack: ATTACKS.refuses401, outcome: "refuses", sample: true },
  refuses404: { attack: ATTACKS.refuses404, outcome: "refuses", sample: true },
  refuses500: { attack: ATTACKS.refuses500, outcome: "refuses" },
  redirects: { attack: ATTACKS.redirects, outcome: "refuses" },
  noSubprotocol: { attack: ATTACKS.noSubprotocol, outcome: "refuses" },
  wrongSubprotocol: { attack: ATTACKS.wrongSubprotocol, outcome: "refuses", sample: true },
  wrongAccept: { attack: ATTACKS.wrongAccept, outcome: "refuses", sample: true },
  noAccept: { attack: ATTACKS.noAccept, outcome: "refuses" },
  notHttp: { attack: ATTACKS.notHttp, outcome: "refuses", sample: true },
  closesInHandshake: { attack: ATTACKS.closesInHandshake, outcome: "refuses" },
  resetsInHandshake: { attack: ATTACKS.resetsInHandshake, outcome: "refuses" },
  endlessHeader: { attack: ATTACKS.endlessHeader, outcome: "refuses", sample: true },
  silentInHandshake: { attack: ATTACKS.silentInHandshake, outcome: "refuses", slow: true },
  speaksFirst: { attack: ATTACKS.speaksFirst, outcome: "refuses", slow: true },
  silent: { attack: ATTACKS.silent, outcome: "stays" },
  closesAtOnce: { attack: ATTACKS.closesAtOnce, outcome: null },
  resets: { attack: ATTACKS.resets, outcome: null, sample: true },
  bigText: { attack: ATTACKS.bigText, outcome: 1009, sample: true },
  announcesHuge: { attack: ATTACKS.announcesHuge, outcome: 1009 },
  bigFragments: { attack: ATTACKS.bigFragments, outcome: "too much", sample: true },
  invalidUtf8: { attack: ATTACKS.invalidUtf8, outcome: 1007, sample: true },
  cutInCharacter: { attack: ATTACKS.cutInCharacter, outcome: null, sample: true },
  masked: { attack: ATTACKS.masked, outcome: 1002 },
  reservedBits: { attack: ATTACKS.reservedBits, outcome: 1002, sample: true },
  "reservedBits 1": { attack: () => ATTACKS.reservedBits(1), outcome: 1002 },
  "reservedBits 2": { attack: () => ATTACKS.reservedBits(2), outcome: 1002 },
  unknownOpcode: { attack: ATTACKS.unknownOpcode, outcome: 1002 },
  "unknownOpcode 7": { attack: () => ATTACKS.unknownOpcode(7), outcome: 1002 },
  "unknownOpcode 11": { attack: () => ATTACKS.unknownOpcode(11), outcome: 1002 },
  "unknownOpcode 15": { attack: () => ATTACKS.unknownOpcode(15), outcome: 1002 },
  binary: { attack: ATTACKS.binary, outcome: "stays" },
  longPing: { attack: ATTACKS.longPing, outcome: 1002 },
  fragmentedPing: { attack: ATTACKS.fragmentedPing, outcome: 1002, sample: true },
  continuationFirst: { attack: ATTACKS.continuationFirst, outcome: 1002 },
  interruptedMessage: { attack: ATTACKS.interruptedMessage, outcome: 1002 },
  closes: { attack: ATTACKS.closes, outcome: 1000, sample: true },
  "closes 1001 with a reason": { attack: () => ATTACKS.closes(1001, "going away é"), outcome: 1001 },
  "closes 3000": { attack: () => ATTACKS.closes(3000), outcome: 3000 },
  "closes 4999": { attack: () => ATTACKS.closes(4999), outcome: 4999 },
  "closes without a code": { attack: () => ATTACKS.closes(null), outcome: 1005 },
  // RFC 6455, 7.4.1: these are never on the wire.
  "closes 1005": { attack: () => ATTACKS.closes(1005), outcome: 1002 },
  "closes 1006": { attack: () => ATTACKS.closes(1006), outcome: 1002 },
  "closes 999": { attack: () => ATTACKS.closes(999), outcome: 1002 },
  closesWithHalfCode: { attack: ATTACKS.closesWithHalfCode, outcome: 1002 },
  pings: { attack: ATTACKS.pings, outcome: "stays", sample: true },
  longLengthForm: { attack: ATTACKS.longLengthForm, outcome: "stays" },
  splitInCharacter: { attack: ATTACKS.splitInCharacter, outcome: "stays", sample: true },
  fragments: { attack: () => ATTACKS.fragments(SEED), outcome: "stays", sample: true },
};

function judge(connection: Connection, outcome: Outcome): void {
  const { frames, close, ended } = connection;
  const about = `connection ${connection.number}`;
  if (outcome === "refuses") {
    // RPC-01: nothing but a close frame on a connection that was not agreed on.
    assert.deepEqual(
      frames.filter(({ opcode }) => opcode !== CLOSE),
      [],
      about,
    );
    assert.notEqual(ended, null, about);
  } else if (outcome === "stays") {
    assert.equal(ended, null, about);
    assert.equal(close, null, about);
  } else if (outcome === "too much") {
    assert.ok(close?.code === 1008 || close?.code === 1009, about);
  } else {
    assert.equal(close?.code ?? null, outcome, about);
  }
}

function attacks(engine: "node" | "espruino"): void {
  const options: StationOptions = { engine };
  let siege: Siege | null = null;
  let before: Steady;

  async function besieged(): Promise<Siege> {
    if (siege) return siege;
    siege = await Siege.open(options);
    await siege.charge();
    before = await siege.steady();
    assert.equal(before.contactor, true);
    return siege;
  }

  async function unharmed(): Promise<void> {
    assert.deepEqual(await siege!.steady(), before, "the charge goes on");
    const state = await siege!.station.state();
    assert.deepEqual([state.registration, state.online], ["Accepted", true]);
    siege!.faultless();
    assert.deepEqual(
      siege!.log.filter((line) => /^fault:|Uncaught|Interrupted|MEMORY/.test(line)),
      [],
    );
  }

  // A station that an attack has broken is not passed on to the next.
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await siege?.close();
    siege = null;
  });
  after(() => siege?.close());

  for (const [name, { attack, outcome, sample, slow }] of Object.entries(CASES)) {
    if (engine === "espruino" && !FULL && !sample) continue;
    const what =
      outcome === "refuses" ? "the upgrade is given up" : outcome === "stays" ? "the connection stays" : `close code ${outcome}`;
    it(`${name}: ${what}`, async function () {
      this.timeout(30_000);
      const { suffer, server } = await besieged().then((s) => ({ suffer: s.suffer.bind(s), server: s.server }));
      for (const connection of await suffer(attack, slow || outcome === "stays" ? 1 : 2)) judge(connection, outcome);
      if (outcome === "refuses")
        assert.deepEqual(
          server.last!.texts.filter((text) => text.includes('"BootNotification"')),
          [],
        );
      await unharmed();
    });
  }

  const count = engine === "node" || FULL ? 10_000 : 150;
  it(`${count} random frames, seed ${SEED}: no crash, no frame against the protocol, no effect`, async function () {
    this.timeout(FULL ? 900_000 : 120_000);
    const { server, until } = await besieged().then((s) => ({ server: s.server, until: s.until.bind(s) }));
    const random = ATTACKS.random(SEED, count);
    const first = server.connections.length;
    // The next connections get it until all frames are out, however often the station has to close.
    const suffering = (async () => {
      while (random.sent < count) await siege!.suffer(() => random, 1);
    })();
    await suffering;
    await until("online", async () => siege!.alive(siege!.last));
    assert.equal(random.stuck, 0, `seed ${SEED}, last frames: ${random.recent.join(", ")}`);
    const codes = server.connections.slice(first).map(({ close }) => close?.code);
    for (const code of codes)
      if (code !== undefined) assert.ok([1000, 1002, 1007, 1008, 1009].includes(code), `close code ${code}`);
    await unharmed();
  });

  it("ends the charge as if nothing had been", async function () {
    this.timeout(20_000);
    const { station } = await besieged();
    await siege!.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
    await siege!.until("ended", async () => (await station.state()).evses[0].transactionId === null);
    await siege!.until("delivered", async () => (await station.state()).queue.events === 0);
    await siege!.post("/evse/1/unplug");
    const seqNos = siege!.server.connections
      .flatMap(({ texts }) => texts)
      .filter((text) => text.includes('"TransactionEvent"'))
      .map((text) => (JSON.parse(text) as [number, string, string, { seqNo: number }])[3].seqNo);
    assert.deepEqual(
      [...new Set(seqNos)],
      Array.from({ length: Math.max(...seqNos) + 1 }, (_, index) => index),
      "no event was lost",
    );
    siege!.faultless();
    assert.ok(siege!.last.frames.every(({ opcode }) => [TEXT, 0, 9, 10, CLOSE].includes(opcode)));
  });
}

it("transport: every attack of test/csms is in the list", () => {
  assert.deepEqual(
    Object.keys(ATTACKS).filter((name) => name !== "random" && !(name in CASES)),
    [],
  );
});

describe("hostile servers, a car charging [node]", function () {
  this.timeout(30_000);
  attacks("node");
});

if (hasEspruino()) {
  describe("hostile servers, a car charging [espruino]", function () {
    this.timeout(30_000);
    attacks("espruino");
  });
} else it("hostile servers, a car charging [espruino: no binary in ESPRUINO or on PATH]");
