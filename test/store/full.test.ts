/**
 * The journal is full while the CSMS is away: whoever may begin can end, what could not be written leaves a gap in seqNo, and it is told
 * (E04.FR.07, E-02, E-42).
 */
import assert from "node:assert/strict";
import { readSecurityLog } from "../../tools/flash/security-log.ts";
import { Random } from "../../tools/flash/sessions.ts";
import { begin, end, session } from "../../tools/powercut/day.ts";
import type { World } from "../../tools/powercut/world.ts";
import { byTransaction, deliver, droppedBy, FULL, gaps, heard, open, SAMPLED, SEED } from "./station.ts";

const EVSES = 2;
const NO_SAMPLES = { ...SAMPLED, "SampledDataCtrlr.TxUpdatedInterval": "0" };

/** Cards of drivers whose tokens are as long as they may be. */
const card = (evse: number, n: number): string => `DRIVER-${evse}-${String(100 + (n % 100))}-`.padEnd(36, "0123456789ABCDEF");

/** Sessions that overlap at two EVSEs, one after the other; those that began, and those that were refused. */
class Drivers {
  began = 0;
  refused = 0;
  private n = 0;

  constructor(
    private readonly world: World,
    private readonly seconds: number,
  ) {}

  /** The next drivers come; every second time the other EVSE goes first. */
  come(): void {
    const { world, seconds } = this;
    this.n++;
    for (const evse of [1, 2]) {
      begin(world, evse, card(evse, this.n), "Central");
      world.tick(seconds);
      if (!world.powered) return;
      if (world.hardware.evses[evse - 1].state().contactor) this.began++;
      else this.refused++;
    }
    for (const evse of this.n % 2 === 0 ? [1, 2] : [2, 1]) {
      if (world.hardware.evses[evse - 1].state().contactor) end(world, evse, card(evse, this.n), "Central");
      else world.act(world.hardware.evses[evse - 1].unplug());
      world.tick(seconds);
    }
  }
}

async function offline(set: Record<string, string>): Promise<World> {
  const world = await open(set, EVSES);
  world.powerOn();
  world.tick(2);
  world.setNetwork(false);
  return world;
}

function told(world: World): string[] {
  return readSecurityLog(world.raw).events.map(({ text }) => text);
}

describe("a full journal [node]", () => {
  for (const [name, set, seconds] of [
    ["begins and ends alone", NO_SAMPLES, 1],
    ["with samples", SAMPLED, 6],
  ] as const) {
    it(`E-02, E-42: ${name}, two EVSEs: begins are refused and told, the end of every begin is delivered, gaps are counted`, async function () {
      this.timeout(300_000);
      const world = await offline(set);
      const drivers = new Drivers(world, seconds);
      while (drivers.refused < (FULL ? 200 : 30) && drivers.began < 3000) drivers.come();
      assert.ok(drivers.refused > 0, `${drivers.began} transactions and still room`);
      const refusals = told(world).filter((text) => text === "transaction refused").length;
      deliver(world, 200);
      const came = heard(world);
      const transactions = byTransaction(came);
      const missing = gaps(came);
      console.log(
        `      ${drivers.began} transactions began until ${drivers.refused} were refused; ${transactions.size} delivered, ` +
          `${came.length} events, ${missing} missing, ${droppedBy(world.log)} counted`,
      );
      assert.equal(transactions.size, drivers.began);
      assert.equal(missing, droppedBy(world.log), "every gap is counted");
      assert.ok(refusals > 0, "the security log has the refusals");
      session(world, 1, "AB12CD34", 3);
      world.tick(3);
      assert.equal(heard(world).at(-1)!.stopped, "Local", "as usable as before");
      assert.deepEqual([...world.faults, ...world.csms.faults], []);
    });
  }

  it("E-42: samples that do not fit leave a gap in seqNo of exactly their number", async function () {
    this.timeout(300_000);
    const world = await offline({ ...SAMPLED, "SampledDataCtrlr.TxUpdatedInterval": "20" });
    begin(world, 1, "AB12CD34");
    for (let n = 0; !told(world).includes("transaction refused"); n++) session(world, 2, card(2, n), 1, "Central");
    world.tick(20 * 900);
    assert.ok(told(world).includes("samples are dropped"), "it is told when it begins");
    // The CSMS is back; the session goes on.
    deliver(world, 200);
    world.tick(120);
    end(world, 1, "AB12CD34");
    world.tick(3);
    const came = heard(world);
    assert.equal(gaps(came), droppedBy(world.log));
    const long = byTransaction(came).get(came.find(({ token }) => token === "AB12CD34")!.id)!;
    const last = long.at(-1)!;
    const missing = last.seqNo + 1 - long.length;
    console.log(`      ${long.length} events of the long session delivered, ${missing} missing`);
    assert.ok(missing > 0);
    assert.equal(last.seqNo, long.at(-2)!.seqNo + 1, "the tail is whole");
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });

  it("E-23: whoever stopped in a full journal gets no energy after a power failure, whatever ResumptionTimeout says", async function () {
    this.timeout(300_000);
    const world = await offline({ ...SAMPLED, "TxCtrlr.TxStopPoint": "EVConnected", "TxCtrlr.ResumptionTimeout": "8000" });
    const [first] = world.hardware.evses;
    begin(world, 1, "AB12CD34");
    world.tick(5);
    assert.ok(first.state().contactor);
    for (let n = 0; !told(world).includes("transaction refused"); n++) {
      begin(world, 2, card(2, n), "Central");
      world.act(world.hardware.evses[1].unplug());
      world.tick();
    }
    // Until not even a sample fits.
    for (let n = 0; n < 5000 && !told(world).includes("samples are dropped"); n++) world.tick();
    world.tap("AB12CD34");
    world.tick(2);
    assert.ok(!first.state().contactor, "stopped");
    world.powerOff();
    world.powerOn();
    world.setNetwork(true);
    for (let n = 0; n < 200; n++) {
      world.tick();
      assert.ok(!first.state().contactor, `energy again after ${n} s`);
    }
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });

  it(`power cuts while it is full: every charge has a begin and an end (seed ${SEED})`, async function () {
    this.timeout(600_000);
    const random = new Random(SEED);
    for (let round = 0; round < (FULL ? 40 : 2); round++) {
      const world = await offline(round % 2 === 0 ? NO_SAMPLES : SAMPLED);
      const drivers = new Drivers(world, round % 2 === 0 ? 1 : 6);
      while (drivers.refused === 0) drivers.come();
      for (let cut = 0; cut < 10; cut++) {
        world.flash.arm(1 + random.below(30), random.below(256));
        for (let n = 0; n < 6 && world.powered; n++) drivers.come();
        world.flash.disarm();
        world.powerOff();
        for (const evse of world.hardware.evses) evse.unplug();
        world.tick(10);
        world.powerOn();
        world.tick(random.below(300));
      }
      deliver(world, 300);
      const transactions = byTransaction(heard(world));
      gaps(heard(world));
      assert.ok(
        transactions.size >= drivers.began,
        `${transactions.size} of ${drivers.began} delivered (seed ${SEED}, round ${round})`,
      );
      assert.deepEqual([...world.faults, ...world.csms.faults], []);
    }
  });
});
