/** The record coder of the reference reader, and the Huffman code of packed blocks. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { crc32, gunzipSync } from "node:zlib";
import { bytesPerEvent, huffmanLengths, huffmanTable, payloadOf, PREFIX, SYMBOLS } from "../../tools/build/huffman.ts";
import { gzipFile } from "../../tools/flash/blocks.ts";
import { DamagedRecord, decodeRecord, encodeRecord, freshStates, type JournalRecord } from "../../tools/flash/records.ts";
import { BLOCK_BYTES, MODEL_NAMES, MODELS, plainBlocks, Random, session } from "../../tools/flash/sessions.ts";
import { anyRecords, FULL, SEED } from "./random-records.ts";

function decodeAll(bytes: Uint8Array): JournalRecord[] {
  const states = freshStates();
  const records: JournalRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const { record, next } = decodeRecord(bytes, at, states);
    assert.ok(next > at);
    records.push(record);
    at = next;
  }
  return records;
}

/** Without what is undefined. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** CRC-32 of the code lengths. */
const LENGTHS_CRC = "38a90146";

/** Unpacks as the device does: with the number of codes of each length and the symbols in canonical order. */
function unpack(table: Uint8Array, payload: Uint8Array): number[] {
  const end = table[274] + 256 * table[275];
  const bytes: number[] = [];
  let at = 0;
  const bit = (): number => (payload[at >> 3] >> (at++ & 7)) & 1;
  for (let n = 0; n < table[0]; n++) assert.equal(bit(), (table[1] >> n) & 1);
  for (;;) {
    let code = 0;
    let first = 0;
    let index = 0;
    let length = 0;
    do {
      first = (first + (length ? table[1 + length] : 0)) * 2;
      index += length ? table[1 + length] : 0;
      code = code * 2 + bit();
      length++;
    } while (code - first >= table[1 + length]);
    index += code - first;
    if (index === end) return bytes;
    bytes.push(table[17 + index]);
  }
}

describe("journal records", () => {
  it("have the bytes that the format says", () => {
    const states = freshStates();
    const bytes = (record: JournalRecord): number[] => [...encodeRecord(record, states)];
    const values = { wattHours: 1000, watts: 0, centiamps: 0 };
    assert.deepEqual(
      bytes({ kind: "event", evse: 1, cause: 0, charging: 1, reason: 0, time: 5, end: false, start: "7-1", token: "AB", values }),
      [8, 1 | 8 | 32 | 128, 1 << 5, 0, 3, 0x37, 0x2d, 0x31, 2, 0x41, 0x42, 10, 0xd0, 15, 0, 0],
    );
    assert.deepEqual(
      bytes({ kind: "sample", evse: 1, time: 65, wattHours: 1100, watts: 7000, centiamps: 3000 }),
      [65, 120, 0xc8, 1, 0xb0, 0x6d, 0xf0, 0x2e],
    );
    assert.deepEqual(bytes({ kind: "sample", evse: 1, time: 125, wattHours: 1199, watts: 6999, centiamps: 3000 }), [1, 1, 1, 0]);
    assert.deepEqual(bytes({ kind: "skip", evse: 1, seqNos: 2 }), [12, 1, 4]);
    assert.equal(states[1].seqNo, 5);
    assert.deepEqual(bytes({ kind: "clock", time: 150_000_000 }), [10, 0x80, 0xc6, 0x86, 0x8f, 1]);
    assert.deepEqual(bytes({ kind: "boot" }), [11]);
    const context: JournalRecord = { kind: "context", evse: 1, ...states[1], id: "7-1" };
    assert.deepEqual(bytes(context).slice(0, 11), [9, 1 | 8 | 32, 0, 0, 3, 0x37, 0x2d, 0x31, 2, 0x41, 0x42]);
    assert.deepEqual(
      bytes(context).slice(11),
      [0xfa, 1, 0xde, 18, 0xc6, 1, 0xae, 0x6d, 0xf0, 0x2e, 120, 10, 138, 198, 134, 143, 1, 208, 15],
    );
  });

  it(`come back as they were (seed ${SEED})`, () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const states = freshStates();
        const bytes = Buffer.concat(records.map((record) => encodeRecord(record, states)));
        assert.deepEqual(plain(decodeAll(bytes)), plain(records));
      }),
      { seed: SEED, numRuns: FULL ? 2000 : 300 },
    );
  });

  it(`are refused when they are malformed, whatever the bytes (seed ${SEED})`, function () {
    this.timeout(60_000);
    const random = new Random(SEED);
    let refused = 0;
    for (let i = 0; i < 100_000; i++) {
      const bytes = Uint8Array.from({ length: 1 + random.below(40) }, () => random.below(random.below(3) ? 14 : 256));
      try {
        decodeAll(bytes);
      } catch (error) {
        assert.ok(error instanceof DamagedRecord, `seed ${SEED}, input ${i}: ${String(error)}`);
        refused++;
      }
    }
    assert.ok(refused > 50_000, `${refused} of 100000 refused`);
  });

  it("leave the states alone when they are refused", () => {
    const states = freshStates();
    encodeRecord({ kind: "sample", evse: 0, time: 60, wattHours: 5, watts: 6, centiamps: 7 }, states);
    const before = structuredClone(states);
    assert.throws(() => decodeRecord(Uint8Array.from([64, 2, 2, 2]), 0, states), DamagedRecord);
    assert.deepEqual(states, before);
  });
});

