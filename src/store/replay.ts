/**
 * @overlay
 * The queue: the oldest unconfirmed fact, its confirmation, its date.
 */
import { clock, DATED, EPOCH, type UnixSeconds } from "../kernel/clock";
import { flashRead, flashWrite } from "../kernel/engine/flash";
import { advance, DAMAGED, decode, fetch, known, nextPage, pageKind } from "./cursor";
import { fact } from "./fact";
import { Context, Cursor, DATE, Head, journal, READER, Side } from "./journal";
import { CONFIRMED, PACKED, PAGE, PAGE_HEADER } from "./map";
import { pageSequence, pagesDone } from "./page";
import { identityAt } from "./append";
import { readerAtEnd } from "./open-journal";
import { pageDamaged } from "./security-log";

/** Token (with its type letter) of the record at `begin`, "" when it has none. */
export function tokenAt(begin: number): string {
  const text = identityAt(begin);
  return text.substr(text.charCodeAt(0) + 2);
}

/** transactionId of the running transaction of EVSE `evse` (0-based), "" when none runs. */
export function transactionId(evse: number): string {
  const begin = journal.context[evse * Context.Size + Context.Begin];
  const text = begin ? identityAt(begin) : "";
  return begin ? text.substr(1, text.charCodeAt(0)) : "";
}

/** Read the oldest unconfirmed fact into `fact`, with the id of its transaction. False when there is none. */
export function peek(): boolean {
  while (journal.count) {
    const text = fetch(READER);
    if (!text || text === DAMAGED) {
      const at = journal.cursor[READER];
      if (text) {
        pageDamaged(at);
      }
      // The rest of the page is empty or lost; its successor stands on its own.
      journal.cursor[DATE] = 0;
      if (!nextPage(READER)) {
        journal.count = journal.old = 0;
        readerAtEnd();
        return false;
      }
      // A packed page that ends in the middle of this one is still needed: without it a boot would read this one from its begin.
      const next = journal.cursor[READER];
      if (pageKind(next) === PACKED || next % PAGE === PAGE_HEADER) {
        pagesDone(pageSequence(next - (next % PAGE)));
      }
      continue;
    }
    const unconfirmed = text.charCodeAt(0) & Head.Unconfirmed;
    const kind = decode(text, Side.Reader, false);
    if (unconfirmed && kind <= Head.Event) {
      if (known(Side.Reader)) {
        return true;
      }
      journal.count--; // of a transaction whose begin was lost with its page
    }
    if (kind === Head.Clock || kind === Head.Boot) {
      journal.cursor[DATE] = 0;
    }
    decode(text, Side.Reader, true);
    advance(READER);
  }
  return false;
}

/** The CSMS has confirmed (or refused often enough) the fact that `peek` gave. */
export function confirm(): void {
  const c = journal.cursor;
  const at = c[READER + Cursor.At];
  const text = fetch(READER);
  decode(text, Side.Reader, true);
  if (pageKind(at) === PACKED) {
    const nth = c[READER + Cursor.Nth];
    const place = at - (at % PAGE) + CONFIRMED + (nth >> 3);
    const bits = flashRead(place, 1);
    bits[0] &= ~(1 << (nth & 7));
    flashWrite(place, bits);
  } else {
    const head = flashRead(at + 1, 1);
    head[0] &= 127;
    flashWrite(at + 1, head);
  }
  advance(READER);
  journal.count--;
  if (journal.old) {
    journal.old--;
  }
  if (!journal.count) {
    // Everything behind is no event. The next one is found where it is written, with the seqNos behind what was skipped.
    c[READER] = journal.write;
    c[READER + Cursor.Left] = c[DATE] = 0;
    for (let w = 0; w < journal.context.length; w += Context.Size) {
      journal.context[w + Side.Reader + Context.SeqNo] = journal.context[w + Context.SeqNo];
    }
  }
}

/**
 * Unix time of the fact that `peek` gave. An undated one is dated by the clock record behind it, or it is of this boot. A boot that never
 * learned the time was over when the next one that did began.
 */
export function factTime(): UnixSeconds {
  const time = fact.time;
  const c = journal.cursor;
  if (time < DATED && !c[DATE]) {
    const kept = [c[0], c[1], c[2], c[3]];
    let sign = 1;
    for (let more = true; more;) {
      const text = fetch(READER);
      const kind = text.charCodeAt(0) & 63;
      if (!text || text === DAMAGED) {
        more = nextPage(READER);
      } else {
        if (kind === Head.Clock) {
          decode(text, Side.Reader, false);
          c[DATE] = sign * fact.time;
          more = false;
        } else if (kind === Head.Boot) {
          sign = -1;
        }
        advance(READER);
      }
    }
    for (let i = 0; i < Cursor.Size; i++) {
      c[READER + i] = kept[i];
    }
    c[DATE] = c[DATE] || sign * (clock.boot - EPOCH);
    peek(); // the fact again, which the records behind it have overwritten
  }
  return EPOCH + (time < DATED ? (c[DATE] > 0 ? c[DATE] + time : -c[DATE]) : time);
}
