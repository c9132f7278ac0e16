/**
 * @overlay
 * Which limit is in force, and until when: OCPP 2.0.1 Part 2, K (3.4 stacking and combining of profiles); 1.6, 3.13. Knows no protocol.
 *
 * At any time the limit of an EVSE is the lowest of: its TxProfiles, else its TxDefaultProfiles; what the hardware carries; its share of the
 * station's limit. Of profiles of one purpose that one counts which has the highest stackLevel and covers the time.
 * An EVSE without transaction is looked at as if one began now. While the clock is not known every profile counts with the lowest of its limits.
 */
import { HAS_DRIVERS } from "board";
import { clock, DATED, EPOCH } from "../kernel/clock";
import { variable } from "../kernel/overlay";
import { Cause } from "../store/fact";
import { Context, journal } from "../store/journal";
import { Kind, Live, Profile, profileAt, Purpose, REMOTE, WATTS } from "../store/profiles";
import { setting } from "../store/settings";
import { charging } from "./charging";
import { evaluate, recordFact } from "./evaluate";
import { evses, Field } from "./evse";
import { settleProfiles } from "./profile";

/** Nominal voltage, V: A = W / (V * phases). */
const NOMINAL = 230;
/** IEC 61851-1: less than 6 A cannot be offered. mA. */
const LEAST = 6000;
/** Seconds that nobody looks beyond. */
const FAR = 604800;
/** The limits are looked at again after so many seconds at most. */
const LOOK = 120;

/**
 * EVSE `evse` (0-based) at uptime `t`, which may lie ahead: its own limit, seconds until that or the station's may change, the station's limit or -1.
 * `list` is that of `liveProfiles`, unit and base set.
 */
export function limitAt(list: Int32Array, evse: number, t: number): number[] {
  const v = evses.v;
  const at = evse * Field.Size;
  const running = v[at + Field.Transaction];
  const begin = journal.context[evse * Context.Size + Context.BeginTime];
  const began = running ? (begin < DATED ? begin : begin + EPOCH - clock.boot) : list[Live.Base];
  const volts = NOMINAL * evses.phases;
  const watts = list[Live.Unit];
  const now = clock.boot + t;
  const levels = [-1, -1, -1];
  const limits = [-1, -1, -1];
  let next = FAR;
  for (let i = Live.First as number; list[i + 1]; i += 2) {
    const n = profileAt(list[i + 1]);
    const flags = n[Profile.Flags];
    const purpose = flags & 3;
    const kind = (flags >> 2) & 3;
    const to = n[Profile.To] >>> 0;
    if (
      n[Profile.Level] < levels[purpose] ||
      // 1.6: a default for all gives way to that of the connector; 2.0.1 has no two of one level.
      (n[Profile.Level] === levels[purpose] && !n[Profile.Evse]) ||
      (n[Profile.Evse] && n[Profile.Evse] !== evse + 1) ||
      (purpose === Purpose.Tx && (flags & REMOTE || !running))
    ) {
      continue;
    }
    let since = kind === Kind.Relative ? t - began : now + 1 - (n[Profile.Start] >>> 0);
    if (clock.boot) {
      const wait = Math.max((n[Profile.From] >>> 0) - 1 - now, -since);
      if (wait > 0) {
        next = Math.min(next, wait);
        continue;
      }
      if (to) {
        if (to <= now + 1) {
          continue;
        }
        next = Math.min(next, to - 1 - now);
      }
      if (kind === Kind.Daily || kind === Kind.Weekly) {
        const turn = kind === Kind.Daily ? 86400 : 604800;
        since %= turn;
        next = Math.min(next, turn - since);
      }
      if (n[Profile.Duration]) {
        if (since >= n[Profile.Duration]) {
          continue;
        }
        next = Math.min(next, n[Profile.Duration] - since);
      }
    }
    let limit = 0;
    let start = 0;
    for (let k = Profile.Periods as number; k < n.length; k += 2) {
      start += n[k];
      if (clock.boot && start > since) {
        next = Math.min(next, start - since);
        break;
      }
      if (clock.boot || !start || n[k + 1] >> 2 < limit) {
        limit = n[k + 1] >> 2;
      }
    }
    limit = flags & WATTS ? (watts ? limit : Math.floor((limit * 100) / volts)) : limit * (watts ? volts : 100);
    if (clock.boot) {
      levels[purpose] = n[Profile.Level];
    } else if (limits[purpose] >= 0) {
      limit = Math.min(limit, limits[purpose]);
    }
    limits[purpose] = limit;
  }
  const own = limits[Purpose.Tx] < 0 ? limits[Purpose.TxDefault] : limits[Purpose.Tx];
  const cable = HAS_DRIVERS ? v[at + Field.Cable] : 0;
  const carries = cable && cable < evses.limit ? cable : evses.limit;
  const hardware = watts ? Math.floor((carries * volts) / 100) : carries;
  return [own < 0 || own > hardware ? hardware : own, next, limits[Purpose.StationMax]];
}

