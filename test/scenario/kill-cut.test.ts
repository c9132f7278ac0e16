/**
 * Power cuts in every operation on the raw flash of a short session, whole and torn (E-02, E-26, E-40, B-26). Whatever the CSMS had seen before
 * the cut goes on without a gap after it; nothing is invented; the station is as usable as before. FULL=1 tries every operation, a short
 * run a sample that SEED repeats.
 */
import assert from "node:assert/strict";
import type { Transaction } from "../../tools/csms/csms.ts";
import { Random } from "../csms/random-frames.ts";
import { withBench, type Bench, type BenchOptions } from "./harness.ts";
import { FULL, QUICK, SEED } from "./transport-bench.ts";

const CARD = { idToken: "04A1B2C3", type: "ISO14443" };
const ID = "CS001";
const SAMPLE = 10;
const OPTIONS: BenchOptions = {
  station: {
    engine: "node",
    startOnPower: false,
    set: { ...QUICK, "SampledDataCtrlr.TxUpdatedInterval": "10", "OCPPCommCtrlr.HeartbeatInterval": "25" },
  },
};

type Step = [what: string, act: (bench: Bench) => Promise<unknown>];

/** A session with a change of a setting and a time without network in it. A step that finds the power off does nothing. */
const STEPS: Step[] = [
  ["power on", (bench) => bench.station.post("/power", { on: true })],
  ["registration", (bench) => passes(bench, 3)],
  ["a setting", (bench) => bench.csms.call(ID, "SetVariables", SETTING).catch(() => undefined)],
  ["car", (bench) => bench.station.post("/evse/1/plug")],
  ["card", (bench) => bench.station.post("/tap", CARD)],
  ["Started", (bench) => passes(bench, 3)],
  ["energy", (bench) => bench.station.post("/evse/1/ev", { draw: true, amps: 16 })],
  ["samples", (bench) => passes(bench, 25)],
  ["network away", (bench) => bench.station.post("/network", { up: false })],
  ["samples offline", (bench) => passes(bench, 25)],
  ["network back", (bench) => bench.station.post("/network", { up: true })],
  ["delivery", (bench) => passes(bench, 12)],
  ["the card again", (bench) => bench.station.post("/tap", CARD)],
  ["Ended", (bench) => passes(bench, 4)],
  ["car leaves", (bench) => bench.station.post("/evse/1/unplug", { force: true })],
  ["end", (bench) => passes(bench, 3)],
];

const SETTING = {
  setVariableData: [{ component: { name: "TxCtrlr" }, variable: { name: "EVConnectionTimeOut" }, attributeValue: "77" }],
};

async function powered(bench: Bench): Promise<boolean> {
  return (await bench.station.state()).powered;
}

/** Simulated seconds pass, with a little real time for the answers; fewer when the power fails. */
async function passes(bench: Bench, seconds: number): Promise<void> {
  for (let second = 0; second < seconds && (await powered(bench)); second++) await bench.advance(1);
}

async function session(bench: Bench): Promise<string> {
  for (const [what, act] of STEPS) {
    await act(bench);
    if (!(await powered(bench))) return what;
  }
  return "never";
}

function transactions(bench: Bench): Transaction[] {
  return [...(bench.csms.stations.get(ID)?.transactions.values() ?? [])];
}

async function value(bench: Bench): Promise<string> {
  const answer = await bench.csms.call(ID, "GetVariables", {
    getVariableData: [{ component: { name: "TxCtrlr" }, variable: { name: "EVConnectionTimeOut" } }],
  });
  return (answer.getVariableResult as { attributeValue: string }[])[0].attributeValue;
}

