/**
 * @overlay
 * Packing the journal while the CSMS is away: full raw pages become blocks of a packed page (RFC 1951, one Huffman code for all blocks,
 * trained by tools/build/huffman.ts; RFC 1952 around it). A few records a second, so that nothing waits for it; the page counts
 * when its header is written, and a power cut before leaves what there was. When no pages are left, packed pages are packed again without
 * every second record from inside a transaction (E04.FR.08, E11.FR.05, E12.FR.05).
 */
import { flashWrite } from "../kernel/engine/flash";
import { table } from "../kernel/overlay";
import { takePage } from "./append";
import {
  advance,
  COUNTS,
  DAMAGED,
  decode,
  END_OF_BLOCK,
  enter,
  fetch,
  known,
  nextPage,
  pageKind,
  payloadCheck,
  SYMBOLS,
} from "./cursor";
import { copySide, encode, encodeContext, follow, varints } from "./encode";
import { Cause, Extra, fact, Has } from "./fact";
import { Context, Cursor, Head, journal, READER, Side, SOURCE } from "./journal";
import { BLOCKS, END_ROOM, JOURNAL, JOURNAL_END, KEPT, PACKED, PAGE, RAW, UNTIL } from "./map";
import { freePages, pageDone, pageInUse, pageSequence, sealPage } from "./page";
import { pageDamaged } from "./security-log";

/** State of the packer, in `journal.pack`. */
const enum Pack {
  Page,
  /** Where the next byte goes. */
  At,
  /** Header of the block; 0 = none is open. */
  Block,
  /** Bits that do not fill a byte yet, and how many. */
  Bits,
  BitCount,
  /** CRC-32 of the uncompressed bytes, and how many they are. */
  Crc,
  Bytes,
  /** Events in the block, in the page. */
  Events,
  Nth,
  /** 0: keep all; 1: drop every second sample. */
  Thin,
  /** The choice between two. */
  Odd,
  /** Sequence number of the first page that is packed. */
  First,
  /** Pages that were begun. */
  Pages,
  /** 1 when the source began where the reader stood, who then goes on in the packed page. */
  AtReader,
  /** Events that were left out; they are gone when the page is sealed. */
  Dropped,
  Size,
}

/** Records a second. */
const SLICE = 4;
/** Free pages at which thinning begins: one for the writer's next page, one to pack into, one for what must not be lost meanwhile. */
const SPARE = 3;
/** Uncompressed bytes at which a block is closed. */
const BLOCK = 1000;

/** One second's work. */
export function packSlice(): void {
  let s = journal.pack;
  if (!s) {
    s = new Int32Array(Pack.Size);
    journal.packing = new Int32Array(journal.context.length);
    if (!begin(s)) {
      journal.full = journal.target = 0;
      journal.packing = undefined;
      return;
    }
    journal.pack = s;
  }
  for (let n = 0; n < SLICE; n++) {
    if (!step(s)) {
      journal.pack = journal.packing = undefined;
      journal.target = 0;
      return;
    }
  }
}

/** The packer's source begins where the reader stands. */
function sourceFollows(): void {
  const half = journal.identity.length / 2;
  for (let i = 0; i < Cursor.Size; i++) {
    journal.cursor[SOURCE + i] = journal.cursor[READER + i];
  }
  copySide(Side.Reader, Side.Source);
  for (let evse = 0; evse < half; evse++) {
    journal.identity[half + evse] = journal.identity[evse];
  }
}

/** Choose what to pack, and take a page for it. False when there is nothing to do. */
function begin(s: Int32Array): boolean {
  const c = journal.cursor;
  const free = freePages();
  let ends = 0;
  for (let w = 0; w < journal.context.length; w += Context.Size) {
    ends += journal.context[w + Context.Begin] ? END_ROOM : 0;
  }
  // The last page stays free unless the one being written has room for the end of every transaction.
  if (free < 2 && (!free || (ends && PAGE - ((journal.write - 1) % PAGE) - 1 < ends))) {
    return false;
  }
  sourceFollows();
  let packed = 0;
  let more = journal.count > 0;
  while (more && pageKind(c[SOURCE]) !== RAW) {
    packed++;
    more = nextPage(SOURCE);
  }
  const offset = c[SOURCE] % PAGE;
  const page = c[SOURCE] - offset;
  let unpacked = 0;
  if (!more || pageSequence(page) === journal.sequence) {
    // Everything but the page being written is packed. Short of pages: thin the two oldest.
    if (free > SPARE || packed < 2) {
      return false;
    }
    sourceFollows();
    s[Pack.Thin] = 1;
    s[Pack.AtReader] = 1;
  } else if (packed) {
    // Behind a packed page: the contexts in the middle of a raw page come from its begin.
    enter(SOURCE, page, 0);
    unpacked = page + offset;
  } else {
    s[Pack.AtReader] = 1;
  }
  // Contexts, and what is confirmed or packed already, is read and not packed. What is no event is never confirmed: before the first
  // event that is to be packed it counts only behind a packed page, whose events it may date.
  for (;;) {
    const text = fetch(SOURCE);
    const head = text.charCodeAt(0);
    const kind = head & 63;
    if (
      !text ||
      text === DAMAGED ||
      (c[SOURCE] >= unpacked && head & Head.Unconfirmed && kind !== Head.Context && (unpacked || kind <= Head.Event))
    ) {
      break;
    }
    decode(text, Side.Source, true);
    advance(SOURCE);
  }
  s[Pack.First] = pageSequence(c[SOURCE] - (c[SOURCE] % PAGE));
  s[Pack.Page] = journal.target = takePage();
  s[Pack.At] = s[Pack.Page] + BLOCKS;
  s[Pack.Pages] = 1;
  copySide(Side.Source, Side.Target);
  return s[Pack.Page] > 0;
}

