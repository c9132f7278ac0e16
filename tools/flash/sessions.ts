/**
 * Synthetic charging sessions, the same for the same seed on every machine: what the Huffman code is trained and measured on.
 * A session is what the journal holds of it: start, samples, changes of the charging state, end.
 */
import { encodeRecord, freshStates, type Context, type EvseState, type JournalRecord, type Values } from "./records.ts";

/** mulberry32: small, and the same everywhere. */
export class Random {
  constructor(private state: number) {}

  /** From 0 to below 1. */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** Near a normal distribution of mean 0 and deviation 1. */
  noise(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.fraction();
    return sum;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

/** Amperes at a time of the session (0 … 1 of it); 0 is a pause. */
type Current = (random: Random) => () => number;

export interface Model {
  phases: 1 | 3;
  current: Current;
  /** Deviations of the readings: current (A), voltage of one phase (V). */
  ampereNoise: number;
  voltNoise: number;
}

const constant =
  (...levels: number[]): Current =>
  (random) => {
    const level = random.pick(levels) + random.noise() * 0.1;
    return () => level;
  };

/** Surplus of a roof under moving clouds: a wandering level between the least and the most that a car takes. */
const clouds: Current = (random) => {
  let sun = 6 + 10 * random.fraction();
  let level = sun;
  return () => {
    if (random.below(6) === 0) sun = 5 + 12 * random.fraction();
    level += (sun - level) * 0.4 + random.noise() * 0.15;
    return level < 6 ? 0 : Math.min(level, 16);
  };
};

const pauses: Current = (random) => {
  const level = 16 + random.noise() * 0.1;
  let left = 10 + random.below(40);
  let on = true;
  return () => {
    if (left-- === 0) {
      on = !on;
      left = on ? 10 + random.below(40) : 2 + random.below(12);
    }
    return on ? level : 0;
  };
};

/** The noise models that the figures are given for. */
export const MODELS = {
  "steady, 1 phase": { phases: 1, current: constant(8, 10, 13, 16, 20, 32), ampereNoise: 0.04, voltNoise: 1 },
  "steady, 3 phases": { phases: 3, current: constant(10, 13, 16, 32), ampereNoise: 0.04, voltNoise: 1 },
  "noisy, 3 phases": { phases: 3, current: constant(13, 16, 32), ampereNoise: 0.3, voltNoise: 2.5 },
  "cloudy solar": { phases: 1, current: clouds, ampereNoise: 0.06, voltNoise: 1.2 },
  "16 A with pauses": { phases: 3, current: pauses, ampereNoise: 0.05, voltNoise: 1 },
} satisfies Record<string, Model>;

export type ModelName = keyof typeof MODELS;
export const MODEL_NAMES = Object.keys(MODELS) as ModelName[];

// Numbers of src/store/fact.ts.
const AUTHORIZED = 0;
const PLUGGED_IN = 1;
const STATE_CHANGED = 3;
const STOP_AUTHORIZED = 13;
const REMOTE_START = 17;
const EV_DEPARTED = 14;
const EV_CONNECTED = 1;
const CHARGING = 2;
const SUSPENDED_EV = 3;

export interface SessionOptions {
  events: number;
  /** Seconds between two samples. */
  interval: number;
  evse: number;
}

/** The records of one session from its start to its end. */
export function session(model: Model, random: Random, { events, interval, evse }: SessionOptions): JournalRecord[] {
  const current = model.current(random);
  let time = 150_000_000 + random.below(400_000_000);
  let register = random.below(40_000_000);
  let charging = EV_CONNECTED;
  let amperes = 0;
  const read = (): Values => {
    const measured = amperes === 0 ? 0 : Math.max(0, amperes + random.noise() * model.ampereNoise);
    const volts = 230 + random.noise() * model.voltNoise;
    return {
      wattHours: Math.floor(register),
      watts: Math.round(measured * volts * model.phases),
      centiamps: Math.round(measured * 100),
    };
  };
  const pass = (seconds: number): void => {
    time += seconds;
    register += ((amperes * 230 * model.phases * seconds) / 3600) * (1 + random.noise() * 0.004);
  };
  const remote = random.below(4) === 0;
  const records: JournalRecord[] = [
    {
      kind: "event",
      evse,
      cause: remote ? REMOTE_START : random.pick([AUTHORIZED, PLUGGED_IN]),
      charging,
      reason: 0,
      time,
      end: false,
      start: `${random.below(0xffffffff)}-${1 + random.below(40)}-${1 + random.below(900)}`,
      token: remote ? "C" + hex(random, 8) : random.pick(["A", "B"]) + hex(random, random.pick([8, 8, 14])),
      remoteStartId: remote ? random.below(100_000) : undefined,
      values: read(),
      tellsEvse: true,
    },
  ];
  while (records.length < events - 1) {
    amperes = current();
    const now = amperes > 0 ? CHARGING : SUSPENDED_EV;
    if (now !== charging) {
      charging = now;
      const gone = 1 + random.below(interval - 1);
      time += gone;
      records.push({ kind: "event", evse, cause: STATE_CHANGED, charging, reason: 0, time, end: false, values: read() });
      if (records.length < events - 1) {
        pass(interval - gone);
        records.push({ kind: "sample", evse, time, ...read() });
      }
    } else {
      pass(interval);
      records.push({ kind: "sample", evse, time, ...read() });
    }
  }
  pass(1 + random.below(interval));
  const card = random.below(2) === 0;
  records.push({
    kind: "event",
    evse,
    cause: card ? STOP_AUTHORIZED : EV_DEPARTED,
    charging: card ? EV_CONNECTED : 0,
    reason: card ? 0 : 2,
    time,
    end: true,
    token: card ? "A" + hex(random, 8) : undefined,
    values: read(),
  });
  return records;
}

function hex(random: Random, digits: number): string {
  return Array.from({ length: digits }, () => random.pick([..."0123456789ABCDEF"])).join("");
}

/** Most uncompressed bytes of a block. */
export const BLOCK_BYTES = 1100;

/** An uncompressed block, and the events and samples in it. */
export interface PlainBlock {
  bytes: Uint8Array;
  events: number;
}

/** The context records of the transactions that run. */
export function contexts(states: readonly EvseState[]): Context[] {
  return states.flatMap((state, evse) =>
    state.id === undefined ? [] : [{ kind: "context" as const, evse, ...state, id: state.id }],
  );
}

/** Records cut into blocks, each with the contexts that it needs. */
export function plainBlocks(records: readonly JournalRecord[], limit = BLOCK_BYTES): PlainBlock[] {
  const blocks: PlainBlock[] = [];
  const states = freshStates();
  let parts: Uint8Array[] = [];
  let size = 0;
  let events = 0;
  const close = (now: EvseState[]): void => {
    if (events > 0) blocks.push({ bytes: new Uint8Array(Buffer.concat(parts)), events });
    parts = contexts(now).map((context) => encodeRecord(context, freshStates()));
    size = parts.reduce((sum, part) => sum + part.length, 0);
    events = 0;
  };
  for (const record of records) {
    const begun = states.map((state) => ({ ...state }));
    const bytes = encodeRecord(record, states);
    if (size + bytes.length > limit) close(begun);
    parts.push(bytes);
    size += bytes.length;
    if (record.kind === "sample" || record.kind === "event") events++;
  }
  close(states);
  return blocks;
}
