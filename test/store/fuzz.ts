/** Pages of the journal with malformed content: records and blocks that no firmware has written. */
import { frame, newPage, PACKED, PLAIN } from "../../tools/flash/pages.ts";
import { packBlock } from "../../tools/flash/blocks.ts";
import { MODELS, plainBlocks, session, type Random } from "../../tools/flash/sessions.ts";
import { encodeRecord, freshStates } from "../../tools/flash/records.ts";
import { crc32 } from "node:zlib";

const PAGE = 4096;
const HEAD = 8;
const BLOCKS = 144;

function bytesOf(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

/** A true session with wrong bytes in it. */
function mutated(random: Random): Buffer[] {
  const states = freshStates();
  return session(MODELS["cloudy solar"], random, { events: 20, interval: 60, evse: random.below(3) }).map((record) => {
    const bytes = Buffer.from(encodeRecord(record, states));
    if (random.below(2) === 0) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    return bytes;
  });
}

/** Fills a page; gives the number of malformed inputs in it. */
export function fuzzPage(page: Buffer, sequence: number, random: Random): number {
  const packed = random.below(3) === 0;
  newPage(sequence, packed ? PACKED : PLAIN).copy(page);
  return packed ? fuzzBlocks(page, sequence, random) : fuzzRecords(page, random);
}

function fuzzRecords(page: Buffer, random: Random): number {
  let at = HEAD;
  let count = 0;
  const honest = random.below(3) > 0;
  while (at < PAGE - 260) {
    const contents = random.below(2) === 0 ? mutated(random) : [bytesOf(random, 1 + random.below(60))];
    for (const content of contents) {
      if (at >= PAGE - 260) break;
      // A kind that there is, most times: another one ends the reading of the page.
      if (random.below(100) > 0 && (content[0] & 63) > 13) content[0] = random.below(14) | (content[0] & 64);
      content[0] |= 128;
      // With a right check the content reaches the decoder.
      const record = frame(content);
      if (!honest && random.below(100) === 0) record[record.length - 1] = random.below(256);
      record.copy(page, at);
      at += record.length;
      count++;
    }
    if (random.below(200) === 0) break;
  }
  return count;
}

function fuzzBlocks(page: Buffer, sequence: number, random: Random): number {
  let at = BLOCKS;
  let count = 0;
  page.writeUInt32LE(random.below(3) === 0 ? random.below(20) : sequence + 1, 8);
  page.writeUInt16LE(random.below(3) === 0 ? random.below(PAGE) : 8, 12);
  page.writeUInt16LE(random.below(10) === 0 ? random.below(65_536) : crc32(page.subarray(8, 14)) & 0xffff, 14);
  while (at < PAGE - 800) {
    const records = plainBlocks(session(MODELS["cloudy solar"], random, { events: 40, interval: 60, evse: random.below(2) }));
    const block = packBlock(records[0]);
    if (block.length > 600) break;
    const length = block.readUInt16LE(0);
    switch (random.below(5)) {
      case 0:
        bytesOf(random, length).copy(block, 8);
        break;
      case 1:
        block[8 + random.below(length)] ^= 1 << random.below(8);
        break;
      case 2:
        block.writeUInt16LE(random.below(3000), 4);
        break;
      case 3:
        block.writeUInt16LE(random.below(3000), 2);
        break;
      default:
        block.writeUInt16LE(random.below(2) === 0 ? random.below(5000) : length, 0);
    }
    if (random.below(6) > 0) {
      let sum = 0;
      const payload = block.subarray(8, 8 + length);
      for (let i = 0; i < length; i += 64) sum += crc32(payload.subarray(i, i + 64));
      block.writeUInt16LE(sum % 65_536, 6);
    }
    block.copy(page, at);
    at += block.length;
    count++;
  }
  return count;
}