/** Pack one record. False when the page is finished or given up. */
function step(s: Int32Array): boolean {
  const c = journal.cursor;
  const text = fetch(SOURCE);
  if (!text || text === DAMAGED) {
    if (text) {
      pageDamaged(c[SOURCE]);
    }
    if (!nextPage(SOURCE)) {
      return false;
    }
    const page = c[SOURCE] - (c[SOURCE] % PAGE);
    s[Pack.Pages]++;
    if (
      pageSequence(page) === journal.sequence ||
      (!s[Pack.Thin] && pageKind(page) === KEPT) ||
      (s[Pack.Thin] && s[Pack.Pages] > 2)
    ) {
      seal(s);
      return false;
    }
    return true;
  }
  const left = s[Pack.Page] + PAGE - s[Pack.At];
  // A code takes at most 15 bits; a block that is begun for the record brings the contexts of the transactions.
  if (left < 2 * text.length + 250 || s[Pack.Nth] > 1020) {
    if (!s[Pack.Thin]) {
      if (s[Pack.Pages] > 1) {
        seal(s);
      } else {
        // Not even one page fits: it stays as it is.
        flashWrite(c[SOURCE] - (c[SOURCE] % PAGE) + 6, E.toUint8Array([KEPT]));
      }
      return false;
    }
    if (left < 2 * text.length + 40) {
      journal.full = 0; // two pages of begins and ends do not fit into one: nothing to gain before the next page
      return false;
    }
  }
  // Known or not is asked before the source follows: behind an end there is no transaction any more.
  const kind = decode(text, Side.Source, false);
  const sure = known(Side.Source);
  decode(text, Side.Source, true);
  advance(SOURCE);
  if (kind === Head.Clock || kind === Head.Boot || kind === Head.Move) {
    put(s, text);
    decode(text, Side.Target, true);
  } else if (kind <= Head.Event && !sure) {
    s[Pack.Dropped]++; // of a transaction whose begin was lost with its page
  } else if (kind <= Head.Event) {
    if (s[Pack.Thin] && !(fact.has & (Has.Start | Has.End | Has.Token)) && !(fact.extra & Extra.Evse) && dropped(s, left)) {
      s[Pack.Dropped]++;
      return true;
    }
    const w = fact.evse * Context.Size + (Side.Target & Side.Place);
    const gap = fact.has & Has.Start ? 0 : fact.seqNo - journal.packing![w + Context.SeqNo];
    if (gap) {
      put(s, String.fromCharCode(Head.Skip, fact.evse) + varints([gap]));
    }
    put(s, encode(Side.Target));
    follow(Side.Target);
    s[Pack.Events]++;
    s[Pack.Nth]++;
    if (s[Pack.Bytes] > BLOCK) {
      closeBlock(s);
    }
  }
  return true;
}

/** Is the fact to be dropped? Every second sample; when the page gets narrow, all that is neither begin nor end. */
function dropped(s: Int32Array, left: number): boolean {
  if (left < 700) {
    return true;
  }
  if (fact.cause !== Cause.MeterValuePeriodic) {
    return false;
  }
  s[Pack.Odd] ^= 1;
  return s[Pack.Odd] > 0;
}

