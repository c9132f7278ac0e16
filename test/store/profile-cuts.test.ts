/** The power fails in any flash operation of SetChargingProfile and ClearChargingProfile: the profiles are the old ones or the new ones. */
import assert from "node:assert/strict";
import type { Tear } from "../../tools/powercut/cut-flash.ts";
import { DEFAULTS, freshChip } from "../../tools/powercut/day.ts";
import type { Payload } from "../../tools/powercut/peer.ts";
import { World } from "../../tools/powercut/world.ts";
import { DEFAULT, MAX, profile, type Schedule } from "../scenario/profiles.ts";

const TEARS: Tear[] = ["clean", 30, "torn", 200];
const AT = "2026-01-01T00:00:00Z";

interface Step {
  action: string;
  payload: Payload;
}

const setting = (evseId: number, from: Schedule): Step => ({
  action: "SetChargingProfile",
  payload: { evseId, chargingProfile: profile(from) },
});
const clearing = (payload: Payload): Step => ({ action: "ClearChargingProfile", payload });

function start(chip: Buffer): World {
  const world = new World({ chip: Buffer.from(chip), seed: 5 });
  world.powerOn();
  world.tick(2);
  return world;
}

function accept(world: World, { action, payload }: Step): void {
  assert.equal(world.call(action, payload)?.status, "Accepted", JSON.stringify(payload));
}

/** The profiles that the station reports, in the order of their ids. */
function profiles(world: World): Payload[] {
  const found: Payload[] = [];
  const { csms } = world;
  const answer = csms.answer.bind(csms);
  csms.answer = (action, payload) => {
    if (action === "ReportChargingProfiles") found.push(payload);
    return answer(action, payload);
  };
  world.call("GetChargingProfiles", { requestId: 1, chargingProfile: {} });
  csms.answer = answer;
  return found
    .map((report) => ({ evseId: report.evseId, ...(report.chargingProfile as Payload[])[0] }) as Payload)
    .sort((a, b) => Number(a.id) - Number(b.id));
}

/** The step on the flash `chip`, cut in each of its operations. How many there were. */
function cutEverywhere(chip: Buffer, step: Step): number {
  const whole = start(chip);
  const old = profiles(whole);
  const before = whole.flash.operations;
  accept(whole, step);
  const operations = whole.flash.operations - before;
  const next = profiles(whole);
  assert.notDeepEqual(next, old);
  for (let n = 1; n <= operations; n++) {
    for (const tear of TEARS) {
      const world = start(chip);
      world.flash.arm(n, tear);
      world.call(step.action, step.payload);
      assert.ok(!world.powered, `operation ${n}`);
      for (let boot = 0; boot < 2; boot++) {
        world.tick(5);
        world.powerOn();
        world.tick(3);
        const seen = JSON.stringify(profiles(world));
        assert.ok(seen === JSON.stringify(old) || seen === JSON.stringify(next), `operation ${n} ${tear}: ${seen}`);
        world.powerOff();
      }
      world.powerOn();
      world.tick(2);
      world.call(step.action, step.payload); // ClearChargingProfile may find nothing any more
      assert.deepEqual(profiles(world), next, `operation ${n} ${tear}, once more`);
      assert.deepEqual(world.faults, []);
    }
  }
  return operations;
}

describe("power cuts in changes of the charging profiles", function () {
  this.timeout(60_000);
  let blank: Buffer;
  /** Three profiles, the page nearly empty. */
  let three: Buffer;
  /** The same with the page full: the next change goes to the other page. */
  let full: Buffer;

  before(async () => {
    blank = await freshChip(DEFAULTS, 1);
    const world = start(blank);
    accept(world, setting(0, { id: 1, purpose: MAX, start: AT }));
    accept(world, setting(1, { id: 2, purpose: DEFAULT, limits: { 0: 6, 60: 7 } }));
    accept(world, setting(0, { id: 3, purpose: DEFAULT, level: 1, start: AT, recurrency: "Weekly" }));
    three = Buffer.from(world.flash.bytes);
    for (let n = 0; ; n++) {
      full = Buffer.from(world.flash.bytes);
      const erased = world.flash.erasures[14] + world.flash.erasures[15];
      const before = world.flash.operations;
      accept(world, setting(1, { id: 2, limits: { 0: 8 + (n % 5), 70: 9 } }));
      if (world.flash.operations - before > 3) break;
      assert.equal(erased, 0);
      assert.ok(n < 400);
    }
  });

  for (const [name, chip, step, most] of [
    ["a first profile", () => blank, setting(1, { id: 1 }), 2],
    ["one more", () => three, setting(1, { id: 4, level: 4 }), 1],
    ["one replaced", () => three, setting(1, { id: 2, level: 5, limits: { 0: 12 } }), 2],
    ["one replaced, page full", () => full, setting(1, { id: 2, level: 5, limits: { 0: 12 } }), 9],
    ["one more, page full", () => full, setting(1, { id: 4, level: 4, limits: { 0: 1, 2: 3, 4: 5 } }), 9],
    ["one cleared", () => three, clearing({ chargingProfileId: 2 }), 1],
    ["two cleared", () => three, clearing({ chargingProfileCriteria: { chargingProfilePurpose: DEFAULT } }), 9],
    ["all cleared", () => three, clearing({}), 9],
    ["all cleared, page full", () => full, clearing({}), 9],
  ] as [string, () => Buffer, Step, number][]) {
    it(`K-02, K-09: ${name} [node]`, () => {
      const operations = cutEverywhere(chip(), step);
      assert.ok(operations > 0 && operations <= most, `${operations} operations`);
    });
  }
});
