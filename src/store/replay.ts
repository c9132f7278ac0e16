/**
 * @overlay
 * Reading the journal: the next unconfirmed fact, its confirmation, and the recovery at boot.
 */
import { clock, DATED, EPOCH, type UnixSeconds } from "../kernel/clock";
import { flashRead, flashWrite } from "../kernel/engine/flash";
import { Cause, fact, Has } from "./fact";
import { Context, Head, journal } from "./journal";
import { markBoot } from "./append";
import { JOURNAL, JOURNAL_PAGES, PAGE, PAGE_HEADER } from "./map";
import { blankFrom, pageDone, pageSequence } from "./page";

/** What `decode` found. */
const NOTHING = 0;
const DAMAGED = -1;

/**
 * Decode the record at `at` into `fact`, relative to the contexts at `side` (0 writer's, `Context.Reader`); with `commit` they
 * take it over. Returns the position behind it, NOTHING at the end of the log, DAMAGED when the check fails.
 */
function decode(at: number, side: number, commit: boolean): number {
  const c = journal.context;
  if ((at - JOURNAL) % PAGE > PAGE - 4) {
    return NOTHING;
  }
  const first = flashRead(at, 2);
  const size = first[0] + 1;
  const head = first[1] & 127;
  const kind = head & 63;
  if (size === 256) {
    return NOTHING;
  }
  if (size < 3 || ((at - JOURNAL) % PAGE) + size > PAGE || kind > Head.Boot) {
    return DAMAGED;
  }
  const r = flashRead(at, size);
  const check = r[size - 1];
  r[1] |= Head.Unconfirmed;
  if (E.CRC32(r.subarray(0, size - 1)) % 255 !== check) {
    return DAMAGED;
  }
  let p = 2;
  let has = Has.Values as number;
  fact.evse = kind;
  fact.cause = Cause.MeterValuePeriodic;
  fact.token = "";
  if (kind >= Head.Event && kind < Head.Clock) {
    fact.evse = r[2] & 7;
    has = r[2] & 248;
    fact.cause = r[3] & 31;
    fact.charging = r[3] >> 5;
    fact.reason = r[4];
    p = 5;
    if (has & Has.Start) {
      p += 1 + r[p];
    }
    if (has & Has.Token) {
      fact.token = E.toString(r.subarray(p + 1, p + 1 + r[p]));
      p += 1 + r[p];
    }
  }
  fact.has = has;
  const numbers: number[] = [];
  while (p < size - 1) {
    let n = 0;
    let scale = 1;
    while (r[p] > 127) {
      n += (r[p++] & 127) * scale;
      scale *= 128;
    }
    n += r[p++] * scale;
    numbers.push(n % 2 ? -(n + 1) / 2 : n / 2);
  }
  if (kind === Head.Clock) {
    fact.time = numbers[0];
    return at + size;
  }
  const w = fact.evse * Context.Size + side;
  if (kind > Head.Event || w >= c.length) {
    if (commit && kind === Head.Context && w < c.length) {
      for (let i = 0; i < 7; i++) {
        c[w + i] = numbers[i];
      }
      c[w + Context.Begin] = at;
    }
    return at + size;
  }
  const start = kind === Head.Event && has & Has.Start;
  let interval = c[w + Context.Interval];
  let i = 0;
  if (kind === Head.Event || head & Head.Step) {
    interval = numbers[i++];
  }
  fact.time = (start ? 0 : c[w + Context.Time]) + interval;
  fact.seqNo = start ? 0 : c[w + Context.SeqNo];
  if (has & Has.Values) {
    const step = numbers[i++] + (start ? 0 : c[w + Context.Step]);
    fact.wattHours = (start ? 0 : c[w + Context.WattHours]) + step;
    fact.watts = (start ? 0 : c[w + Context.Watts]) + numbers[i++];
    fact.centiamps = (start ? 0 : c[w + Context.Centiamps]) + numbers[i++];
    if (commit) {
      c[w + Context.Step] = start ? 0 : step;
      c[w + Context.WattHours] = fact.wattHours;
      c[w + Context.Watts] = fact.watts;
      c[w + Context.Centiamps] = fact.centiamps;
    }
  }
  if (has & Has.RemoteStart) {
    fact.remoteStartId = numbers[i];
  }
  if (commit) {
    c[w + Context.Time] = fact.time;
    if (kind < Head.Event) {
      c[w + Context.Interval] = interval;
    } else if (start) {
      c[w + Context.Interval] = 0;
    }
    c[w + Context.SeqNo] = fact.seqNo + 1;
    if (start) {
      c[w + Context.Begin] = at;
    } else if (has & Has.End) {
      c[w + Context.Begin] = 0;
    }
  }
  return at + size;
}

/** transactionId in the record at `begin`. */
export function transactionIdAt(begin: number): string {
  const length = flashRead(begin + 5, 1)[0];
  return E.toString(flashRead(begin + 6, length));
}

/** Token (with its type letter) in the record at `begin`, "" when it has none. */
export function tokenAt(begin: number): string {
  const r = flashRead(begin, 255);
  const at = 6 + r[5];
  return r[2] & Has.Token ? E.toString(r.subarray(at + 1, at + 1 + r[at])) : "";
}

