/** The watchdog of a board: a firmware that hangs, or whose drivers are not called any more, is reset, and a reset lets go of every pin. */
import assert from "node:assert/strict";
import { boardData } from "../../tools/twins/board-data.ts";
import { hasEspruino } from "../scenario/harness.ts";
import { paceUntil } from "../scenario/steps.ts";
import { BOARD, onTwins, withRig, type Rig } from "./rig.ts";

const { WATCHDOG } = boardData(BOARD);
/** ms after which the simulator takes a firmware for hung. */
const PATIENCE = 3000;

const boots = ({ bench }: Rig): number => bench.sent("BootNotification").length;

/** Behind the reset: nothing flows, the transaction is over, and the board charges again. */
async function startedAnew(rig: Rig): Promise<void> {
  const { bench } = rig;
  assert.equal(await rig.isClosed(), false, "nothing closes the contactor behind a reset");
  await paceUntil(bench, "booted again", () => boots(rig) === 2);
  await bench.settled();
  const ended = bench.sent("TransactionEvent").filter(({ eventType }) => eventType === "Ended");
  assert.equal(ended.length, 1);
  assert.equal(await rig.isClosed(), false, "nor behind the boot");
  await bench.post("/evse/1/unplug", { force: true });
  await bench.settled();
  await rig.charge();
}

describe("the watchdog resets the firmware", () => {
  onTwins(
    "when its drivers are not called any more: the contactor is open, the transaction over, and it charges again",
    {},
    async (rig) => {
      await rig.charge();
      await rig.bench.settled();
      await rig.bench.advance(2 * WATCHDOG);
      assert.deepEqual([boots(rig), await rig.isClosed()], [1, true], "not while it is kicked");
      await rig.wiring.say("z0");
      await rig.bench.advance(WATCHDOG - 1);
      assert.equal(rig.evse.state().contactor, true, "nobody opens it before");
      await rig.bench.advance(1);
      assert.equal(rig.evse.state().contactor, false);
      await startedAnew(rig);
    },
  );

  const missing = hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH";
  it(`when it is in an endless loop: the contactor is open, the transaction over, and it charges again [espruino${missing}]`, async function () {
    if (missing) this.skip();
    this.timeout(240_000);
    await withRig({ station: { engine: "espruino", patience: PATIENCE } }, async (rig) => {
      await rig.charge();
      await rig.bench.settled();
      // It is never dealt with.
      rig.wiring.say("z1").catch(() => undefined);
      await rig.bench.advance(WATCHDOG - 1);
      assert.equal(rig.evse.state().contactor, true, "nobody opens it before");
      await rig.bench.advance(1);
      assert.equal(rig.evse.state().contactor, false);
      await startedAnew(rig);
    });
  });
});
