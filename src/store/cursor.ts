/**
 * @overlay
 * Reading the journal record by record, from raw pages and from packed ones; moving from page to page.
 */
import { DATED } from "../kernel/clock";
import { flashRead } from "../kernel/engine/flash";
import { table } from "../kernel/overlay";
import { Context, Cursor, Head, journal, NEXT, Side } from "./journal";
import { Cause, Charging, Extra, fact, Has, Reason } from "./fact";
import { follow } from "./encode";
import { BLOCKS, CONFIRMED, JOURNAL, JOURNAL_END, PACKED, PAGE, PAGE_HEADER, UNTIL } from "./map";
import { pageInUse, pageSequence, recordCheck } from "./page";

/** What `fetch` gives for a record that cannot be: its page, or block, is damaged. */
export const DAMAGED = "!";

/** Places in the Huffman table (tools/build/huffman.ts). */
export const COUNTS = 2;
export const SYMBOLS = 17;
export const END_OF_BLOCK = 274;

/** Uncompressed bytes that a block holds at most. */
const MOST_BYTES = 1300;

/** Kind of the page that holds `at`. */
export function pageKind(at: number): number {
  return flashRead(at - (at % PAGE) + 6, 1)[0];
}

/**
 * The record at cursor `k` as head and content; the head's top bit tells that it is unconfirmed. "" behind the last record of the
 * page. Cursor NEXT then stands behind it.
 */
export function fetch(k: number): string {
  const at = journal.cursor[k + Cursor.At];
  journal.cursor[NEXT + Cursor.Bit] = journal.cursor[NEXT + Cursor.Left] = 0;
  if (pageKind(at) === PACKED) {
    return unpack(k, at);
  }
  if (at % PAGE > PAGE - 4) {
    return "";
  }
  const size = flashRead(at, 1)[0];
  if (size === 255) {
    return "";
  }
  if (size < 2 || (at % PAGE) + size >= PAGE) {
    return DAMAGED;
  }
  const r = flashRead(at, size + 1);
  const text = E.toString(r.subarray(1, size));
  r[1] |= Head.Unconfirmed;
  journal.cursor[NEXT + Cursor.At] = at + size + 1;
  return recordCheck(r) === r[size] && (r[1] & 63) <= Head.Move ? text : DAMAGED;
}

/** A text that follows, in `unpack`'s count of what is still to come. */
const TEXT = 16;

/**
 * The same in a packed page: decodes the Huffman code until a record is complete (RFC 1951 3.2.2, literals only). Few numbers and no
 * array are held meanwhile: this is what unpacking takes of the RAM.
 */