/** The power fails in operation `n`; what follows after it came back is judged. */
async function cut(n: number, torn: boolean): Promise<boolean> {
  let reached = true;
  await withBench(OPTIONS, async (bench) => {
    let accepted = "";
    bench.csms.on("SetVariables", (_request, context) => context.defaultAnswer());
    await bench.post("/power", { cutAfterFlashOps: n, torn });
    const where = await session(bench);
    const about = `operation ${n}${torn ? ", torn" : ""} (${where})`;
    // The number of operations depends a little on the moments at which answers come.
    reached = where !== "never";
    if (!reached) return;
    assert.equal((await bench.station.state()).evses[0].contactor, false, `${about}: the contactor is open without power`);
    const set = bench.csms.frames.some(({ dir, text }) => dir === "in" && text.includes('"setVariableResult"'));
    if (set) accepted = "77";
    const before = transactions(bench);
    const known = before.map(({ id, events }) => ({ id, events: events.map(({ seqNo }) => seqNo) }));

    await bench.post("/network", { up: true });
    await bench.post("/power", { on: true });
    await bench.accepted();
    await bench.until(
      `${about}: delivered`,
      async () => {
        await bench.advance(1);
        const state = await bench.station.state();
        return state.online && state.queue.events === 0;
      },
      20,
    );

    const after = transactions(bench);
    assert.ok(after.length <= 1, `${about}: one card, one transaction`);
    for (const { id, events } of known) {
      const now = after.find((transaction) => transaction.id === id);
      assert.ok(now, about);
      assert.deepEqual(
        now.events.slice(0, events.length).map(({ seqNo }) => seqNo),
        events,
        `${about}: what had come before`,
      );
    }
    for (const { events, ended, stoppedReason, startWh, lastWh } of after) {
      assert.deepEqual(
        events.map(({ seqNo }) => seqNo),
        events.map((_, index) => index),
        `${about}: seqNo`,
      );
      assert.deepEqual([events[0].eventType, events.at(-1)!.eventType, ended], ["Started", "Ended", true], about);
      assert.ok(["PowerLoss", "Local"].includes(stoppedReason!), `${about}: ${stoppedReason}`);
      assert.ok(lastWh! >= startWh!, about);
      for (const { timestamp } of events) assert.ok(Date.parse(timestamp) > Date.UTC(2024, 0, 1), `${about}: ${timestamp}`);
    }
    const state = await bench.station.state();
    assert.deepEqual([state.evses[0].transactionId, state.evses[0].contactor], [null, false], about);
    assert.ok(["60", "77"].includes(await value(bench)), `${about}: old or new value, never garbage`);
    if (accepted !== "") assert.equal(await value(bench), accepted, `${about}: an accepted setting is kept`);

    // As usable as before.
    if (!state.evses[0].plugged) await bench.post("/evse/1/plug");
    await bench.post("/evse/1/ev", { draw: true, amps: 16 });
    await bench.post("/tap", { ...CARD, idToken: "0BADCAFE" });
    await bench.until(`${about}: another charge`, async () => {
      await bench.advance(1);
      return (await bench.station.state()).evses[0].contactor;
    });
    await bench.post("/tap", { ...CARD, idToken: "0BADCAFE" });
    await bench.settled();
    const last = transactions(bench).at(-1)!;
    assert.deepEqual([last.idToken, last.ended, last.stoppedReason], ["0BADCAFE", true, "Local"], about);
    assert.equal(transactions(bench).length, after.length + 1, about);
  });
  return reached;
}

describe("power cuts in flash operations [node]", () => {
  let operations = 0;

  before(async function () {
    this.timeout(30_000);
    await withBench(OPTIONS, async (bench) => {
      assert.equal(await session(bench), "never");
      operations = (await bench.station.state()).flash.ops;
      const [transaction] = transactions(bench);
      assert.deepEqual([transaction.ended, transaction.stoppedReason], [true, "Local"]);
      assert.ok(transaction.events.some(({ offline }) => offline));
    });
  });

  it(`B-26, E-02, E-26: nothing is lost and nothing invented (${FULL ? "every operation" : `a sample, seed ${SEED}`})`, async function () {
    this.timeout(FULL ? 900_000 : 120_000);
    const all = Array.from({ length: operations }, (_, index) => index + 1).flatMap((n) =>
      [false, true].map((torn) => ({ n, torn })),
    );
    const random = new Random(SEED);
    const points = FULL ? all : Array.from({ length: SAMPLE }, () => all.splice(random.below(all.length), 1)[0]);
    console.log(`      ${points.length} cut points of ${operations} operations`);
    const failures: string[] = [];
    for (const { n, torn } of points) {
      try {
        assert.ok((await cut(n, torn)) || n > operations - 4, "the operation does not come");
      } catch (error) {
        failures.push(`${n}${torn ? " torn" : ""}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    assert.deepEqual(failures, []);
  });
});
