/**
 * A bit of the raw flash is wrong: the station has to notice or not to mind, to lose no more than the page or the block, to tell nothing
 * that did not happen, and to work.
 */
import { readJournal, type Entry } from "../flash/journal.ts";
import { SETTINGS_PAGES } from "../flash/pages.ts";
import { PAGE_BYTES } from "../sim/flash.ts";
import { readVariables, WATCHED, type Day } from "./day.ts";
import { stationAt, useIt, type Past } from "./cuts.ts";
import { expectation, told, type Told } from "./model.ts";

/** A bit in the raw area, looked at in the moment before operation `n`. */
export interface Flip {
  n: number;
  at: number;
  bit: number;
}

export interface FlipOutcome {
  faults: string[];
  lost: number;
  repeated: number;
  /** The security log of the station tells of damage. */
  reported: boolean;
}

const PATIENCE = 40;
/** Pages of settings, journal and security log. */
export const USED_BYTES = 12 * PAGE_BYTES;

const nameOf = ({ id, seqNo }: Entry): string => `${id}#${seqNo}`;

export function liveWith(day: Day, events: readonly Told[], past: Past, { n, at, bit }: Flip): FlipOutcome {
  const raw = past.before(n);
  const recorded = new Map(events.map((event, i) => [event.name, i]));
  const places = new Map<string, Entry>();
  // What is to come: recorded, and not confirmed.
  const { confirmed, recorded: count } = expectation(day, events, n);
  const due = new Set(events.slice(confirmed[1], count).map(({ name }) => name));
  for (const entry of readJournal(raw).entries) if (due.has(nameOf(entry))) places.set(nameOf(entry), entry);
  raw[at] ^= 1 << bit;
  const world = stationAt(day, raw, n);
  world.powerOn();
  for (let second = 0; second < PATIENCE; second++) {
    world.tick();
    const state = world.state();
    if (state?.online && state.queue.events === 0) break;
  }
  world.tick(2);
  const faults = [...world.faults];
  const state = world.state();
  if (!state?.online) faults.push("the station does not come back");
  else if (state.queue.events > 0) faults.push(`${state.queue.events} events stay in the queue`);
  const outcome: FlipOutcome = { faults, lost: 0, repeated: 0, reported: false };
  // A setting that is lost has its default, and with it events are told in other words.
  const isSetting = at < SETTINGS_PAGES.count * PAGE_BYTES;
  const came = new Set<string>();
  for (const { payload } of world.csms.heard) {
    const event = told(payload);
    const original = events[recorded.get(event.name) ?? -1] as Told | undefined;
    const ends = event.stopped === "PowerLoss";
    if (!original && !ends) faults.push(`${event.name} never was`);
    else if (original && !ends && !isSetting && original.timeless !== event.timeless)
      faults.push(`${event.name} is told as ${event.timeless}, not ${original.timeless}`);
    if (came.has(event.name) || (original && !due.has(event.name) && event.name !== events[confirmed[0]]?.name && !ends))
      outcome.repeated++;
    came.add(event.name);
  }
  const page = Math.floor(at / PAGE_BYTES);
  for (const [name, entry] of places) {
    if (came.has(name)) continue;
    outcome.lost++;
    if (entry.page !== page) faults.push(`${name} of page ${entry.page} is lost`);
  }
  if (state?.online) {
    const values = readVariables(world);
    for (const name of WATCHED) {
      const ever = [past.first[name], ...day.settings.filter((setting) => setting.name === name).map(({ value }) => value)];
      ever.push(...DEFAULT_VALUES[name]);
      if (!ever.includes(values[name] ?? "")) faults.push(`${name} is ${values[name]}`);
    }
    faults.push(...useIt(world));
  }
  outcome.reported = world.log.some((line) => line.startsWith("StorageDamaged"));
  outcome.faults = [...new Set([...faults, ...world.faults, ...world.csms.faults])];
  return outcome;
}

/** What the table has: a setting whose record is damaged falls back to it. */
const DEFAULT_VALUES: Record<string, string[]> = {
  "TxCtrlr.EVConnectionTimeOut": ["60"],
  "OCPPCommCtrlr.OfflineThreshold": ["60"],
  "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": ["3"],
  "SampledDataCtrlr.TxEndedMeasurands": ["Energy.Active.Import.Register"],
};
