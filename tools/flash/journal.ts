/**
 * Reference reader of the journal (docs/ARCHITECTURE.md, "Flash map"): every record that stands in its pages, raw or packed, in the
 * order of the log. What the CSMS has not confirmed is the queue.
 */
import { isConfirmed, readBlocks, readMark, type Block, type Mark } from "./blocks.ts";
import {
  frame,
  HEADER_BYTES,
  isBlank,
  isUnfinished,
  isWhole,
  JOURNAL_PAGES,
  newPage,
  PACKED,
  PAGE_BYTES,
  PLAIN,
  readPages,
  type Damage,
  type Page,
} from "./pages.ts";
import { DamagedRecord, DATED, decodeRecord, encodeRecord, freshStates, type EvseState, type JournalRecord } from "./records.ts";

export const UNCONFIRMED = 128;
/** Station time 0: 2020-01-01T00:00:00Z. */
export const EPOCH = 1_577_836_800;

export interface Entry {
  /** Offset in the raw area, of the record or its block. */
  at: number;
  page: number;
  /** Number of the packed block, from 1; undefined in a raw page. */
  block?: number;
  /** Bytes on flash; in a block its share. */
  bytes: number;
  record: JournalRecord;
  /** Number in the transaction; of a skip, the first one that was dropped. */
  seqNo?: number;
  /** transactionId, when it is known. */
  id?: string;
  /** Token (type letter and text) of the transaction. */
  token?: string;
  /** By the CSMS; of events and samples. */
  confirmed: boolean;
  /** In a part of the log that the station reads: it is sent unless it is confirmed. */
  queued: boolean;
  /** Seconds since 1970; undefined for an uptime that nothing dates. */
  time?: number;
}

export interface JournalPage {
  number: number;
  sequence: number;
  packed: boolean;
  done: boolean;
  /** What the station reads of it: everything, the end of it, or nothing because packed pages hold it. */
  read: "all" | "end" | "superseded" | "nothing";
  /** Bytes in use. */
  used: number;
}

export interface Journal {
  pages: JournalPage[];
  /** Pages that were being written when the power went: their header is still missing. */
  unfinished: number[];
  entries: Entry[];
  blocks: Block[];
  damage: Damage[];
}

export function isEvent(record: JournalRecord): record is Extract<JournalRecord, { kind: "event" | "sample" }> {
  return record.kind === "event" || record.kind === "sample";
}

/** The journal in a raw area. Nothing in it makes this throw. */
export function readJournal(raw: Uint8Array): Journal {
  const numbers = Array.from({ length: JOURNAL_PAGES.count }, (_, index) => JOURNAL_PAGES.first + index);
  const unfinished = numbers.filter((number) => isUnfinished(raw, number));
  const journal: Journal = { pages: [], unfinished, entries: [], blocks: [], damage: [] };
  const pages = readPages(raw, JOURNAL_PAGES, journal.damage);
  const marks = new Map<Page, Mark>();
  for (const page of pages) {
    const mark = page.type === PACKED ? readMark(page, journal.damage) : undefined;
    if (mark) marks.set(page, mark);
  }
  // What is left of a raw page stands before what was packed from it.
  pages.sort((a, b) => a.sequence - b.sequence || b.type - a.type);
  const chain = queuePages(pages, marks);
  const covered = ({ sequence }: Page): boolean =>
    [...chain.keys()].some((page) => page.sequence <= sequence && sequence < (marks.get(page)?.sequence ?? 0));
  const queued = new Map<Page, Entry[]>();
  for (const page of pages) {
    const from = chain.get(page);
    const superseded = from === undefined && covered(page);
    const found: Entry[] = [];
    const used = page.type === PACKED ? readPacked(page, found, journal) : readRaw(page, found, journal.damage);
    for (const entry of found) {
      entry.queued = from !== undefined && entry.at >= page.at + from;
      // Of pages that were packed, what was confirmed before is not in the packed one.
      if (!entry.queued && (!(superseded || from) || (isEvent(entry.record) && entry.confirmed))) journal.entries.push(entry);
    }
    queued.set(
      page,
      found.filter((entry) => entry.queued),
    );
    const read = superseded ? "superseded" : from === undefined ? "nothing" : from ? "end" : "all";
    journal.pages.push({
      number: page.number,
      sequence: page.sequence,
      packed: page.type === PACKED,
      done: page.done,
      read,
      used,
    });
  }
  for (const page of chain.keys()) journal.entries.push(...queued.get(page)!);
  date(journal.entries);
  journal.entries = withoutCopies(journal.entries);
  return journal;
}

/** The pages that the station reads, as it goes from one to the next, with the offset where it begins in each (0: with the first record). */
function queuePages(pages: readonly Page[], marks: ReadonlyMap<Page, Mark>): Map<Page, number> {
  const chain = new Map<Page, number>();
  let mark: Mark = { sequence: 1, offset: 0 };
  for (;;) {
    const { sequence, offset }: Mark = mark;
    const behind = pages.filter((page) => !page.done && page.sequence >= sequence && !chain.has(page));
    const next = behind.find((page) => page.sequence === behind[0].sequence && page.type === PACKED) ?? behind[0];
    if (!next) return chain;
    chain.set(next, next.sequence === sequence && next.type !== PACKED ? offset : 0);
    mark = marks.get(next) ?? { sequence: next.sequence + 1, offset: 0 };
  }
}

