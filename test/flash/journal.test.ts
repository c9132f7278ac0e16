/** The reference reader of the raw area: pages, blocks, confirmations, dates, damage. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { crc32, gunzipSync } from "node:zlib";
import { isConfirmed, packBlock, packedPage } from "../../tools/flash/blocks.ts";
import { frameRecord, isEvent, rawPage, readJournal, type Journal } from "../../tools/flash/journal.ts";
import { pageOf } from "../../tools/flash/keyed.ts";
import {
  frame,
  isWhole,
  JOURNAL_PAGES,
  newPage,
  PAGE_BYTES,
  RAW_BYTES,
  readPages,
  SECURITY_PAGES,
  type Damage,
} from "../../tools/flash/pages.ts";
import { readProfiles } from "../../tools/flash/profiles.ts";
import { encodeRecord, freshStates, type JournalRecord } from "../../tools/flash/records.ts";
import { readSecurityLog, SECURITY_EVENTS, securityPage } from "../../tools/flash/security-log.ts";
import { MODELS, plainBlocks, Random, session } from "../../tools/flash/sessions.ts";
import { readSettings, settingsPage } from "../../tools/flash/settings.ts";
import { readTokens } from "../../tools/flash/tokens.ts";
import { journalWords, profilesWords, securityWords, settingsWords, tokensWords } from "../../tools/flash/words.ts";
import { anyRecords, FULL, SEED } from "./random-records.ts";

/** A raw area with these pages. */
function area(pages: Readonly<Record<number, Uint8Array>>): Buffer {
  const raw = Buffer.alloc(RAW_BYTES, 0xff);
  for (const [number, page] of Object.entries(pages)) raw.set(page, Number(number) * PAGE_BYTES);
  return raw;
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function recordsOf({ entries }: Journal): JournalRecord[] {
  return entries.map(({ record }) => record);
}

/** A session of `events` events, the same for the same seed. */
function charge(events: number, seed = 1, evse = 0): JournalRecord[] {
  return session(MODELS["steady, 1 phase"], new Random(seed), { events, interval: 60, evse });
}

/** Everything that the tool says of a raw area; nothing may throw. */
function everything(raw: Buffer): string {
  const journal = readJournal(raw);
  return [
    ...settingsWords(readSettings(raw)),
    ...journalWords(journal),
    ...securityWords(readSecurityLog(raw)),
    ...tokensWords(readTokens(raw)),
    ...profilesWords(readProfiles(raw), journal),
  ].join("\n");
}

describe("the journal in flash", () => {
  it(`gives back the records of a raw page with their confirmations (seed ${SEED})`, () => {
    fc.assert(
      fc.property(anyRecords, fc.infiniteStream(fc.boolean()), (records, bits) => {
        const confirmed = records.map(() => bits.next().value as boolean);
        const { page, left } = rawPage(7, records, (record) => confirmed[record]);
        const journal = readJournal(area({ 4: page }));
        assert.deepEqual(journal.damage, []);
        assert.deepEqual(plain(recordsOf(journal)), plain(records.slice(0, records.length - left)));
        assert.deepEqual(
          journal.entries.map((entry) => entry.confirmed),
          confirmed.slice(0, records.length - left),
        );
      }),
      { seed: SEED, numRuns: FULL ? 1000 : 100 },
    );
  });

  it(`gives back the records of a packed page with their confirmations (seed ${SEED})`, () => {
    fc.assert(
      fc.property(anyRecords, fc.infiniteStream(fc.boolean()), (records, bits) => {
        const own = records.filter(({ kind }) => kind !== "context");
        const confirmed = own.filter(isEvent).map(() => bits.next().value as boolean);
        const page = packedPage(7, plainBlocks(own, 400), { sequence: 8, offset: 8 }, (event) => confirmed[event]);
        const journal = readJournal(area({ 9: page }));
        assert.deepEqual(journal.damage, []);
        const entries = journal.entries.filter(({ record }) => record.kind !== "context");
        // Marks behind the last event have no block.
        const last = own.lastIndexOf(own.filter(isEvent).at(-1)!) + 1;
        assert.deepEqual(plain(entries.map(({ record }) => record).slice(0, last)), plain(own.slice(0, last)));
        assert.deepEqual(
          entries.filter(({ record }) => isEvent(record)).map((entry) => entry.confirmed),
          confirmed,
        );
      }),
      { seed: SEED, numRuns: FULL ? 1000 : 100 },
    );
  });

  it("goes over pages in their order, each with the contexts that it needs", () => {
    const records = charge(1800);
    const pages: Record<number, Uint8Array> = {};
    const states = freshStates();
    let rest = records;
    let before: JournalRecord[] = [];
    for (let sequence = 40; rest.length > 0; sequence++) {
      const { page, left } = rawPage(sequence, [...before, ...rest]);
      pages[JOURNAL_PAGES.first + (sequence % JOURNAL_PAGES.count)] = page;
      for (const record of rest.slice(0, rest.length - left)) encodeRecord(record, states);
      rest = left ? rest.slice(-left) : [];
      before = [{ kind: "context", evse: 0, ...states[0], id: states[0].id ?? "" }];
    }
    assert.ok(Object.keys(pages).length >= 3);
    const journal = readJournal(area(pages));
    assert.deepEqual(journal.damage, []);
    const events = journal.entries.filter(({ record }) => isEvent(record));
    assert.deepEqual(plain(events.map(({ record }) => record)), plain(records));
    assert.deepEqual(
      events.map(({ seqNo }) => seqNo),
      records.map((_, index) => index),
    );
    const [start] = records;
    assert.ok(start.kind === "event");
    assert.ok(events.every(({ id }) => id === start.start));
  });

  it("lists what was packed once, while the raw pages still stand there", () => {
    const records = charge(500);
    const { page, end, left } = rawPage(5, records);
    assert.equal(left, 0);
    assert.ok(end < PAGE_BYTES);
    const half = 220;
    const { end: offset } = rawPage(5, records.slice(0, half));
    const packed = packedPage(5, plainBlocks(records.slice(0, half)), { sequence: 5, offset });
    for (const pages of [
      { 2: page, 3: packed },
      { 2: packed, 3: page },
    ]) {
      const journal = readJournal(area(pages));
      assert.deepEqual(journal.damage, []);
      const events = journal.entries.filter(({ record }) => isEvent(record));
      assert.deepEqual(plain(events.map(({ record }) => record)), plain(records));
      assert.equal(events.filter(({ block }) => block !== undefined).length, half);
    }
    const all = packedPage(5, plainBlocks(records), { sequence: 6, offset: 8 });
    const journal = readJournal(area({ 2: page, 3: all }));
    assert.deepEqual(
      journal.pages.map(({ packed, read }) => [packed, read]),
      [
        [false, "superseded"],
        [true, "all"],
      ],
    );
    assert.equal(journal.entries.filter(({ record }) => isEvent(record)).length, records.length);
  });

  it("shows what the station would send again: the begin of a raw page whose packed page is done with", () => {
    const records = charge(500);
    const { end: offset } = rawPage(6, records.slice(0, 220));
    const packed = packedPage(5, plainBlocks(records.slice(0, 220)), { sequence: 6, offset }, () => true);
    const raw = area({ 2: packed, 3: rawPage(6, records).page });
    const waiting = (): number => readJournal(raw).entries.filter(({ queued, confirmed }) => queued && !confirmed).length;
    assert.equal(waiting(), 280);
    raw[2 * PAGE_BYTES + 7] = 0;
    assert.equal(waiting(), 500);
  });

  it("keeps to pages behind one another, wherever their marks lead", () => {
    const packed = (sequence: number, to: number): Buffer =>
      packedPage(sequence, plainBlocks(charge(30, sequence)), { sequence: to, offset: 8 });
    const journal = readJournal(area({ 2: packed(5, 5), 3: packed(6, 5), 4: packed(7, 1), 5: rawPage(8, charge(9, 8)).page }));
    assert.equal(journal.entries.filter(({ queued, record }) => queued && isEvent(record)).length, 99);
  });

  it("takes a page that has no header yet for one that is being written", () => {
    const page = packedPage(5, plainBlocks(charge(200)), { sequence: 6, offset: 8 });
    page.fill(0xff, 0, 8);
    const journal = readJournal(area({ 4: page }));
    assert.deepEqual([journal.damage, journal.pages, journal.unfinished], [[], [], [4]]);
    assert.match(journalWords(journal).join("\n"), /page 4: begun, and not in use so far/);
  });

  it("knows the names of the security events", () => {
    const source = readFileSync(new URL("../../src/store/security-log.ts", import.meta.url), "latin1");
    assert.equal(/SECURITY_EVENTS =\s*"([^"]*)"/.exec(source)?.[1], SECURITY_EVENTS.join(","));
  });

  it("reads two packed pages that hold parts of the same raw page", () => {
    const records = charge(600);
    const { end: offset } = rawPage(5, records.slice(0, 200));
    const states = freshStates();
    for (const record of records.slice(0, 200)) encodeRecord(record, states);
    const context: JournalRecord = { kind: "context", evse: 0, ...states[0], id: states[0].id! };
    const first = packedPage(5, plainBlocks(records.slice(0, 200)), { sequence: 5, offset });
    const second = packedPage(5, plainBlocks([context, ...records.slice(200)]), { sequence: 6, offset: 8 });
    const journal = readJournal(area({ 6: second, 4: rawPage(5, records).page, 3: first }));
    assert.deepEqual(journal.damage, []);
    assert.deepEqual(plain(journal.entries.filter(({ record }) => isEvent(record)).map(({ record }) => record)), plain(records));
  });

  it("dates uptimes by the clock record of their boot, and leaves those of another boot undated", () => {
    const sample = (time: number): JournalRecord => ({ kind: "sample", evse: 0, time, wattHours: 0, watts: 0, centiamps: 0 });
    const records = [
      sample(30),
      { kind: "boot" },
      sample(10),
      sample(70),
      { kind: "clock", time: 200_000_000 },
      sample(200_000_130),
    ];
    const { entries } = readJournal(area({ 2: rawPage(1, records as JournalRecord[]).page }));
    assert.deepEqual(
      entries.filter(({ record }) => isEvent(record)).map(({ time }) => time),
      [undefined, 1_777_836_810, 1_777_836_870, 1_777_836_930],
    );
  });

  it("counts dropped seqNos", () => {
    const records = charge(4);
    records.splice(2, 0, { kind: "skip", evse: 0, seqNos: 3 });
    const journal = readJournal(area({ 2: rawPage(1, records).page }));
    assert.deepEqual(
      journal.entries.map(({ seqNo }) => seqNo),
      [0, 1, 2, 5, 6],
    );
    assert.match(journalWords(journal).join("\n"), /seqNo 2 to 4 were dropped/);
  });

  it("gives blocks as gzip files", () => {
    const journal = readJournal(area({ 2: packedPage(1, plainBlocks(charge(400)), { sequence: 2, offset: 8 }) }));
    assert.ok(journal.blocks.length >= 2);
    for (const { gzip, bytes } of journal.blocks) assert.deepEqual(gunzipSync(gzip), bytes);
  });
});

