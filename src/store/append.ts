/**
 * @overlay
 * Writing the journal. A fact is on flash before the event counts as happened.
 */
import { flashRead, flashWrite } from "../kernel/engine/flash";
import { clock, DATED, EPOCH } from "../kernel/clock";
import { stationTime } from "../kernel/datetime";
import { decode } from "./cursor";
import { encode, encodeContext, follow, varints } from "./encode";
import { Cause, fact, Has } from "./fact";
import { Context, Head, journal, MISSED, READER, Side } from "./journal";
import { END_ROOM, JOURNAL, JOURNAL_END, PAGE, PAGE_HEADER, RAW } from "./map";
import { blankPage, freePages, pageDone, pageInUse, recordCheck, sealPage } from "./page";
import { SecurityEvent, securityEvent } from "./security-log";

/** Longest part of a record that holds transactionId and token. */
const IDENTITY = 100;

/** Put a record (head and content) at `journal.write`, which moves on. */
function put(text: string): void {
  const record = E.toUint8Array(
    String.fromCharCode(text.length + 1, text.charCodeAt(0) | Head.Unconfirmed) + text.substr(1) + "\0",
  );
  record[record.length - 1] = recordCheck(record);
  flashWrite(journal.write, record);
  journal.write += record.length;
}

/** transactionId and token of the record at `begin` of a raw page, as they stand there with their lengths. */
export function identityAt(begin: number): string {
  const record = flashRead(begin, IDENTITY);
  const token = 6 + record[5];
  return E.toString(record.subarray(5, record[2] & Has.Token ? token + 1 + record[token] : token));
}

/** Take the next free page of the journal and blank it. Pages are taken in turn, so that they wear alike. 0 when none is free. */
export function takePage(): number {
  for (let n = 0; n < 8; n++) {
    journal.taken += PAGE;
    if (journal.taken >= JOURNAL_END) {
      journal.taken = JOURNAL;
    }
    if (!pageInUse(journal.taken)) {
      blankPage(journal.taken);
      return journal.taken;
    }
  }
  return 0;
}

/**
 * Begin the next page: blank, contexts of the running transactions, header last. False when none may be taken: one is kept for ends
 * and the packer, unless the record `must` be kept.
 */
function turnPage(must: boolean): boolean {
  if (freePages() < (must ? 1 : 2)) {
    return false;
  }
  const c = journal.context;
  const old = journal.write - 1;
  const page = takePage();
  journal.write = page + PAGE_HEADER;
  for (let w = 0; w < c.length; w += Context.Size) {
    if (c[w + Context.Begin]) {
      const at = journal.write;
      put(encodeContext(w / Context.Size, Side.Writer, identityAt(c[w + Context.Begin])));
      c[w + Context.Begin] = at;
    }
  }
  sealPage(page, ++journal.sequence, RAW);
  // Only now: a cut before leaves the old page the newest, and it is written on.
  if (journal.count) {
    journal.full = 1;
  } else if (journal.sequence > 1) {
    pageDone(old);
  }
  return true;
}

/**
 * Put a record where it fits: into this page or the next. False when the journal is full: with one free page left, what is no `must`
 * leaves room in the page for an end of each EVSE's transaction, so that each that has begun can be ended.
 */
function place(text: string, must: boolean): boolean {
  // A byte stays free behind the last record, so that a position always lies in the page that it means.
  const left = PAGE - ((journal.write - 1) % PAGE) - 3 - text.length;
  if ((left <= 0 || (!must && left < (journal.identity.length / 2) * END_ROOM && freePages() < 2)) && !turnPage(must)) {
    return false;
  }
  journal.begun = journal.write;
  put(text);
  if (!journal.count) {
    journal.cursor[READER] = (text.charCodeAt(0) & 63) > Head.Event ? journal.write : journal.begun;
    journal.cursor[READER + 2] = 0;
  }
  return true;
}

