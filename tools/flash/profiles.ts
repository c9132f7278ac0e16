/** Reference reader of the charging profiles (`src/station/charging.ts`; OCPP 2.0.1 Part 2, K): numbers of four bytes, the id first. */
import { readPair, type Pair } from "./keyed.ts";
import { PROFILE_PAGES } from "./pages.ts";

const NUMBER_BYTES = 4;
/** Numbers before the periods, and numbers of each of these. */
const HEAD = 11;
const PERIOD = 2;
/** Bits of the flags above purpose and kind. */
const WATTS = 16;
const REMOTE = 32;

export interface ChargingProfile {
  id: number;
  /** As `PURPOSES` and `KINDS` of `src/store/profiles.ts` number them. */
  purpose: number;
  kind: number;
  unit: "A" | "W";
  /** 0: the station. */
  evse: number;
  level: number;
  /** CRC-32 of its transactionId; undefined while it waits for the transaction of a remote start. */
  transaction?: number;
  remoteStartId?: number;
  /** Seconds since 1970; undefined: not given, as with what follows. */
  validFrom?: number;
  validTo?: number;
  start?: number;
  /** Seconds. */
  duration?: number;
  /** In the unit, as the limits. */
  minRate?: number;
  scheduleId: number;
  /** Start: seconds after the schedule's. */
  periods: { start: number; limit: number; phases?: number }[];
}

export interface Profiles extends Pair {
  profiles: ChargingProfile[];
}

/** The charging profiles in force. */
export function readProfiles(raw: Uint8Array): Profiles {
  const { found, ...pair } = readPair(raw, PROFILE_PAGES, "charging profile", keyOf);
  return { ...pair, profiles: found.map(({ text }) => chargingProfile(Buffer.from(text, "latin1"))) };
}

function keyOf(text: string): string | undefined {
  const periods = (text.length / NUMBER_BYTES - HEAD) / PERIOD;
  return Number.isInteger(periods) && periods > 0 ? text.slice(0, NUMBER_BYTES) : undefined;
}

function chargingProfile(bytes: Buffer): ChargingProfile {
  const n = Array.from({ length: bytes.length / NUMBER_BYTES }, (_, i) => bytes.readInt32LE(i * NUMBER_BYTES));
  const [id, flags, evse, level, transaction, from, to, start, duration, minRate, scheduleId] = n;
  const time = (number: number): number | undefined => (number === 0 ? undefined : (number >>> 0) - 1);
  const periods: ChargingProfile["periods"] = [];
  let second = 0;
  for (let k = HEAD; k < n.length; k += PERIOD) {
    second += n[k];
    periods.push({ start: second, limit: (n[k + 1] >> 2) / 10, phases: n[k + 1] & 3 || undefined });
  }
  return {
    id,
    purpose: flags & 3,
    kind: (flags >> 2) & 3,
    unit: flags & WATTS ? "W" : "A",
    evse,
    level,
    ...(flags & REMOTE ? { remoteStartId: transaction } : { transaction: transaction >>> 0 }),
    validFrom: time(from),
    validTo: time(to),
    start: time(start),
    duration: duration || undefined,
    minRate: minRate === 0 ? undefined : (minRate - 1) / 10,
    scheduleId,
    periods,
  };
}