describe("damage in flash", () => {
  it("in a record costs the rest of its page and is reported where it is", () => {
    const records = charge(300);
    const { page } = rawPage(1, records);
    const at = rawPage(1, records.slice(0, 100)).end;
    page[at + 2] ^= 4;
    const journal = readJournal(area({ 2: page, 3: rawPage(2, charge(20, 2)).page }));
    assert.deepEqual(journal.damage, [
      { at: 2 * PAGE_BYTES + at, what: "a record with a wrong check; the rest of the page is not read" },
    ]);
    assert.equal(journal.entries.length, 120);
    assert.match(journalWords(journal).join("\n"), /damage at 0x[0-9a-f]{4} \(page 2\): a record with a wrong check/);
  });

  it("in a block costs the block", () => {
    const page = packedPage(1, plainBlocks(charge(700)), { sequence: 2, offset: 8 });
    const whole = readJournal(area({ 2: page }));
    assert.ok(whole.blocks.length >= 3);
    page[whole.blocks[1].at - 2 * PAGE_BYTES + 100] ^= 1;
    const journal = readJournal(area({ 2: page }));
    assert.equal(journal.damage.length, 1);
    assert.equal(journal.damage[0].at, whole.blocks[1].at);
    assert.deepEqual(
      journal.blocks.map(({ at }) => at),
      [whole.blocks[0], ...whole.blocks.slice(2)].map(({ at }) => at),
    );
  });

  it("in a payload is found by the sum of the CRCs of its pieces of 64 bytes", () => {
    const block = packBlock(plainBlocks(charge(100))[0]);
    const payload = block.subarray(8, -4);
    assert.ok(payload.length > 128 && payload.length % 64 > 0);
    let sum = 0;
    for (let at = 0; at < payload.length; at += 64) sum += crc32(payload.subarray(at, Math.min(at + 64, payload.length)));
    assert.deepEqual([block.readUInt16LE(0), block.readUInt16LE(6)], [payload.length, sum & 0xffff]);
  });

  it("in a packed page leaves the confirmations of later blocks where they were", () => {
    const page = packedPage(1, plainBlocks(charge(700)), { sequence: 2, offset: 8 }, (event) => event === 650);
    const confirmed = (): (number | undefined)[] =>
      readJournal(area({ 2: page })).entries.flatMap((entry) => (entry.confirmed ? [entry.seqNo] : []));
    assert.deepEqual(confirmed(), [650]);
    page[150 + 50] ^= 1;
    assert.deepEqual(confirmed(), [650]);
    const damage: Damage[] = [];
    assert.equal(isConfirmed(readPages(area({ 2: page }), JOURNAL_PAGES, damage)[0], 5000), false);
  });

  it("in a setting leaves the one before in force", () => {
    const page = settingsPage(3, [
      { key: "aaaa", value: "1" },
      { key: "bbbb", value: "2" },
      { key: "aaaa", value: "3" },
    ]);
    const older = settingsPage(2, [{ key: "aaaa", value: "0" }]);
    const read = (): Record<string, string> =>
      Object.fromEntries(readSettings(area({ 0: page, 1: older })).settings.map(({ key, value }) => [key, value]));
    assert.deepEqual(read(), { aaaa: "3", bbbb: "2" });
    page[8 + 9 + 9 + 8] ^= 1;
    assert.deepEqual(read(), { aaaa: "1", bbbb: "2" });
    assert.equal(readSettings(area({ 0: page })).damage.length, 1);
    page[0] ^= 1;
    assert.deepEqual(read(), { aaaa: "0" });
  });

  it("in the security log costs the rest of the page", () => {
    const events = [
      { type: 4, time: 12, text: "power" },
      { type: 3, time: 200_000_000, text: "" },
      { type: 200, time: 200_000_300, text: "odd" },
    ];
    const page = securityPage(9, events.slice(1));
    const raw = area({ [SECURITY_PAGES.first]: page, [SECURITY_PAGES.first + 1]: securityPage(8, events.slice(0, 1)) });
    assert.deepEqual(
      readSecurityLog(raw).events.map(({ type, time, text }) => ({ type, time, text })),
      events,
    );
    assert.deepEqual(securityWords(readSecurityLog(raw)).slice(1), [
      "  uptime 12 s  StorageFull  power",
      "  2026-05-03T19:33:20Z  StorageDamaged",
      "  2026-05-03T19:38:20Z  type 200  odd",
    ]);
    raw[SECURITY_PAGES.first * PAGE_BYTES + 12] ^= 1;
    const { events: left, damage } = readSecurityLog(raw);
    assert.deepEqual([left.length, damage.length, damage[0].at], [1, 1, SECURITY_PAGES.first * PAGE_BYTES + 8]);
  });

  it("everywhere is survived: zeros, ones, foreign pages", () => {
    assert.match(everything(Buffer.alloc(RAW_BYTES, 0xff)), /none were ever kept[^]*0 pages, 0 events[^]*Queue: empty/);
    assert.match(everything(Buffer.alloc(RAW_BYTES)), /damage at 0x2000 \(page 2\): a page without a valid header/);
    const odd = newPage(3, 9);
    assert.match(everything(area({ 2: odd })), /unknown kind 9/);
  });

  it(`never stops the reader: noise behind valid headers, flipped bits (seed ${SEED})`, function () {
    this.timeout(60_000);
    const random = new Random(SEED);
    const packed = packedPage(1, plainBlocks(charge(900)), { sequence: 2, offset: 8 });
    const good = area({
      0: settingsPage(1, [{ key: "aaaa", value: "text" }]),
      2: packed,
      3: rawPage(2, [...charge(300, 2), { kind: "clock", time: 5 }, { kind: "boot" }]).page,
      10: securityPage(1, [{ type: 1, time: 5, text: "x" }]),
      12: pageOf(1, ["V1", "L\x02ab\xff" + "\0".repeat(8), "C\x02ab\xff" + "\0".repeat(8) + "ag"]),
      14: pageOf(1, ["\x01".repeat(52)]),
    });
    for (let i = 0; i < (FULL ? 2000 : 80); i++) {
      const raw = Buffer.from(good);
      for (let n = 1 + random.below(20); n > 0; n--) {
        const at = random.pick([0, 2, 2, 3, 3, 10, 12, 14]) * PAGE_BYTES + random.below(random.pick([200, 600, PAGE_BYTES]));
        raw[at] ^= 1 << random.below(8);
      }
      everything(raw);
    }
    for (let i = 0; i < 10; i++) {
      const raw = Buffer.from(Array.from({ length: RAW_BYTES }, () => random.below(random.pick([14, 256]))));
      for (let page = 0; page < RAW_BYTES / PAGE_BYTES; page++)
        raw.set(newPage(1 + random.below(9), 1 + (page % 3)).subarray(0, 8), page * PAGE_BYTES);
      everything(raw);
    }
  });

  it("in a record is told by its check, which is never 255, so an unwritten one is told, too", () => {
    for (let seqNos = 0; seqNos < 600; seqNos++) {
      const record = frameRecord(encodeRecord({ kind: "skip", evse: 0, seqNos }, freshStates()));
      assert.notEqual(record.at(-1), 255);
    }
    const record = frame(Buffer.alloc(239, 0x5a));
    for (let bit = 0; bit < 8 * record.length - 8; bit++) {
      const wrong = Buffer.from(record);
      wrong[bit >> 3] ^= 1 << (bit & 7);
      assert.ok(!isWhole(wrong), `bit ${bit}`);
    }
  });

  it("in the length of a record is found even when the check fits", () => {
    const page = newPage(1);
    page.set(frameRecord(Uint8Array.from([11, 5])), 8);
    assert.match(readJournal(area({ 2: page })).damage[0].what, /1 bytes too many/);
  });
});