/**
 * Record the fact (all of `fact` but time and seqNo). It is on flash when this returns true. False: the journal is full, or the
 * transaction before is not ended yet, and nothing has changed. What is neither begin nor end of a transaction is then counted as dropped,
 * and a skip record before the EVSE's next one makes the gap in seqNo (E04.FR.07, E-42).
 */
export function record(): boolean {
  const c = journal.context;
  const w = fact.evse * Context.Size;
  const start = fact.has & Has.Start;
  const must = (fact.has & Has.End) > 0;
  const missed = start ? 0 : journal.cursor[MISSED + fact.evse];
  if (start && c[w + Context.Begin]) {
    return false;
  }
  fact.time = stationTime();
  let room = !start || freePages() > 0;
  if (missed) {
    room = place(String.fromCharCode(Head.Skip, fact.evse) + varints([missed]), must);
    if (room) {
      c[w + Context.SeqNo] += missed;
      if (!journal.count) {
        c[w + Side.Reader + Context.SeqNo] += missed; // the reader stands behind it
      }
    }
  }
  if (room) {
    journal.cursor[MISSED + fact.evse] = 0;
    fact.seqNo = start ? 0 : c[w + Context.SeqNo];
    room = place(encode(Side.Writer), must);
  }
  if (!room) {
    if (!must && (start || !journal.dropped)) {
      securityEvent(SecurityEvent.StorageFull, start ? "transaction refused" : "samples are dropped");
    }
    if (!must && !start) {
      journal.dropped++;
      journal.cursor[MISSED + fact.evse]++;
    }
    return false;
  }
  journal.count++;
  if (fact.time < DATED) {
    journal.undated = 1;
  }
  follow(Side.Writer);
  if (start) {
    c[w + Context.Begin] = journal.begun;
  } else if (fact.has & Has.Token && fact.cause !== Cause.StopAuthorized && c[w + Context.Begin]) {
    // Authorized after its begin: a context keeps the token where a boot finds it.
    const identity = identityAt(c[w + Context.Begin]);
    const id = identity.substr(0, identity.charCodeAt(0) + 1);
    if (place(encodeContext(fact.evse, Side.Writer, id + String.fromCharCode(fact.token.length) + fact.token), false)) {
      c[w + Context.Begin] = journal.begun;
    }
  }
  return true;
}

/** The transaction of EVSE `evse` has nobody any more who may charge: a boot does not resume it. */
export function forgetToken(evse: number): void {
  const w = evse * Context.Size;
  const identity = identityAt(journal.context[w + Context.Begin]);
  // Written even where the journal is full: after a power failure nobody else would know that no energy may flow.
  if (place(encodeContext(evse, Side.Writer, identity.substr(0, identity.charCodeAt(0) + 1)), true)) {
    journal.context[w + Context.Begin] = journal.begun;
  }
}

/** Write a record that is no event, and take it over. */
function mark(text: string): boolean {
  if (!place(text, true)) {
    return false;
  }
  decode(text, Side.Writer, true);
  if (!journal.count) {
    decode(text, Side.Reader, true); // the reader stands behind it
  }
  return true;
}

/** The clock has become known: date the undated records of this boot. */
export function dateRecords(): void {
  if (journal.undated && mark(String.fromCharCode(Head.Clock) + varints([clock.boot - EPOCH]))) {
    journal.undated = 0;
  }
}

/** A boot that found undated records marks where its own begin. */
export function markBoot(): void {
  mark(String.fromCharCode(Head.Boot));
}

/** The transaction of EVSE `from` (0-based) goes on at EVSE `to`. False: the journal is full. */
export function moveTransaction(from: number, to: number): boolean {
  const missed = journal.cursor[MISSED + from];
  if (!mark(String.fromCharCode(Head.Move, from, to))) {
    return false;
  }
  journal.cursor[MISSED + from] = 0;
  journal.cursor[MISSED + to] = missed;
  return true;
}