/** Of several entries for one event, the one that the station would send, else the latest. */
function withoutCopies(entries: readonly Entry[]): Entry[] {
  const byName = new Map<string, Entry>();
  const name = ({ record, id, seqNo }: Entry): string => ("evse" in record ? `${record.evse} ${seqNo} ${id}` : "");
  const known = (entry: Entry): boolean => isEvent(entry.record) && entry.id !== undefined;
  for (const entry of entries) if (known(entry) && !byName.get(name(entry))?.queued) byName.set(name(entry), entry);
  return entries.filter((entry) => !known(entry) || byName.get(name(entry)) === entry);
}

/** Lists the records of a raw page; gives the offset where they end. */
function readRaw({ bytes, at: base, number }: Page, entries: Entry[], damage: Damage[]): number {
  const states = freshStates();
  let at = HEADER_BYTES;
  while (at <= PAGE_BYTES - 4 && bytes[at] !== 0xff) {
    const size = bytes[at] + 1;
    const damaged = (what: string): number => {
      damage.push({ at: base + at, what: `${what}; the rest of the page is not read` });
      return at;
    };
    if (size < 3 || at + size > PAGE_BYTES) return damaged(`a record of ${size} bytes is none`);
    const framed = Buffer.from(bytes.subarray(at, at + size));
    const confirmed = (framed[1] & UNCONFIRMED) === 0;
    framed[1] |= UNCONFIRMED;
    if (!isWhole(framed)) return damaged("a record with a wrong check");
    framed[1] &= ~UNCONFIRMED;
    try {
      const entry = readRecord(framed.subarray(1, -1), 0, states);
      if (entry.next !== size - 2) return damaged(`a record with ${size - 2 - entry.next} bytes too many`);
      entries.push({ ...entry.fact, at: base + at, page: number, bytes: size, confirmed, queued: false });
    } catch (error) {
      if (!(error instanceof DamagedRecord)) throw error;
      return damaged(error.message);
    }
    at += size;
  }
  if (!isBlank(bytes, at, PAGE_BYTES)) damage.push({ at: base + at, what: "bytes behind the end of the log" });
  return at;
}

/** Lists the records of a packed page; gives the offset where its blocks end. */
function readPacked(page: Page, entries: Entry[], { blocks, damage }: Journal): number {
  let used = HEADER_BYTES;
  for (const block of readBlocks(page, damage)) {
    blocks.push(block);
    used = block.at + block.size - page.at;
    const states = freshStates();
    let event = block.firstEvent;
    for (let at = 0; at < block.bytes.length;) {
      let entry: ReturnType<typeof readRecord>;
      try {
        entry = readRecord(block.bytes, at, states);
      } catch (error) {
        if (!(error instanceof DamagedRecord)) throw error;
        damage.push({ at: block.at, what: `in block ${blocks.length}, ${error.message}; the rest of the block is not read` });
        break;
      }
      const confirmed = isEvent(entry.fact.record) && isConfirmed(page, event++);
      const bytes = block.size / Math.max(1, block.events);
      entries.push({ ...entry.fact, at: block.at, page: page.number, block: blocks.length, bytes, confirmed, queued: false });
      at = entry.next;
    }
    if (event !== block.firstEvent + block.events)
      damage.push({
        at: block.at,
        what: `block ${blocks.length} announces ${block.events} events and holds ${event - block.firstEvent}`,
      });
  }
  return used;
}

function readRecord(
  bytes: Uint8Array,
  at: number,
  states: EvseState[],
): { fact: Pick<Entry, "record" | "seqNo" | "id" | "token">; next: number } {
  const before = states.map(({ id, token, seqNo }) => ({ id, token, seqNo }));
  const { record, next } = decodeRecord(bytes, at, states);
  if (record.kind === "clock" || record.kind === "boot") return { fact: { record }, next };
  if (record.kind === "event" && record.start !== undefined)
    return { fact: { record, id: record.start, token: record.token, seqNo: 0 }, next };
  return { fact: { record, ...(record.kind === "context" ? states : before)[record.evse] }, next };
}

/** Uptimes are dated by the next clock record, unless another boot came first. */
function date(entries: readonly Entry[]): void {
  let undated: Entry[] = [];
  for (const entry of entries) {
    const { record } = entry;
    if (record.kind === "boot") undated = [];
    else if (record.kind === "clock") {
      for (const earlier of undated) earlier.time! += record.time + EPOCH;
      undated = [];
    } else if (isEvent(record)) {
      entry.time = record.time;
      if (record.time < DATED) undated.push(entry);
      else entry.time += EPOCH;
    }
  }
  for (const entry of entries) if (entry.time !== undefined && entry.time < DATED) entry.time = undefined;
}

/** A record as it stands in a raw page. */
export function frameRecord(content: Uint8Array, confirmed = false): Buffer {
  const record = frame([content[0] | UNCONFIRMED, ...content.subarray(1)]);
  if (confirmed) record[1] &= ~UNCONFIRMED;
  return record;
}

/** A raw page; records that do not fit are left out, their number is `left`. The states move on by those that do. */
export function rawPage(
  sequence: number,
  records: readonly JournalRecord[],
  confirmed: (record: number) => boolean = () => false,
): { page: Buffer; end: number; left: number } {
  const page = newPage(sequence, PLAIN);
  const states = freshStates();
  let end = HEADER_BYTES;
  for (let i = 0; i < records.length; i++) {
    const framed = frameRecord(encodeRecord(records[i], states), confirmed(i));
    if (end + framed.length >= PAGE_BYTES) return { page, end, left: records.length - i };
    page.set(framed, end);
    end += framed.length;
  }
  return { page, end, left: 0 };
}
