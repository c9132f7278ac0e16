/** Packed blocks of the journal: a gzip file (RFC 1952) each, without the header that is the same for all of them. */
import { crc32, gunzipSync } from "node:zlib";
import { payloadOf, PREFIX } from "../build/huffman.ts";
import { HEADER_BYTES, check16, PACKED, newPage, PAGE_BYTES, type Damage, type Page } from "./pages.ts";
import { BLOCK_BYTES, type PlainBlock } from "./sessions.ts";

/** Where a packed page has the place up to which it holds what raw pages held before. */
const MARK = HEADER_BYTES;
/** Where it has a bit for each of its events and samples. */
const CONFIRMED = 16;
const CONFIRMATIONS = 1024;
const FIRST_BLOCK = 144;
/** Before and behind a payload. */
const BLOCK_HEAD = 8;
const BLOCK_TAIL = 4;
const END = 0xffff;
/** Bytes of a payload that are checked at a time. */
const PIECE = 64;

/** Place in the log: in the content of the page with that sequence number. */
export interface Mark {
  sequence: number;
  offset: number;
}

export interface Block {
  /** Offset in the raw area. */
  at: number;
  /** Bytes in the page, all told. */
  size: number;
  events: number;
  /** Number of its first event in the page. */
  firstEvent: number;
  /** As a file that any gunzip opens. */
  gzip: Buffer;
  /** Uncompressed. */
  bytes: Buffer;
}

/** Check of a payload: the sum of the CRCs of its pieces, so that the device need not hold more than one of them. */
function payloadCheck(payload: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < payload.length; at += PIECE) sum += crc32(payload.subarray(at, at + PIECE));
  return sum % 0x1_0000;
}

/** The gzip file of a payload. */
export function gzipFile(payload: Uint8Array, crc: number, size: number): Buffer {
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc >>> 0, 0);
  tail.writeUInt32LE(size, 4);
  return Buffer.concat([PREFIX, payload, tail]);
}

/** Where the next page's content begins; undefined when the page does not tell. */
export function readMark(page: Page, damage: Damage[]): Mark | undefined {
  if (check16(page.bytes.subarray(MARK, MARK + 6)) !== page.bytes.readUInt16LE(MARK + 6)) {
    damage.push({ at: page.at + MARK, what: "the place where the next page goes on is damaged; events may be listed twice" });
    return undefined;
  }
  return { sequence: page.bytes.readUInt32LE(MARK), offset: page.bytes.readUInt16LE(MARK + 4) };
}

/** Is event `number` of a packed page confirmed? */
export function isConfirmed(page: Page, number: number): boolean {
  return number < CONFIRMATIONS && (page.bytes[CONFIRMED + (number >> 3)] & (1 << (number & 7))) === 0;
}

/** The blocks of a packed page. A block that cannot be read is passed over when its length leads to a whole one. */
export function readBlocks(page: Page, damage: Damage[]): Block[] {
  const { bytes } = page;
  const blocks: Block[] = [];
  let firstEvent = 0;
  let at = FIRST_BLOCK;
  while (at + BLOCK_HEAD + BLOCK_TAIL <= PAGE_BYTES && bytes.readUInt16LE(at) !== END) {
    const length = bytes.readUInt16LE(at);
    const size = BLOCK_HEAD + length + BLOCK_TAIL;
    const [events, plain, check] = [2, 4, 6].map((offset) => bytes.readUInt16LE(at + offset));
    if (length === 0 || at + size > PAGE_BYTES) {
      damage.push({ at: page.at + at, what: `a block of ${length} bytes does not fit; the rest of the page is not read` });
      return blocks;
    }
    const payload = bytes.subarray(at + BLOCK_HEAD, at + BLOCK_HEAD + length);
    const crc = bytes.readUInt32LE(at + BLOCK_HEAD + length);
    if (payloadCheck(payload) !== check) {
      damage.push({ at: page.at + at, what: `a damaged block of ${events} events is passed over` });
    } else {
      const gzip = gzipFile(payload, crc, plain);
      try {
        const content = gunzipSync(gzip, { maxOutputLength: 4 * BLOCK_BYTES });
        blocks.push({ at: page.at + at, size, events, firstEvent, gzip, bytes: content });
      } catch (error) {
        damage.push({ at: page.at + at, what: `a block of ${events} events cannot be unpacked (${(error as Error).message})` });
      }
    }
    firstEvent += events;
    at += size;
  }
  return blocks;
}

/** A packed page; throws when the blocks do not fit. */
export function packedPage(
  sequence: number,
  blocks: readonly PlainBlock[],
  mark: Mark,
  confirmed: (event: number) => boolean = () => false,
): Buffer {
  const page = newPage(sequence, PACKED);
  page.writeUInt32LE(mark.sequence, MARK);
  page.writeUInt16LE(mark.offset, MARK + 4);
  page.writeUInt16LE(check16(page.subarray(MARK, MARK + 6)), MARK + 6);
  let at = FIRST_BLOCK;
  let event = 0;
  for (const block of blocks) {
    const bytes = packBlock(block);
    if (at + bytes.length > PAGE_BYTES || event + block.events > CONFIRMATIONS) throw new RangeError("the page is full");
    page.set(bytes, at);
    at += bytes.length;
    for (const end = event + block.events; event < end; event++)
      if (confirmed(event)) page[CONFIRMED + (event >> 3)] &= ~(1 << (event & 7));
  }
  return page;
}

/** A block as it stands in a packed page. */
export function packBlock({ bytes, events }: PlainBlock): Buffer {
  const payload = payloadOf(bytes);
  const block = Buffer.alloc(BLOCK_HEAD + payload.length + BLOCK_TAIL);
  [payload.length, events, bytes.length, payloadCheck(payload)].forEach((value, i) => block.writeUInt16LE(value, 2 * i));
  block.set(payload, BLOCK_HEAD);
  block.writeUInt32LE(crc32(bytes), BLOCK_HEAD + payload.length);
  return block;
}
