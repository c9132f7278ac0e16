/**
 * Many sessions and many reconnects leave nothing behind in memory. The verdict is about the engine's variables, so it is given on Espruino
 * alone. FULL=1: 1,000 of each, otherwise 20.
 */
import assert from "node:assert/strict";
import { hasEspruino, withBench, type Bench } from "./harness.ts";
import { CARD, charging, pace, paceUntil, registered, tap } from "./steps.ts";
import { QUICK } from "./transport-bench.ts";

const TIMES = process.env.FULL === "1" ? 1000 : 20;
/** Before the count: what is made once is made. */
const WARM_UP = 3;
const MS_EACH = 6000;
const SEED = 1;
/** No samples and no heartbeats in between. */
const SETTINGS = { ...QUICK, "SampledDataCtrlr.TxUpdatedInterval": "0" };
const HEARTBEAT_INTERVAL = 86_400;

/** Variables in use when nothing is under way. */
async function idle(bench: Bench): Promise<number> {
  await pace(bench, 3);
  await bench.quiet();
  const { memory, queue, online, evses } = await bench.station.state();
  assert.deepEqual(
    { online, events: queue.events, transaction: evses[0].transactionId },
    { online: true, events: 0, transaction: null },
  );
  return memory!.used;
}

async function session(bench: Bench): Promise<void> {
  const before = bench.csms.stations.get("CS001")!.transactions.size;
  await charging(bench);
  await bench.advance(1);
  await tap(bench, CARD);
  await bench.post("/evse/1/unplug");
  await bench.settled();
  assert.equal(bench.csms.stations.get("CS001")!.transactions.size, before + 1);
}

async function reconnect(bench: Bench): Promise<void> {
  const { connects } = bench.csms.stations.get("CS001")!;
  await bench.post("/network", { drop: true });
  await paceUntil(bench, "connected again", () => bench.csms.stations.get("CS001")!.connects > connects);
  await bench.settled();
}

function leaves(what: string, act: (bench: Bench) => Promise<void>): void {
  const missing = hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
  it(`${TIMES} ${what}: as many variables in use as before [espruino${missing}]`, async function () {
    if (missing) this.skip();
    this.timeout(TIMES * MS_EACH + 60_000);
    const station = { engine: "espruino" as const, evses: 1, seed: SEED, set: SETTINGS };
    await withBench({ station, csms: { interval: HEARTBEAT_INTERVAL } }, async (bench) => {
      await registered(bench);
      for (let i = 0; i < WARM_UP; i++) await act(bench);
      const before = await idle(bench);
      for (let i = 0; i < TIMES; i++) await act(bench);
      assert.equal(await idle(bench), before);
    });
  });
}

describe(`memory after ${TIMES} sessions and reconnects`, () => {
  leaves("sessions", session);
  leaves("reconnects", reconnect);
});
