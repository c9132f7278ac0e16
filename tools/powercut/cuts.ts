/** One power cut, or two in a row, in the scripted day: what the station is after it. */
import { EVSES, chipWith, readVariables, WATCHED, type Day, type Setting } from "./day.ts";
import { RAW_BYTES } from "../sim/flash.ts";
import { perform, type Tear } from "./cut-flash.ts";
import { expectation, judge, told, type Told } from "./model.ts";
import { World } from "./world.ts";

export interface Cut {
  /** Operation of the day in which the power fails, from 0. */
  n: number;
  tear: Tear;
  /** A second cut in operation `k` (from 1) after the boot. */
  again?: { k: number; tear: Tear };
}

export interface Outcome {
  faults: string[];
  repeated: number;
  /** The second cut came. */
  twice: boolean;
}

/** Seconds in which a station has to have delivered everything. */
const PATIENCE = 40;
const CARD = "AB12CD34";

/** Values that a variable may have when the power fails in operation `n`: the old one, and the new one from when it may be there. */
export function allowed(settings: readonly Setting[], name: string, first: string, n: number): string[] {
  let values = [first];
  for (const { name: other, value, before, after } of settings) {
    if (other !== name) continue;
    if (n >= after) values = [value];
    else if (n > before) values.push(value);
  }
  return values;
}

/** The station with the raw area `raw`, the power still off, as it was in operation `n` of the day. */
export function stationAt(day: Day, raw: Uint8Array, n: number): World {
  const snapshot = day.snapshots.filter(({ operations }) => operations <= n).at(-1)!;
  const world = new World({ chip: chipWith(day, raw), evses: EVSES, seed: 1000 + n, now: snapshot.time + 5000 });
  world.hardware.evses.forEach((evse, i) => evse.restore(snapshot.hardware[i]));
  return world;
}

/** Lives on after the cut; `flash` has the raw area before every operation. */
export function liveOn(day: Day, events: readonly Told[], flash: Past, cut: Cut): Outcome {
  const { n, tear, again } = cut;
  const raw = flash.before(n);
  perform(raw, day.operations[n], tear);
  const world = stationAt(day, raw, n);
  if (again) world.flash.arm(again.k, again.tear);
  const expected = expectation(day, events, n);
  let twice = false;
  world.powerOn();
  for (let second = 0; second < PATIENCE; second++) {
    if (!world.powered && world.faults.length === 0 && !twice) {
      twice = true;
      world.tick(20);
      world.powerOn();
    }
    world.tick();
    const state = world.state();
    if (state?.online && state.queue.events === 0) break;
  }
  world.flash.disarm();
  world.tick(2);
  const faults = [...world.faults];
  const state = world.state();
  if (!state?.online) faults.push("the station does not come back");
  else if (state.queue.events > 0) faults.push(`${state.queue.events} events stay in the queue`);
  const { faults: wrong, repeated } = judge(expected, world.csms.heard);
  faults.push(...wrong);
  if (state?.online) {
    const values = readVariables(world);
    for (const name of WATCHED) {
      const may = allowed(day.settings, name, flash.first[name], n);
      if (!may.includes(values[name] ?? "")) faults.push(`${name} is ${values[name]} instead of ${may.join(" or ")}`);
    }
    faults.push(...useIt(world), ...bootAgain(world));
  }
  return { faults: [...new Set([...faults, ...world.faults, ...world.csms.faults])], repeated, twice };
}

/** A further session at each EVSE. */
export function useIt(world: World): string[] {
  const faults: string[] = [];
  world.hardware.evses.forEach((evse, i) => {
    const from = world.csms.heard.length;
    const id = i + 1;
    world.act(evse.unplug());
    world.tick();
    world.act(evse.plug());
    world.act(evse.askEnergy(true, 16));
    world.tap(CARD, "ISO14443", id);
    world.tick(3);
    if (!evse.state().contactor) faults.push(`EVSE ${id} does not charge`);
    world.tap(CARD, "ISO14443", id);
    world.tick(2);
    if (evse.state().contactor) faults.push(`EVSE ${id} does not stop`);
    world.act(evse.unplug());
    const came = world.csms.heard.slice(from).map(({ payload }) => told(payload));
    const right =
      came.length > 1 &&
      new Set(came.map((event) => event.id)).size === 1 &&
      came.every(({ seqNo }, k) => seqNo === k) &&
      came[0].type === "Started" &&
      came[0].token === CARD &&
      came.at(-1)!.type === "Ended" &&
      came.at(-1)!.stopped === "Local";
    if (!right) faults.push(`a further session at EVSE ${id}: ${came.map(({ type, seqNo }) => `${type} ${seqNo}`).join(", ")}`);
  });
  return faults;
}

/** What was delivered stays so: another boot has nothing to tell. */
function bootAgain(world: World): string[] {
  const from = world.csms.heard.length;
  world.powerOff();
  world.powerOn();
  world.tick(3);
  const came = world.csms.heard.slice(from).map(({ payload }) => told(payload).name);
  return came.length === 0 ? [] : [`another boot sends ${came.length} events again, from ${came[0]}`];
}

/** The values of the watched variables at the begin of the day. */
export function firstValues(day: Day): Record<string, string> {
  const world = new World({ chip: Buffer.from(day.chip), evses: EVSES, seed: 5 });
  world.powerOn();
  world.tick(2);
  return readVariables(world) as Record<string, string>;
}

/** The raw area at every moment of the day; quick when the moments are asked for in their order. */
export class Past {
  private raw = Buffer.alloc(0);
  private at = Infinity;
  /** Values of the watched variables at the begin. */
  readonly first: Record<string, string>;

  constructor(private readonly day: Day) {
    this.first = firstValues(day);
  }

  /** A copy of the raw area before operation `n`. */
  before(n: number): Buffer {
    if (n < this.at) {
      this.raw = Buffer.from(this.day.chip.subarray(0, RAW_BYTES));
      this.at = 0;
    }
    for (; this.at < n; this.at++) perform(this.raw, this.day.operations[this.at]);
    return Buffer.from(this.raw);
  }
}

/** Every cut point of the day: clean, and torn where that is something else. */
export function cutPoints(day: Day): Cut[] {
  const past = Buffer.from(day.chip.subarray(0, RAW_BYTES));
  return day.operations.flatMap((operation, n) => {
    const torn = Buffer.from(past);
    perform(torn, operation, "torn");
    const differs = !torn.equals(past);
    perform(past, operation);
    return [{ n, tear: "clean" as const }, ...(differs ? [{ n, tear: "torn" as const }] : [])];
  });
}
