/**
 * @overlay
 * Charging profiles, as records (records.ts): the numbers of `Profile`, four bytes each, little endian, so that they are looked at as they stand;
 * the first, the id, is the key. Several profiles that go at once leave by a new page: a power cut leaves all of them or none.
 */
import { flashRead } from "../kernel/engine/flash";
import { PAGE_HEADER, PROFILES } from "./map";
import { beginRecords, keepRecord, nextRecord, openRecords, putRecord, recordText, removeRecord, turnRecords } from "./records";

/** The numbers of a profile. */
export const enum Profile {
  Id,
  /** Purpose + kind * 4 + `WATTS` + `REMOTE`. */
  Flags,
  /** 0 = the station. */
  Evse,
  Level,
  /** TxProfile: CRC-32 of the transactionId; with `REMOTE` the id of the remote start whose transaction it waits for. */
  Transaction,
  /** validFrom, validTo, startSchedule: Unix time + 1, unsigned, 0 = not given. */
  From,
  To,
  Start,
  /** Seconds, 0 = without end. */
  Duration,
  /** minChargingRate in tenths, + 1; 0 = not given. */
  MinRate,
  ScheduleId,
  /** From here on two numbers a period: seconds after the begin of the one before; limit in tenths * 4 + number of phases, 0 = not given. */
  Periods,
}

/** Purposes that a profile may have. */
export const enum Purpose {
  StationMax,
  TxDefault,
  Tx,
}

export const enum Kind {
  Absolute,
  Daily,
  Weekly,
  Relative,
}

/** Limits are in W, all phases together; else in A, each phase. */
export const WATTS = 16;
/** Of a remote start whose transaction has not begun. */
export const REMOTE = 32;

/**
 * Profiles, and periods of each: 16 profiles of 24 periods are 16 * (4 + 4 * (11 + 2 * 24)) = 3,840 bytes of a page.
 * SmartChargingCtrlr announces them.
 */
export const PROFILES_MAX = 16;
export const PERIODS_MAX = 24;
/** Highest stackLevel. */
export const LEVEL_MAX = 9;

/** What `liveProfiles` returns: two numbers for its user, then the living profiles by id and position of the record; position 0 ends them. */
export const enum Live {
  /** What `limitAt` is asked for: 0 mA a phase, 1 tenths of a W. */
  Unit,
  /** Uptime at which a transaction begins on an EVSE that has none. */
  Base,
  First,
}

/** The numbers of the profile whose record is at `at`. */
export function profileAt(at: number): Int32Array {
  return new Int32Array(flashRead(at + 4, flashRead(at, 1)[0]).buffer);
}

/** Index of profile `id` in `list`, or where it ends. */
export function slot(list: Int32Array, id: number): number {
  let i = Live.First as number;
  while (list[i + 1] && list[i] !== id) {
    i += 2;
  }
  return i;
}

/** The living profiles. */
export function liveProfiles(): Int32Array {
  const list = new Int32Array(Live.First + PROFILES_MAX * 2 + 2);
  let at = nextRecord(openRecords(PROFILES) + PAGE_HEADER, "");
  while (at) {
    const n = profileAt(at);
    const i = slot(list, n[Profile.Id]);
    list[i] = n[Profile.Id];
    list[i + 1] = at;
    at = nextRecord(at + 4 + n.length * 4, "");
  }
  return list;
}

/** The profiles `ids` go; the one of `numbers` comes for them, the first of which is its own. Done in one step. */
export function changeProfiles(ids: number[], numbers?: Int32Array): void {
  const page = openRecords(PROFILES);
  const text = E.toString(new Uint8Array((numbers || new Int32Array(ids)).buffer));
  const key = text.substr(0, 4);
  if (numbers) {
    if (ids.length < 2 && keepRecord(page, key, text.substr(4))) {
      return;
    }
  } else if (ids.length === 1) {
    removeRecord(page, key);
    return;
  }
  const list = liveProfiles();
  let to = beginRecords(page);
  for (let i = Live.First as number; list[i + 1]; i += 2) {
    if (ids.indexOf(list[i]) < 0) {
      to = putRecord(to, recordText(list[i + 1]));
    }
  }
  if (numbers) {
    putRecord(to, text);
  }
  turnRecords(page);
}

/** Ids of the profiles on `evse`, of `purpose`, at `level`, among `ids`; what is undefined is no condition. */
export function selectProfiles(evse?: number, purpose?: number, level?: number, ids?: number[]): number[] {
  const list = liveProfiles();
  const found: number[] = [];
  for (let i = Live.First as number; list[i + 1]; i += 2) {
    const n = profileAt(list[i + 1]);
    if (
      (evse === undefined || n[Profile.Evse] === evse) &&
      (purpose === undefined || (n[Profile.Flags] & 3) === purpose) &&
      (level === undefined || n[Profile.Level] === level) &&
      (ids === undefined || ids.indexOf(list[i]) >= 0)
    ) {
      found.push(list[i]);
    }
  }
  return found;
}