/** transactionId of the running transaction of EVSE `evse` (0-based), "" when none runs. */
export function transactionId(evse: number): string {
  const begin = journal.context[evse * Context.Size + Context.Begin];
  return begin ? transactionIdAt(begin) : "";
}

/** First position of the page behind the one that holds `at`. */
function nextPage(at: number): number {
  const page = at - (at % PAGE) + PAGE;
  return (page === JOURNAL + JOURNAL_PAGES * PAGE ? JOURNAL : page) + PAGE_HEADER;
}

/** Read the oldest unconfirmed fact into `fact`, with the id of its transaction. False when there is none. */
export function peek(): boolean {
  while (journal.count) {
    const at = journal.read;
    const next = decode(at, Context.Reader, false);
    if (next === DAMAGED || next === NOTHING) {
      // The rest of the page is lost or empty; its successor stands on its own.
      if (Math.floor(at / PAGE) === Math.floor((journal.write - 1) / PAGE)) {
        journal.count = 0;
        journal.read = journal.write;
        return false;
      }
      pageDone(at);
      journal.read = nextPage(at);
    } else {
      const head = flashRead(at + 1, 1)[0];
      const begin = fact.has & Has.Start ? at : journal.context[fact.evse * Context.Size + Context.Reader + Context.Begin];
      if (head & Head.Unconfirmed && (head & 63) <= Head.Event && begin) {
        fact.id = transactionIdAt(begin);
        return true;
      }
      decode(at, Context.Reader, true);
      journal.read = next;
    }
  }
  return false;
}

/** The CSMS has confirmed (or refused often enough) the fact that `peek` gave. */
export function confirm(): void {
  const at = journal.read;
  const next = decode(at, Context.Reader, true);
  const head = flashRead(at + 1, 1);
  head[0] &= 127;
  flashWrite(at + 1, head);
  journal.read = next;
  journal.count--;
  if (journal.old) {
    journal.old--;
  }
  if (!journal.count) {
    journal.read = journal.write;
  }
}

/** Unix time of the fact: an undated one is dated by the clock record behind it, or it is of this boot. */
export function factTime(): UnixSeconds {
  const time = fact.time;
  if (time >= DATED) {
    return time + EPOCH;
  }
  let at = journal.read;
  for (let n = 0; at !== journal.write && n < (JOURNAL_PAGES * PAGE) / 4; n++) {
    const r = flashRead(at, 2);
    const kind = r[1] & 63;
    if (r[0] === 255 || (at - JOURNAL) % PAGE > PAGE - 4) {
      at = nextPage(at);
      continue;
    }
    if (kind === Head.Boot) {
      break; // an earlier boot that never learned the time: not later than the begin of this one
    }
    if (kind === Head.Clock) {
      decode(at, Context.Reader, false);
      const boot = fact.time + EPOCH;
      peek(); // the fact again, which the clock record has overwritten
      return boot + time;
    }
    at += r[0] + 1;
  }
  return clock.boot + (at === journal.write ? time : 0);
}

/** The reader's contexts become the writer's. */
function readerFollows(): void {
  const c = journal.context;
  for (let i = 0; i < c.length; i++) {
    if (!(i & Context.Reader)) {
      c[i + Context.Reader] = c[i];
    }
  }
}

/**
 * Boot: find the end of the log, the oldest unconfirmed record and the transactions that were running. `evses` contexts are made.
 * Damage costs the rest of its page.
 */
export function openJournal(evses: number): void {
  const c = new Int32Array(evses * Context.Size);
  journal.context = c;
  let newest = 0;
  let oldest = 0;
  let from = 0;
  journal.write = JOURNAL + JOURNAL_PAGES * PAGE;
  for (let page = JOURNAL; page < JOURNAL + JOURNAL_PAGES * PAGE; page += PAGE) {
    const sequence = pageSequence(page);
    if (sequence > newest) {
      newest = sequence;
      journal.write = page + PAGE_HEADER;
    }
    if (sequence && flashRead(page + PAGE_HEADER - 1, 1)[0] && (!oldest || sequence < oldest)) {
      oldest = sequence;
      from = page;
    }
  }
  journal.sequence = newest;
  const last = journal.write - PAGE_HEADER;
  journal.read = 0;
  journal.count = 0;
  let undated = false;
  if (newest) {
    let at = (from || last) + PAGE_HEADER;
    for (;;) {
      const next = decode(at, 0, false);
      if (next > 0) {
        const head = flashRead(at + 1, 1)[0];
        if (head & Head.Unconfirmed && (head & 63) <= Head.Event) {
          if (!journal.count++) {
            journal.read = at;
            readerFollows();
          }
        }
        decode(at, 0, true);
        undated = (head & 63) < Head.Context ? fact.time < DATED : (head & 63) === Head.Context ? undated : false;
        at = next;
        continue;
      }
      if (at - (at % PAGE) === last) {
        journal.write = next === NOTHING && blankFrom(at, last + PAGE) ? at : last + PAGE;
        break;
      }
      at = nextPage(at);
    }
  }
  journal.old = journal.count;
  if (!journal.count) {
    journal.read = journal.write;
    readerFollows();
  }
  if (undated) {
    markBoot();
  }
}
