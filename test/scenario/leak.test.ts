/**
 * Many sessions and many reconnects leave nothing behind in memory. The verdict is about the engine's variables, so it is given on Espruino
 * alone. FULL=1: 1,000 of each, otherwise 20.
 */
import assert from "node:assert/strict";
import { charging, left, stopped } from "../../tools/conformance/cases201/moves.ts";
import { optional } from "../../tools/conformance/lines.ts";
import { Rig } from "../../tools/conformance/rig.ts";
import { hasEspruino } from "./harness.ts";

const TIMES = process.env.FULL === "1" ? 1000 : 20;
/** Before the count: what is made once is made. */
const WARM_UP = 3;
const MS_EACH = 6000;

/** Variables in use when nothing is under way. */
async function idle(rig: Rig): Promise<number> {
  await rig.silence(3);
  const { memory, queue, online } = await rig.state();
  assert.deepEqual({ online, events: queue.events }, { online: true, events: 0 });
  return memory!.used;
}

async function session(rig: Rig): Promise<void> {
  await charging(rig);
  await rig.advance(1);
  await stopped(rig);
  await left(rig);
}

async function reconnect(rig: Rig): Promise<void> {
  await rig.post("/network", { drop: true });
  await rig.online();
  await rig.expect(optional("SN 1 Available"));
}

function leaves(what: string, act: (rig: Rig) => Promise<void>): void {
  const missing = hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
  it(`${TIMES} ${what}: as many variables in use as before [espruino${missing}]`, async function () {
    if (missing) this.skip();
    this.timeout(TIMES * MS_EACH + 60_000);
    const rig = await Rig.open({}, "espruino");
    try {
      for (let i = 0; i < WARM_UP; i++) await act(rig);
      const before = await idle(rig);
      for (let i = 0; i < TIMES; i++) await act(rig);
      assert.equal(await idle(rig), before);
      await rig.end();
    } finally {
      await rig.close();
    }
  });
}

describe(`memory after ${TIMES} sessions and reconnects`, () => {
  leaves("sessions", session);
  leaves("reconnects", reconnect);
});