/** Append `text` (a record) to the block; the first one of a block brings the contexts before it. */
function put(s: Int32Array, text: string): void {
  if (!s[Pack.Block]) {
    s[Pack.Block] = s[Pack.At];
    s[Pack.At] += 8;
    s[Pack.BitCount] = table("huffman").charCodeAt(0);
    s[Pack.Bits] = table("huffman").charCodeAt(1);
    s[Pack.Crc] = -1;
    s[Pack.Bytes] = s[Pack.Events] = 0;
    const half = journal.identity.length / 2;
    for (let evse = 0; evse < half; evse++) {
      if (journal.packing![evse * Context.Size + (Side.Target & Side.Place) + Context.Begin]) {
        code(s, encodeContext(evse, Side.Target, journal.identity[half + evse]));
      }
    }
  }
  code(s, text);
}

/** Code the bytes of `text` behind what is there; "" codes the end of the block and fills its last byte. */
function code(s: Int32Array, text: string): void {
  const codes = table("huffman");
  const last = codes.charCodeAt(END_OF_BLOCK) + codes.charCodeAt(END_OF_BLOCK + 1) * 256;
  let bits = s[Pack.Bits];
  let count = s[Pack.BitCount];
  let crc = s[Pack.Crc];
  let out = "";
  for (let i = 0; i < text.length || !i; i++) {
    const byte = text ? text.charCodeAt(i) & (i ? 255 : 127) : 256;
    let index = last;
    if (text) {
      index = codes.indexOf(String.fromCharCode(byte), SYMBOLS) - SYMBOLS;
      if (index === last) {
        index = codes.indexOf("\0", SYMBOLS + last + 1) - SYMBOLS; // not the end of block, which is written 0 too
      }
    }
    let size = 0;
    let first = 0;
    for (let codesOfSize = 0; index >= codesOfSize;) {
      index -= codesOfSize;
      first = (first + codesOfSize) << 1;
      codesOfSize = codes.charCodeAt(COUNTS + size++);
    }
    index += first;
    while (size) {
      bits |= ((index >> --size) & 1) << count++;
    }
    if (text) {
      crc ^= byte;
      for (; size < 8; size++) {
        crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
      }
    } else {
      count = (count + 7) & 24;
    }
    while (count > 7) {
      out += String.fromCharCode(bits & 255);
      bits >>>= 8;
      count -= 8;
    }
  }
  s[Pack.Bits] = bits;
  s[Pack.BitCount] = count;
  s[Pack.Crc] = crc;
  s[Pack.Bytes] += text.length;
  if (out) {
    flashWrite(s[Pack.At], E.toUint8Array(out));
    s[Pack.At] += out.length;
  }
}

/** End the block: end of block, CRC-32, and last its header. */
function closeBlock(s: Int32Array): void {
  code(s, "");
  const block = s[Pack.Block];
  const length = s[Pack.At] - block - 8;
  const crc = ~s[Pack.Crc];
  const bytes = s[Pack.Bytes];
  const events = s[Pack.Events];
  const check = payloadCheck(block + 8, length);
  flashWrite(s[Pack.At], E.toUint8Array([crc & 255, (crc >> 8) & 255, (crc >> 16) & 255, crc >>> 24]));
  s[Pack.At] += 4;
  flashWrite(
    block,
    E.toUint8Array([length & 255, length >> 8, events & 255, events >> 8, bytes & 255, bytes >> 8, check & 255, check >> 8]),
  );
  s[Pack.Block] = s[Pack.Bytes] = 0;
}

/** The page is complete: say where the next one goes on, make it valid, release the pages that it stands for. */
function seal(s: Int32Array): void {
  const c = journal.cursor;
  if (s[Pack.Block]) {
    closeBlock(s);
  }
  const target = s[Pack.Page];
  const offset = c[SOURCE] % PAGE;
  const until = pageSequence(c[SOURCE] - offset);
  const r = E.toUint8Array([
    until & 255,
    (until >> 8) & 255,
    (until >> 16) & 255,
    until >>> 24,
    pageKind(c[SOURCE]) === PACKED ? 0 : offset & 255,
    pageKind(c[SOURCE]) === PACKED ? 0 : offset >> 8,
    0,
    0,
  ]);
  const check = E.CRC32(r.subarray(0, 6));
  r[6] = check;
  r[7] = check >> 8;
  flashWrite(target + UNTIL, r);
  sealPage(target, s[Pack.First], PACKED);
  journal.count -= s[Pack.Dropped];
  journal.dropped += s[Pack.Dropped];
  journal.old = journal.old > s[Pack.Dropped] ? journal.old - s[Pack.Dropped] : 0;
  if (s[Pack.AtReader]) {
    enter(READER, target, 0);
  }
  for (let page = JOURNAL; page < JOURNAL_END; page += PAGE) {
    const sequence = pageSequence(page);
    if (page !== target && sequence >= s[Pack.First] && sequence < until && pageInUse(page)) {
      pageDone(page);
    }
  }
}
