/**
 * @overlay
 * Writing the journal. A fact is on flash before the event counts as happened.
 */
import { flashRead, flashWrite } from "../kernel/engine/flash";
import { clock, EPOCH, DATED } from "../kernel/clock";
import { stationTime } from "../kernel/datetime";
import { Cause, fact, Has } from "./fact";
import { Context, Head, journal } from "./journal";
import { JOURNAL, JOURNAL_PAGES, PAGE, PAGE_HEADER } from "./map";
import { blankPage, pageDone, sealPage } from "./page";

/** Longest record: 255 bytes of content would be one too many for the length byte. */
const LONGEST = 200;

/** `numbers` as zigzag varints, up to 2^52 each. */
function varints(numbers: number[]): string {
  let text = "";
  for (let i = 0; i < numbers.length; i++) {
    let n = numbers[i];
    n = n < 0 ? -2 * n - 1 : 2 * n;
    while (n > 127) {
      text += String.fromCharCode((n & 127) | 128);
      n = Math.floor(n / 128);
    }
    text += String.fromCharCode(n);
  }
  return text;
}

/** Put a record at `journal.write`, which moves on. */
function put(head: number, content: string): void {
  const record = E.toUint8Array(String.fromCharCode(content.length + 2, head | Head.Unconfirmed) + content + "\0");
  record[record.length - 1] = E.CRC32(record.subarray(0, record.length - 1)) % 255;
  flashWrite(journal.write, record);
  journal.write += record.length;
}

/** Pages that can be begun before the oldest unconfirmed record stands in the way, 0 … 7. */
export function freePages(): number {
  const write = Math.floor((journal.write - 1 - JOURNAL) / PAGE);
  const read = journal.count ? Math.floor((journal.read - JOURNAL) / PAGE) : write;
  return (read - write - 1 + JOURNAL_PAGES) % JOURNAL_PAGES;
}

/** transactionId and token of the record at `begin`, as they stand there with their lengths; one piece in a Start and in a context. */
function identity(begin: number): string {
  const record = flashRead(begin, LONGEST);
  const token = 6 + record[5];
  return E.toString(record.subarray(5, record[2] & Has.Token ? token + 1 + record[token] : token));
}

/** Begin the next page of the ring: blank, contexts of the running transactions, header last. False when it is still needed. */
function turnPage(): boolean {
  if (!freePages()) {
    return false;
  }
  const c = journal.context;
  let page = journal.write - 1;
  page = page - (page % PAGE) + PAGE;
  if (page === JOURNAL + JOURNAL_PAGES * PAGE) {
    page = JOURNAL;
  }
  if (!journal.count && journal.sequence) {
    pageDone(journal.write - 1);
  }
  blankPage(page);
  journal.write = page + PAGE_HEADER;
  for (let w = 0; w < c.length; w += Context.Size) {
    const begin = c[w + Context.Begin];
    if (begin) {
      const at = journal.write;
      put(
        Head.Context,
        String.fromCharCode((w / Context.Size) | Has.Start | (flashRead(begin, 3)[2] & Has.Token), 0, 0) +
          identity(begin) +
          varints([c[w], c[w + 1], c[w + 2], c[w + 3], c[w + 4], c[w + 5], c[w + 6]]),
      );
      c[w + Context.Begin] = at;
      if (!journal.count) {
        c[w + Context.Reader + Context.Begin] = at;
      }
    }
  }
  sealPage(page, ++journal.sequence);
  return true;
}

/** Put a record where it fits: into this page or the next. False when the journal is full. */
function place(head: number, content: string): boolean {
  const end = journal.write - ((journal.write - 1) % PAGE) - 1 + PAGE;
  // A byte stays free behind the last record, so that a position always lies in the page that it means.
  if (journal.write + content.length + 3 >= end && !turnPage()) {
    return false;
  }
  journal.begun = journal.write;
  put(head, content);
  if (!journal.count) {
    journal.read = (head & 63) > Head.Event ? journal.write : journal.begun;
  }
  return true;
}

/**
 * Record the fact (all of `fact` but `seqNo`). It is on flash when this returns true. False: the journal is full and nothing has
 * changed; samples leave the last page to what must not be lost (E04.FR.07).
 */
export function record(): boolean {
  const c = journal.context;
  const w = fact.evse * Context.Size;
  const has = fact.has;
  if (has & Has.Start) {
    for (let i = 0; i < Context.Reader; i++) {
      c[w + i] = 0;
    }
  }
  fact.time = stationTime();
  const interval = fact.time - c[w + Context.Time];
  const step = fact.wattHours - c[w + Context.WattHours];
  const values = [step - c[w + Context.Step], fact.watts - c[w + Context.Watts], fact.centiamps - c[w + Context.Centiamps]];
  const sample = fact.cause === Cause.MeterValuePeriodic;
  let done;
  if (sample) {
    if (!freePages()) {
      journal.dropped++;
      return false;
    }
    const steady = interval === c[w + Context.Interval];
    done = place(steady ? fact.evse : fact.evse | Head.Step, varints(steady ? values : [interval].concat(values)));
  } else {
    let numbers = [interval];
    if (has & Has.Values) {
      numbers = numbers.concat(values);
    }
    if (has & Has.RemoteStart) {
      numbers.push(fact.remoteStartId);
    }
    let text = String.fromCharCode(fact.evse | has, fact.cause | (fact.charging << 5), fact.reason);
    if (has & Has.Start) {
      text += String.fromCharCode(fact.id.length) + fact.id;
    }
    if (has & Has.Token) {
      text += String.fromCharCode(fact.token.length) + fact.token;
    }
    done = place(Head.Event, text + varints(numbers));
  }
  if (done) {
    journal.count++;
    if (fact.time < DATED) {
      journal.undated = 1;
    }
    c[w + Context.Time] = fact.time;
    if (sample) {
      c[w + Context.Interval] = interval;
    }
    if (sample || has & Has.Values) {
      c[w + Context.WattHours] = fact.wattHours;
      c[w + Context.Step] = has & Has.Start ? 0 : step;
      c[w + Context.Watts] = fact.watts;
      c[w + Context.Centiamps] = fact.centiamps;
    }
    c[w + Context.SeqNo]++;
    if (has & Has.Start) {
      c[w + Context.Begin] = journal.begun;
    } else if (has & Has.End) {
      c[w + Context.Begin] = 0;
    }
  }
  return done;
}

/** The clock has become known: date the undated records of this boot. */
export function dateRecords(): void {
  if (journal.undated && place(Head.Clock, varints([clock.boot - EPOCH]))) {
    journal.undated = 0;
  }
}

/** A boot that found undated records marks where its own begin. */
export function markBoot(): void {
  place(Head.Boot, "");
}