function unpack(k: number, at: number): string {
  let head: Uint8Array | undefined = flashRead(at, 8);
  if ((head[0] & head[1]) === 255 || at % PAGE > PAGE - 12) {
    return "";
  }
  let left = journal.cursor[k + Cursor.Left];
  let bit = journal.cursor[k + Cursor.Bit];
  if (!left) {
    left = head[4] + head[5] * 256;
    bit = table("huffman").charCodeAt(0);
    if (
      (at % PAGE) + head[0] + head[1] * 256 > PAGE - 12 ||
      !left ||
      left > MOST_BYTES ||
      payloadCheck(at + 8, head[0] + head[1] * 256) !== head[6] + head[7] * 256
    ) {
      return DAMAGED;
    }
  }
  head = undefined;
  const codes = table("huffman");
  let kind = 0;
  let text = "";
  let verbatim = 1; // bytes to take as they are
  let more = 0; // varints that follow, and TEXT for each text with a length byte before them
  let bits = -1; // the byte that `bit` is in
  while (verbatim || more) {
    // One symbol: canonical decoding, shortest codes first. `code` counts from the first code of the next size, `symbol` goes with it.
    let code = 0;
    let symbol = 0;
    let byte = 0;
    for (let size = 0; size < 15 && code >= 0; size++) {
      if (bits < 0 || !(bit & 7)) {
        bits = flashRead(at + 8 + (bit >> 3), 1)[0];
      }
      byte = (bits >> (bit++ & 7)) & 1;
      symbol += code + byte;
      code = 2 * code + byte - codes.charCodeAt(COUNTS + size);
    }
    if (code >= 0 || !left || symbol === codes.charCodeAt(END_OF_BLOCK) + codes.charCodeAt(END_OF_BLOCK + 1) * 256) {
      return DAMAGED;
    }
    left--;
    byte = codes.charCodeAt(SYMBOLS + symbol);
    text += codes.substr(SYMBOLS + symbol, 1);
    if (text.length === 1) {
      kind = byte & 63;
      verbatim = kind < Head.Event ? 0 : kind < Head.Clock ? 3 : kind === Head.Skip ? 1 : kind === Head.Move ? 2 : 0;
      more =
        kind < Head.Event
          ? byte & Head.Step
            ? 4
            : 3
          : kind === Head.Context
            ? 9
            : kind === Head.Boot || kind === Head.Move
              ? 0
              : 1;
      if (kind > Head.Move) {
        return DAMAGED;
      }
      journal.cursor[NEXT + Cursor.Nth] = journal.cursor[k + Cursor.Nth];
      if (kind <= Head.Event) {
        symbol = journal.cursor[NEXT + Cursor.Nth]++;
        if ((flashRead(at - (at % PAGE) + CONFIRMED + (symbol >> 3), 1)[0] >> (symbol & 7)) & 1) {
          text = String.fromCharCode(byte | Head.Unconfirmed);
        }
      }
    } else if (verbatim) {
      verbatim--;
      if (text.length === 2 && (kind & 62) === Head.Event) {
        more += (byte & Has.Start ? TEXT : 0) + (byte & Has.Token ? TEXT : 0) + (byte & Has.End ? TEXT : 0);
        if (kind === Head.Event) {
          more += (byte & Has.Values ? 3 : 0) + (byte & Has.RemoteStart ? 1 : 0);
        }
      } else if (text.length === 4 && kind === Head.Event) {
        more += (byte & Extra.Reservation ? 1 : 0) + (byte & Extra.Supply ? 2 : 0);
      }
    } else if (more >= TEXT) {
      more -= TEXT;
      verbatim = byte;
    } else if (byte < 128) {
      more--;
    }
    if (text.length > 255) {
      return DAMAGED;
    }
  }
  journal.cursor[NEXT + Cursor.At] = left ? at : at + 12 + flashRead(at, 1)[0] + flashRead(at + 1, 1)[0] * 256;
  journal.cursor[NEXT + Cursor.Bit] = left ? bit : 0;
  journal.cursor[NEXT + Cursor.Left] = left;
  return text;
}

/**
 * Check of a block's payload: the sum of the CRC-32s of its pieces of 64 bytes, low 16 bits. In pieces, because a block is large.
 * @inline
 */
export function payloadCheck(at: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i += 64) {
    sum = (sum + (E.CRC32(flashRead(at + i, length - i < 64 ? length - i : 64)) & 0xffff)) & 0xffff;
  }
  return sum;
}

/** Cursor `k` moves behind the record that was fetched last. */
export function advance(k: number): void {
  for (let i = 0; i < Cursor.Size; i++) {
    journal.cursor[k + i] = journal.cursor[NEXT + i];
  }
}

/** Cursor `k` moves to the begin of the content of page `page`, or to `offset` in it. */
export function enter(k: number, page: number, offset: number): void {
  journal.cursor[k + Cursor.At] = page + (pageKind(page) === PACKED ? BLOCKS : offset || PAGE_HEADER);
  journal.cursor[k + Cursor.Bit] = journal.cursor[k + Cursor.Left] = journal.cursor[k + Cursor.Nth] = 0;
}

