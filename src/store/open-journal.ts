/**
 * @overlay
 * Self-check at boot: find the end of the log, the transactions that were running and what is not confirmed. A power cut costs at most the
 * record that was being written, a media error its page or block; both are reported and stop nothing.
 */
import { flashRead } from "../kernel/engine/flash";
import { DATED } from "../kernel/clock";
import { identityAt, markBoot } from "./append";
import { advance, DAMAGED, decode, enter, fetch, nextPage, pageFrom, pageKind } from "./cursor";
import { find } from "../kernel/text";
import { copySide } from "./encode";
import { fact, Has } from "./fact";
import { Context, Head, journal, MISSED, READER, Side, SOURCE } from "./journal";
import { BLOCKS, CONFIRMED, JOURNAL, JOURNAL_END, PACKED, PAGE, PAGE_HEADER } from "./map";
import { blankFrom, blankPage, pageDone, pageInUse, pageSequence } from "./page";
import { pageDamaged } from "./security-log";

/** Open the journal of a station with `evses` EVSEs. */
export function openJournal(evses: number): void {
  journal.context = new Int32Array(evses * Context.Size);
  journal.cursor = new Int32Array(MISSED + evses);
  journal.identity = [];
  for (let i = 0; i < 2 * evses; i++) {
    journal.identity.push("");
  }
  journal.write = JOURNAL_END;
  journal.taken = JOURNAL_END - PAGE;
  let newest = 0;
  for (let page = JOURNAL; page < JOURNAL_END; page += PAGE) {
    const sequence = pageSequence(page);
    if (!sequence && flashRead(page, 1)[0] < 255) {
      // No header that the power failed in would be worth keeping either.
      pageDamaged(page);
      blankPage(page);
    }
    if (sequence > newest && pageKind(page) !== PACKED) {
      newest = sequence;
      journal.write = page + PAGE_HEADER;
      journal.taken = page;
    }
  }
  journal.sequence = newest;
  if (!newest) {
    readerAtEnd();
    return;
  }
  const last = journal.write - PAGE_HEADER;
  const c = journal.cursor;
  // Count what is unconfirmed in the pages before the newest, and release pages that nobody leads to.
  const head = pageFrom(1);
  let chain = "";
  let offset = 0;
  if (head >= 0 && head !== last) {
    enter(SOURCE, head, 0);
    for (let more = true, n = 0; more && n < 8 && c[SOURCE] - (c[SOURCE] % PAGE) !== last; more = nextPage(SOURCE), n++) {
      chain += "," + (c[SOURCE] - (c[SOURCE] % PAGE)) + ",";
      journal.count += pageKind(c[SOURCE]) === PACKED ? countPacked(c[SOURCE] - (c[SOURCE] % PAGE)) : countRaw(c[SOURCE]);
    }
    offset = c[SOURCE] % PAGE;
  }
  for (let page = JOURNAL; page < JOURNAL_END; page += PAGE) {
    if (page !== last && pageInUse(page) && find(chain, "," + page + ",") < 0) {
      pageDone(page);
    }
  }
  // The newest page in full: it makes the writer's contexts.
  const older = journal.count;
  if (older) {
    enter(READER, head, 0);
  }
  enter(SOURCE, last, 0);
  journal.undated = older ? 2 : 0; // unless a record of this page tells otherwise
  let text;
  while ((text = fetch(SOURCE)) && text !== DAMAGED) {
    const at = c[SOURCE];
    const fresh = at % PAGE >= offset;
    if (fresh && text.charCodeAt(0) & Head.Unconfirmed && (text.charCodeAt(0) & 63) <= Head.Event) {
      if (!journal.count) {
        readerHere(at);
      }
      journal.count++;
    }
    const kind = decode(text, Side.Writer, true);
    if (kind <= Head.Context && (kind === Head.Context || fact.has & Has.Start)) {
      journal.context[fact.evse * Context.Size + Context.Begin] = at;
    }
    if (kind <= Head.Event || kind === Head.Clock) {
      journal.undated = fact.time < DATED ? 2 : 0;
    } else if (kind === Head.Boot) {
      journal.undated = 1;
    }
    advance(SOURCE);
  }
  journal.write = !text && blankFrom(c[SOURCE], last + PAGE) ? c[SOURCE] : last + PAGE;
  if (text) {
    pageDamaged(last);
  }
  journal.old = journal.count;
  journal.full = older ? 1 : 0;
  if (!journal.count) {
    readerAtEnd();
  }
  if (journal.undated > 1) {
    markBoot();
  }
}

/** The reader starts at `at` of the newest page, with the contexts that the writer has there. */
function readerHere(at: number): void {
  const c = journal.context;
  enter(READER, at - (at % PAGE), at % PAGE);
  copySide(Side.Writer, Side.Reader);
  for (let i = 0; i < c.length; i += Context.Size) {
    const begin = c[i + Context.Begin];
    journal.identity[i / Context.Size] = begin ? identityAt(begin) : "";
  }
}

/** Nothing is unconfirmed: the reader stands where the writer stands. */
export function readerAtEnd(): void {
  readerHere(journal.write - 1);
  journal.cursor[READER] = journal.write;
}

/** Unconfirmed events from `at` of a raw page on. */
function countRaw(at: number): number {
  const end = at - (at % PAGE) + PAGE - 4;
  let count = 0;
  while (at < end) {
    const r = flashRead(at, 2);
    if (r[0] === 255) {
      break;
    }
    if (r[1] & Head.Unconfirmed && (r[1] & 63) <= Head.Event) {
      count++;
    }
    at += r[0] + 1;
  }
  return count;
}

/** Unconfirmed events of a packed page: events of its blocks less the fallen bits. */
function countPacked(page: number): number {
  let count = 0;
  for (let at = page + BLOCKS; at < page + PAGE - 12;) {
    const r = flashRead(at, 4);
    const length = r[0] + r[1] * 256;
    if (length === 0xffff) {
      break;
    }
    count += r[2] + r[3] * 256;
    at += 12 + length;
  }
  const bits = flashRead(page + CONFIRMED, BLOCKS - CONFIRMED);
  for (let i = 0; i < bits.length && bits[i] < 255; i++) {
    for (let k = 0; k < 8; k++) {
      count -= (bits[i] >> k) & 1 ? 0 : 1;
    }
  }
  return count;
}
