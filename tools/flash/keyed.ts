/** Records with keys in a pair of pages, of which one is in force (`src/store/records.ts`): settings, tokens, charging profiles. */
import { check16, HEADER_BYTES, isBlank, newPage, PAGE_BYTES, readPages, type Damage } from "./pages.ts";

/** Length and check. */
const HEAD_BYTES = 4;

/** What a pair of pages holds, apart from the things themselves. */
export interface Pair {
  /** Page in force; undefined when none is valid. */
  page?: number;
  sequence?: number;
  /** Bytes in use in the page. */
  used: number;
  /** Records in it; several may be of one key. */
  records: number;
  damage: Damage[];
}

export interface KeyedRecord {
  /** Offset in the raw area. */
  at: number;
  /** Key and value, a character a byte. */
  text: string;
}

/**
 * The records in force of a pair of pages: of each key the last valid one, in the order of the page. `keyOf` gives the key of a record's text,
 * undefined when that cannot be one; `thing` is what a record is called.
 */
export function readPair(
  raw: Uint8Array,
  pages: { first: number; count: number },
  thing: string,
  keyOf: (text: string) => string | undefined,
): Pair & { found: KeyedRecord[] } {
  const damage: Damage[] = [];
  const page = readPages(raw, pages, damage).at(-1);
  if (!page) return { used: 0, records: 0, damage, found: [] };
  const { bytes } = page;
  const byKey = new Map<string, KeyedRecord>();
  let records = 0;
  let at = HEADER_BYTES;
  while (at < PAGE_BYTES - HEAD_BYTES) {
    const length = bytes.readUInt16LE(at);
    if (length === 0xffff) {
      if (!isBlank(bytes, at)) damage.push({ at: page.at + at, what: `bytes behind the last ${thing}` });
      break;
    }
    if (length === 0 || at + HEAD_BYTES + length > PAGE_BYTES) {
      damage.push({ at: page.at + at, what: `a ${thing} of ${length} bytes is none; the rest of the page is not read` });
      break;
    }
    const body = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    const check = bytes.readUInt16LE(at + 2);
    if ((check16(body) || 1) === check) {
      const text = body.toString("latin1");
      const key = keyOf(text);
      if (key === undefined) {
        damage.push({ at: page.at + at, what: `a ${thing} of ${length} bytes that makes no sense is passed over` });
      } else {
        byKey.delete(key);
        byKey.set(key, { at: page.at + at, text });
        records++;
      }
    } else if (check !== 0) {
      damage.push({ at: page.at + at, what: `a ${thing} with a wrong check is passed over` });
    }
    at += HEAD_BYTES + length;
  }
  return { page: page.number, sequence: page.sequence, used: at, records, damage, found: [...byKey.values()] };
}

/** A page with records of these texts, in their order. */
export function pageOf(sequence: number, texts: readonly string[]): Buffer {
  const page = newPage(sequence);
  let at = HEADER_BYTES;
  for (const text of texts) {
    const body = Buffer.from(text, "latin1");
    if (at + HEAD_BYTES + body.length > PAGE_BYTES) throw new RangeError("the page is full");
    page.writeUInt16LE(body.length, at);
    page.writeUInt16LE(check16(body) || 1, at + 2);
    page.set(body, at + HEAD_BYTES);
    at += HEAD_BYTES + body.length;
  }
  return page;
}