describe("the Huffman code", () => {
  it("is the one that blocks in the field were packed with", () => {
    // A change of this number is a change of the flash format: blocks packed before cannot be read any more.
    assert.equal(crc32(Uint8Array.from(huffmanLengths())).toString(16), LENGTHS_CRC);
  });

  it("is complete, at most 12 bits long, and unpacked by the counts and the order in the device's table", () => {
    const lengths = huffmanLengths();
    const table = huffmanTable();
    assert.equal(
      lengths.reduce((sum, length) => sum + 2 ** -length, 0),
      1,
    );
    assert.ok(lengths.every((length) => length > 0 && length <= 12));
    assert.ok(table.length >= 17 + SYMBOLS + 2);
    const bytes = Uint8Array.from({ length: 1024 }, (_, index) => index * 7);
    assert.deepEqual(unpack(table, payloadOf(bytes)), [...bytes]);
  });

  it(`makes gzip files of any bytes (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: BLOCK_BYTES }), (bytes) => {
        const file = gzipFile(payloadOf(bytes), crc32(bytes), bytes.length);
        assert.deepEqual(new Uint8Array(gunzipSync(file)), bytes);
        assert.deepEqual(new Uint8Array(file.subarray(0, PREFIX.length)), PREFIX);
      }),
      { seed: SEED, numRuns: FULL ? 1000 : 100 },
    );
  });

  for (const name of MODEL_NAMES) {
    it(`takes at most 5 bytes an event: ${name}`, () => {
      for (const interval of [60, 900]) {
        const { plain, packed } = bytesPerEvent(name, interval);
        assert.ok(packed <= 5, `${packed} bytes every ${interval} s`);
        // Length and check byte of a raw page on top.
        assert.ok(plain + 2 <= 8, `${plain + 2} bytes in the journal every ${interval} s`);
      }
    });
  }

  it("packs blocks of whole records, each to be read on its own", () => {
    for (const name of MODEL_NAMES) {
      const records = session(MODELS[name], new Random(SEED), { events: 1000, interval: 60, evse: 2 });
      const blocks = plainBlocks(records);
      assert.ok(blocks.length > 3);
      const read = blocks.flatMap(({ bytes, events }) => {
        assert.ok(bytes.length <= BLOCK_BYTES);
        const own = decodeAll(bytes).filter(({ kind }) => kind !== "context");
        assert.equal(own.length, events);
        return own;
      });
      assert.deepEqual(plain(read), plain(records));
    }
  });
});