/**
 * The same with the station's limit counted in: [limit, seconds]. `evse` -1: all EVSEs together. The station's limit is shared in equal parts
 * among the EVSEs with a transaction; when a part is too small to be offered, those with the lowest numbers share it, as many as can.
 */
export function offerAt(list: Int32Array, evse: number, t: number): number[] {
  const v = evses.v;
  let sum = 0;
  let next = FAR;
  let max = -1;
  let sharers = 1;
  let before = 0;
  for (let e = 0; e < evses.tokens.length; e++) {
    if (evse < 0 || e === evse) {
      const r = limitAt(list, e, t);
      sum += r[0];
      next = Math.min(next, r[1]);
      max = r[2];
    } else if (v[e * Field.Size + Field.Transaction]) {
      sharers++;
      if (e < evse) {
        before++;
      }
    }
  }
  if (max >= 0) {
    const least = list[Live.Unit] ? (LEAST * NOMINAL * evses.phases) / 100 : LEAST;
    if (evse >= 0) {
      while (sharers > 1 && max < least * sharers) {
        sharers--;
      }
      max = before < sharers ? Math.floor(max / sharers) : 0;
    }
    sum = Math.min(sum, max);
  }
  return [sum, next];
}

/** Set what each EVSE may take now. A transaction begins on EVSE `begun`, -1: none does. */
export function allow(begun: number): void {
  const v = evses.v;
  const list = settleProfiles();
  list[Live.Base] = clock.up;
  list[Live.Unit] = 0;
  charging.left = LOOK;
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const r = offerAt(list, evse, clock.up);
    const at = evse * Field.Size;
    v[at + Field.Allowed] = r[0] < LEAST ? 0 : r[0];
    if (evse === begun || !v[at + Field.Transaction]) {
      v[at + Field.Rate] = v[at + Field.Allowed];
    }
    charging.left = Math.min(charging.left, r[1]);
  }
  if (begun >= 0 && evses.tokens.length > 1) {
    charging.left = 1; // the others share with one more
  }
}

/** The limits may have changed: the transactions that run follow, and the CSMS is told (E-05). */
export function limitsChanged(): void {
  const v = evses.v;
  allow(-1);
  const significance = parseFloat(setting(variable("SmartChargingCtrlr.LimitChangeSignificance")));
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const at = evse * Field.Size;
    if (v[at + Field.Transaction] && v[at + Field.Allowed] !== v[at + Field.Limit]) {
      const state = v[at + Field.Charging];
      evaluate(evse);
      const limit = v[at + Field.Limit];
      const step = Math.abs(limit - v[at + Field.Rate]) * 100;
      if (v[at + Field.Charging] !== state) {
        v[at + Field.Rate] = limit; // ChargingStateChanged has told it
      } else if (limit && step > significance * v[at + Field.Rate] && step) {
        v[at + Field.Rate] = limit;
        recordFact(evse, Cause.ChargingRateChanged, 0);
      }
    }
  }
}
