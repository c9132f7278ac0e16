/** How much the journal holds, what it drops and in which order, how its pages wear (E04.FR.07, E04.FR.08, E11.FR.05, E12.FR.05). */
import assert from "node:assert/strict";
import { Random } from "../../tools/flash/sessions.ts";
import { session } from "../../tools/powercut/day.ts";
import { readSecurityLog } from "../../tools/flash/security-log.ts";
import { byTransaction, charge, deliver, droppedBy, FULL, gaps, heard, open, SAMPLED, SEED } from "./station.ts";

const JOURNAL_PAGES = [2, 3, 4, 5, 6, 7, 8, 9];

describe("capacity of the journal [node]", () => {
  it("a month offline with samples of 15 minutes: every begin and end is kept, nothing is dropped", async function () {
    this.timeout(120_000);
    const world = await open({ ...SAMPLED, "SampledDataCtrlr.TxUpdatedInterval": "15" });
    world.powerOn();
    world.tick(2);
    world.setNetwork(false);
    // A second stands for a minute: four sessions a day, of 5 hours each.
    const random = new Random(9);
    const days = 30;
    for (let n = 0; n < 4 * days; n++) {
      charge(world, "cloudy solar", random, 22, `0A1B2C${10 + (n % 40)}`, 15);
      world.tick(30);
    }
    const { events } = world.state()!.queue;
    deliver(world);
    const came = heard(world);
    const transactions = byTransaction(came);
    console.log(
      `      ${days} days offline: ${transactions.size} transactions, ${came.length} events delivered of ${events} in the queue`,
    );
    assert.equal(transactions.size, 4 * days);
    assert.equal(gaps(came), droppedBy(world.log), "what is missing was counted");
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });

  it("events that fit; when it is full samples are dropped, evenly, begins and ends never, and it is told how many", async function () {
    this.timeout(300_000);
    const world = await open();
    world.powerOn();
    world.tick(2);
    world.setNetwork(false);
    const random = new Random(11);
    let most = 0;
    let recorded = 0;
    let full = false;
    for (let n = 0; n < (FULL ? 80 : 60); n++) {
      charge(world, "cloudy solar", random, 200, `0A1B2C${10 + (n % 40)}`);
      recorded += 200;
      const { events } = world.state()!.queue;
      if (!full && events < recorded - 20) {
        full = true;
        console.log(
          `      about ${most} events fit into the journal before the first is dropped (cloudy solar, sessions of 200)`,
        );
      }
      most = Math.max(most, events);
      if (full && n > 30) break;
    }
    assert.ok(full, `${most} events and still room`);
    deliver(world, 200);
    const came = heard(world);
    const missing = gaps(came);
    console.log(`      most in the queue ${most}; ${came.length} delivered, ${missing} dropped, ${droppedBy(world.log)} counted`);
    assert.equal(missing, droppedBy(world.log), "the station counts what it drops");
    const security = readSecurityLog(world.raw).events.map(({ text }) => text);
    assert.ok(
      security.some((text) => text.includes("dropped")),
      "it is in the security log",
    );
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });

  it("nothing but begins and ends, until nothing fits: new transactions are refused, those that began are delivered", async function () {
    this.timeout(300_000);
    const world = await open({ ...world0(), "SampledDataCtrlr.TxUpdatedInterval": "0" });
    world.powerOn();
    world.tick(2);
    world.setNetwork(false);
    const [evse] = world.hardware.evses;
    let began = 0;
    let refused = 0;
    for (let n = 0; n < 2000 && refused < 20; n++) {
      world.act(evse.plug());
      world.act(evse.askEnergy(true, 16));
      world.tap(`0A1B2C3D4E${(100 + (n % 100)).toString(16).padStart(4, "0")}`);
      world.tick(2);
      if (evse.state().contactor) began++;
      else refused++;
      world.tap(`0A1B2C3D4E${(100 + (n % 100)).toString(16).padStart(4, "0")}`);
      world.tick(2);
      world.act(evse.unplug());
      world.tick(4);
    }
    assert.ok(refused > 0, `${began} transactions and still room`);
    deliver(world, 200);
    const came = heard(world);
    const transactions = byTransaction(came);
    console.log(
      `      ${began} transactions began until no more fitted; ${transactions.size} delivered, ${came.length} events; ` +
        `pages erased ${JOURNAL_PAGES.map((page) => world.flash.erasures[page]).join(", ")} times`,
    );
    assert.equal(transactions.size, began);
    assert.equal(gaps(came), droppedBy(world.log));
    session(world, 1, "AB12CD34", 3);
    world.tick(3);
    assert.equal(heard(world).at(-1)!.stopped, "Local", "as usable as before");
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });

  // 14,600 sessions are ten years of four a day.
  const sessions = FULL ? 14_600 : 150;
  it(`the pages of the journal wear alike: ${sessions} sessions (seed ${SEED})`, async function () {
    this.timeout(FULL ? 7_200_000 : 300_000);
    const world = await open();
    world.powerOn();
    world.tick(2);
    const random = new Random(SEED);
    for (let n = 0; n < sessions; n++) {
      // Now and then some sessions are offline, and the power fails once a month.
      if (n % 40 === 36) world.setNetwork(false);
      if (n % 40 === 39) world.setNetwork(true);
      if (n % 120 === 60) {
        world.powerOff();
        world.powerOn();
        world.tick(2);
      }
      charge(world, "steady, 1 phase", random, 40 + random.below(40), `0A1B2C${10 + (n % 40)}`);
      if (n % 40 === 30) world.csms.heard.length = 0;
    }
    deliver(world);
    const { erasures } = world.flash;
    const erased = JOURNAL_PAGES.map((page) => erasures[page]);
    const tenYears = (Math.max(...erased) / sessions) * 14_600;
    console.log(
      `      ${sessions} sessions of 40 to 80 events: pages 0 to 15 erased ${erasures.join(", ")} times; a journal page in 10 years of 4 ` +
        `sessions a day ${tenYears.toFixed(0)}`,
    );
    assert.ok(Math.min(...erased) > 0);
    assert.ok(Math.max(...erased) <= 2 * Math.min(...erased), erased.join(", "));
    assert.ok(tenYears < 100_000);
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });
});

function world0(): Record<string, string> {
  return {
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "1",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
    "OCPPCommCtrlr.WebSocketPingInterval": "0",
    "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true",
  };
}
