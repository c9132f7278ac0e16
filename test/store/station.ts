/** What the tests of the store share: a station without real time, sessions with a noisy meter, and what came of them. */
import assert from "node:assert/strict";
import { session as records, MODELS, Random, type ModelName } from "../../tools/flash/sessions.ts";
import { DEFAULTS, freshChip } from "../../tools/powercut/day.ts";
import { told, type Told } from "../../tools/powercut/model.ts";
import { World } from "../../tools/powercut/world.ts";

export const FULL = process.env.FULL === "1";
export const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));

/** In these runs a second stands for the time between two samples. */
export const SAMPLED = { ...DEFAULTS, "SampledDataCtrlr.TxUpdatedInterval": "1" };

export async function open(set: Record<string, string> = SAMPLED, evses = 1): Promise<World> {
  return new World({ chip: await freshChip(set, evses), evses, seed: 3 });
}

export function heard(world: World): Told[] {
  return world.csms.heard.map(({ payload }) => told(payload));
}

/**
 * Charges about `events` events long, `pause` seconds between two samples; the meter reads what a synthetic session of the noise model has (tools/flash/sessions.ts).
 */
export function charge(world: World, model: ModelName, random: Random, events: number, card: string, pause = 1): void {
  const [evse] = world.hardware.evses;
  const readings = records(MODELS[model], random, { events, interval: 60, evse: 0 }).flatMap((record) =>
    record.kind === "sample" ? [record] : [],
  );
  world.meter = () => [];
  world.act(evse.plug());
  world.tap(card);
  world.tick();
  let drawing = false;
  for (const { wattHours, centiamps, watts } of readings) {
    if (drawing !== watts > 0) {
      drawing = watts > 0;
      world.act(evse.askEnergy(drawing, drawing ? 16 : undefined));
    }
    const millivolts = centiamps > 0 ? Math.round((watts * 100_000) / centiamps / MODELS[model].phases) : 230_000;
    world.meter = () => [`M1,${wattHours},${centiamps * 10},${millivolts}`];
    world.tick(pause);
  }
  world.tap(card);
  world.tick();
  world.act(evse.unplug());
  world.meter = null;
}

/** Waits until everything is delivered. */
export function deliver(world: World, seconds = 60): void {
  world.setNetwork(true);
  for (let second = 0; second < seconds; second++) {
    world.tick();
    const state = world.state();
    if (state?.online && state.queue.events === 0) return;
  }
  throw new Error(`not delivered: ${JSON.stringify(world.state()?.queue)}`);
}

/** Per transaction: its events, in the order in which they came. */
export function byTransaction(events: readonly Told[]): Map<string, Told[]> {
  const transactions = new Map<string, Told[]>();
  for (const event of events) transactions.set(event.id, [...(transactions.get(event.id) ?? []), event]);
  return transactions;
}

/** Every transaction begins and ends; seqNo rises; what is missing is counted. */
export function gaps(events: readonly Told[]): number {
  let missing = 0;
  for (const [id, list] of byTransaction(events)) {
    assert.equal(list[0].type, "Started", `${id} begins`);
    assert.equal(list[0].seqNo, 0, id);
    assert.equal(list.at(-1)!.type, "Ended", `${id} ends`);
    list.forEach((event, i) => {
      if (i > 0) assert.ok(event.seqNo > list[i - 1].seqNo, `${event.name} behind ${list[i - 1].name}`);
    });
    missing += list.at(-1)!.seqNo + 1 - list.length;
  }
  return missing;
}

export function droppedBy(log: readonly string[]): number {
  return log.reduce((total, line) => total + Number(/^StorageFull: (\d+) transaction events dropped/.exec(line)?.[1] ?? 0), 0);
}