/** The page in use with the smallest sequence number of at least `from`; a packed one goes before the raw page of its number. -1: none. */
export function pageFrom(from: number): number {
  let best = -1;
  let lowest = 0;
  for (let page = JOURNAL; page < JOURNAL_END; page += PAGE) {
    const sequence = pageSequence(page);
    if (
      sequence >= from &&
      pageInUse(page) &&
      (best < 0 || sequence < lowest || (sequence === lowest && pageKind(page) === PACKED))
    ) {
      best = page;
      lowest = sequence;
    }
  }
  return best;
}

/** Cursor `k` moves to the page behind its own. False: it stands in the page that is being written. */
export function nextPage(k: number): boolean {
  const at = journal.cursor[k];
  const page = at - (at % PAGE);
  let until = pageSequence(page);
  let offset = 0;
  if (pageKind(page) === PACKED) {
    const r = flashRead(page + UNTIL, 8);
    const valid = (E.CRC32(r.subarray(0, 6)) & 0xffff) === r[6] + r[7] * 256;
    const mark = r[0] + r[1] * 256 + r[2] * 65536 + r[3] * 16777216;
    // A mark that does not lead on is damage, or foreign: nobody is led in a circle.
    offset = valid && mark > until ? r[4] + r[5] * 256 : 0;
    until = valid && mark > until ? mark : until + 1;
  } else if (until === journal.sequence) {
    return false;
  } else {
    until++;
  }
  const next = pageFrom(until);
  if (next < 0) {
    return false;
  }
  enter(k, next, pageSequence(next) === until ? offset : 0);
  return true;
}

/**
 * Decode `text` into `fact`, relative to the contexts of `side`, whose transaction it then belongs to; with `commit` they take it over.
 * Returns its kind.
 */
