/**
 * Events of a time without a clock: a boot that has not reached the CSMS yet (B01.FR.06; docs/ARCHITECTURE.md, "Time"). A station that was
 * accepted once charges then by its own decision (B-08, B-09, C-11).
 */
import assert from "node:assert/strict";
import type { Told } from "../../tools/powercut/model.ts";
import type { World } from "../../tools/powercut/world.ts";
import { deliver, heard, open } from "./station.ts";

describe("events without a clock [node]", function () {
  this.timeout(60_000);
  /** Charges, loses network and power; boots without a CSMS: the transaction ends there, and nobody knows when. */
  async function interrupted(): Promise<World> {
    const world = await open();
    world.powerOn();
    world.tick(2);
    const [evse] = world.hardware.evses;
    world.act(evse.plug());
    world.act(evse.askEnergy(true, 16));
    world.tap("0A1B2C01");
    world.tick(6);
    world.setNetwork(false);
    world.tick(4);
    world.powerOff();
    world.tick(1000);
    world.powerOn();
    return world;
  }

  const iso = (time: number): string => new Date(time).toISOString().replace(".000", "");

  it("are dated when the time becomes known", async () => {
    const world = await interrupted();
    world.tick();
    const then = world.time;
    world.tick(40);
    deliver(world);
    const last = heard(world).at(-1)!;
    assert.equal(last.stopped, "PowerLoss");
    assert.ok(Math.abs(Date.parse(last.time) - then) <= 2000, `${last.time} instead of ${iso(then)}`);
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });

  it("of a boot that never learned the time lie between the event before them and the begin of the boot that tells them", async () => {
    const world = await interrupted();
    world.tick(30);
    world.powerOff();
    world.tick(1000);
    world.powerOn();
    const boot = world.time;
    world.tick(30);
    world.powerOff();
    world.tick(1000);
    world.powerOn();
    const later = world.time;
    world.tick(20);
    deliver(world);
    const came = heard(world);
    const last = came.at(-1)!;
    assert.deepEqual([last.type, last.stopped], ["Ended", "PowerLoss"]);
    assert.equal(came.filter(({ type }) => type === "Ended").length, 1);
    assert.ok(last.time >= came.at(-2)!.time, `${last.time} is before ${came.at(-2)!.time}`);
    assert.ok(Date.parse(last.time) <= later + 1000, `${last.time} is after ${iso(later)} (boots at ${iso(boot)} and then)`);
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });

  /** Boots without the CSMS and charges: what came of it, and when it was. */
  function offlineBoot(world: World, card: string): { begun: number; ended: number; contactor: boolean } {
    world.setNetwork(false);
    world.powerOff();
    world.tick(900);
    world.powerOn();
    world.tick(7);
    const [evse] = world.hardware.evses;
    world.act(evse.plug());
    world.act(evse.askEnergy(true, 16));
    world.tap(card);
    const begun = world.time;
    world.tick(12);
    const { contactor } = evse.state();
    world.tap(card);
    world.act(evse.unplug());
    return { begun, ended: world.time, contactor };
  }

  const of = (world: World, card: string): Told[] => {
    const came = heard(world);
    const id = came.find(({ token }) => token === card)?.id;
    return came.filter((event) => event.id === id);
  };
  const near = (event: Told, time: number): void =>
    assert.ok(Math.abs(Date.parse(event.time) - time) <= 2000, `${event.name} at ${event.time} instead of ${iso(time)}`);

  it("B-08, B-09: once accepted it charges after a power failure without a CSMS; all its events are dated", async () => {
    const world = await open();
    world.powerOn();
    world.tick(2);
    const { begun, ended, contactor } = offlineBoot(world, "AB12CD34");
    assert.ok(contactor);
    world.tick(500);
    deliver(world);
    const events = of(world, "AB12CD34");
    assert.deepEqual([events[0].type, events[1].type, events.at(-1)!.type], ["Started", "Updated", "Ended"]);
    near(events[0], begun);
    near(events.at(-1)!, ended);
    events.forEach((event, i) => assert.ok(event.offline && event.seqNo === i && (i === 0 || event.time >= events[i - 1].time)));
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });

  it("of two boots: those of the one that learns the time are dated, those of the one before lie at its begin, also when a third tells them", async () => {
    for (const third of [false, true]) {
      const world = await open();
      world.powerOn();
      world.tick(2);
      const first = offlineBoot(world, "AB12CD01");
      const second = offlineBoot(world, "AB12CD02");
      const boot = second.begun - 7000;
      if (third) {
        // The time is known, and the connection breaks before an event is confirmed.
        const answer = world.csms.answer.bind(world.csms);
        world.csms.answer = (action, payload) => (action === "TransactionEvent" ? undefined : answer(action, payload));
        world.setNetwork(true);
        world.tick(3);
        world.csms.answer = answer;
        world.powerOff();
        world.tick(900);
        world.powerOn();
      }
      deliver(world);
      const [a, b] = [of(world, "AB12CD01"), of(world, "AB12CD02")];
      assert.ok(first.contactor && second.contactor);
      near(b[0], second.begun);
      near(b.at(-1)!, second.ended);
      for (const event of a) near(event, boot);
      const times = heard(world).map(({ time }) => time);
      assert.deepEqual(times, [...times].sort(), "in order");
      assert.deepEqual([...world.faults, ...world.csms.faults], []);
    }
  });

  it("B-09: a station that was never accepted does not charge, nor one whose acceptance was withdrawn, also after a power failure", async () => {
    const world = await open();
    world.powerOn();
    assert.equal(offlineBoot(world, "AB12CD01").contactor, false, "never accepted");
    world.setNetwork(true);
    world.tick(5);
    assert.equal(world.state()!.registration, "Accepted");
    for (const status of ["Pending", "Rejected"]) {
      assert.equal(offlineBoot(world, "AB12CD02").contactor, true, `accepted, before ${status}`);
      world.csms.status = status;
      world.powerOff();
      world.powerOn();
      world.setNetwork(true);
      world.tick(5);
      assert.equal(world.state()!.registration, status);
      assert.equal(offlineBoot(world, "AB12CD03").contactor, false, status);
      world.csms.status = "Accepted";
      world.powerOff();
      world.powerOn();
      world.setNetwork(true);
      world.tick(5);
      assert.equal(world.state()!.registration, "Accepted");
    }
    assert.deepEqual([...world.faults, ...world.csms.faults], []);
  });
});