export function decode(text: string, side: Side, commit: boolean): number {
  const c = side < Side.Source ? journal.context : journal.packing!;
  const head = text.charCodeAt(0) & 127;
  const kind = head & 63;
  let p = 1;
  let has = Has.Values as number;
  let identity = "";
  fact.evse = kind;
  fact.cause = Cause.MeterValuePeriodic;
  fact.extra = 0;
  fact.token = fact.history = "";
  if (kind === Head.Event || kind === Head.Context) {
    fact.evse = text.charCodeAt(1) & 7;
    has = text.charCodeAt(1) & 248;
    fact.cause = text.charCodeAt(2) & 31;
    fact.charging = text.charCodeAt(2) >> 5;
    fact.reason = text.charCodeAt(3) & Extra.Reason;
    fact.extra = text.charCodeAt(3) & ~Extra.Reason;
    p = 4;
    if (has & Has.Start) {
      p += 1 + text.charCodeAt(p);
    }
    if (has & Has.Token) {
      fact.token = text.substr(p + 1, text.charCodeAt(p));
      p += 1 + text.charCodeAt(p);
    }
    identity = has & Has.Start ? text.substring(4, p) : "";
    if (has & Has.End && kind === Head.Event) {
      fact.history = text.substr(p + 1, text.charCodeAt(p));
      p += 1 + text.charCodeAt(p);
    }
  } else if (kind === Head.Skip) {
    fact.evse = text.charCodeAt(1) & 7;
    p = 2;
  }
  fact.has = has;
  if (kind === Head.Move) {
    if (commit) {
      move(c, text.charCodeAt(1) & 7, text.charCodeAt(2) & 7, side);
    }
    return kind;
  }
  const numbers: number[] = [];
  while (p < text.length) {
    let n = 0;
    let scale = 1;
    while (text.charCodeAt(p) > 127) {
      n += (text.charCodeAt(p++) & 127) * scale;
      scale *= 128;
    }
    n += text.charCodeAt(p++) * scale;
    numbers.push(n % 2 ? -(n + 1) / 2 : n / 2);
  }
  if (kind === Head.Clock || kind === Head.Boot) {
    fact.time = kind === Head.Clock ? numbers[0] : 0;
    for (let w = side & Side.Place; commit && w < c.length; w += Context.Size) {
      const began = c[w + Context.BeginTime];
      if (began && began < DATED) {
        // Dated with the records, or (0) never.
        c[w + Context.BeginTime] = fact.time && began + fact.time;
      }
    }
    return kind;
  }
  const w = fact.evse * Context.Size + (side & Side.Place);
  let wanted = numbers.length;
  if (kind < Head.Event) {
    wanted = head & Head.Step ? 4 : 3;
  } else if (kind === Head.Event) {
    wanted = 1 + (has & Has.Values ? 3 : 0) + (has & Has.RemoteStart ? 1 : 0);
    wanted += (fact.extra & Extra.Reservation ? 1 : 0) + (fact.extra & Extra.Supply ? 2 : 0);
  }
  if (
    w >= c.length ||
    numbers.length !== wanted || // what a wrong length has cut out, and passed the check by chance
    (kind === Head.Event &&
      (fact.cause > Cause.ResetCommand || fact.charging > Charging.SuspendedEVSE || fact.reason > Reason.MasterPass))
  ) {
    return Head.Boot; // of a station with more EVSEs, or of no station
  }
  const slot = side === Side.Source ? journal.identity.length / 2 + fact.evse : fact.evse;
  if (kind === Head.Context) {
    if (commit) {
      for (let i = 0; i < 9; i++) {
        c[w + (i < 7 ? i : i + 1)] = numbers[i];
      }
      c[w + Context.Begin] = 1;
      if (side !== Side.Writer) {
        journal.identity[slot] = identity;
      }
    }
    return kind;
  }
  if (kind === Head.Skip) {
    if (commit) {
      c[w + Context.SeqNo] += numbers[0];
    }
    return kind;
  }
  if (kind > Head.Event) {
    return kind;
  }
  const start = has & Has.Start;
  let i = 0;
  const interval = kind === Head.Event || head & Head.Step ? numbers[i++] : c[w + Context.Interval];
  fact.time = (start ? 0 : c[w + Context.Time]) + interval;
  fact.seqNo = start ? 0 : c[w + Context.SeqNo];
  if (has & Has.Values) {
    fact.wattHours = numbers[i++] + (start ? 0 : c[w + Context.WattHours] + c[w + Context.Step]);
    fact.watts = numbers[i++] + (start ? 0 : c[w + Context.Watts]);
    fact.centiamps = numbers[i++] + (start ? 0 : c[w + Context.Centiamps]);
  }
  if (has & Has.RemoteStart) {
    fact.remoteStartId = numbers[i++];
  }
  if (fact.extra & Extra.Reservation) {
    fact.reservationId = numbers[i++];
  }
  if (fact.extra & Extra.Supply) {
    fact.decivolts = numbers[i++];
    fact.deciamps = numbers[i];
  }
  const known = start ? identity : journal.identity[slot];
  fact.id = side === Side.Writer && !start ? "" : known.substr(1, known.charCodeAt(0));
  if (commit) {
    follow(side);
    if (side !== Side.Writer && start) {
      journal.identity[slot] = identity;
    }
  }
  return kind;
}

/** The transaction of EVSE `from` goes on at EVSE `to`. */
function move(c: Int32Array, from: number, to: number, side: Side): void {
  const half = side === Side.Source ? journal.identity.length / 2 : 0;
  if (from * Context.Size < c.length && to * Context.Size < c.length) {
    for (let k = 0; k < Context.Fields; k++) {
      c[to * Context.Size + (side & Side.Place) + k] = c[from * Context.Size + (side & Side.Place) + k];
    }
    c[from * Context.Size + (side & Side.Place) + Context.Begin] = 0;
    if (side !== Side.Writer && side !== Side.Target) {
      journal.identity[half + to] = journal.identity[half + from];
    }
  }
}

/** Is the fact's transaction known to `side`: is it a begin, or was there one? */
export function known(side: Side): boolean {
  const c = side < Side.Source ? journal.context : journal.packing!;
  return (fact.has & Has.Start) > 0 || c[fact.evse * Context.Size + (side & Side.Place) + Context.Begin] > 0;
}
