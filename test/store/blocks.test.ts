/** The journal and its packed pages as the firmware writes them: opened by gunzip, read by the reference decoder, weighed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { isEvent, readJournal } from "../../tools/flash/journal.ts";
import { Random, type ModelName } from "../../tools/flash/sessions.ts";
import { putsEvent } from "../../tools/powercut/day.ts";
import { charge, deliver, heard, open } from "./station.ts";

const EVENTS = 200;
const SESSIONS = 8;
const JOURNAL_LIMIT = 8;
const BLOCK_LIMIT = 5;
/** OpenOCPP keeps so many bytes of a message of the same content. */
const OPEN_OCPP = 51.6;
const PAGE = 4096;

describe("journal and packed blocks of the firmware [node]", () => {
  const models: ModelName[] = ["steady, 1 phase", "cloudy solar", "16 A with pauses", "noisy, 3 phases"];
  for (const model of models) {
    it(`${model}: at most ${JOURNAL_LIMIT} B an event in the journal, ${BLOCK_LIMIT} B in a block; gunzip opens them; all is delivered`, async function () {
      this.timeout(60_000);
      const world = await open();
      world.powerOn();
      world.tick(2);
      world.setNetwork(false);
      world.flash.diary = [];
      const random = new Random(5);
      for (let n = 0; n < SESSIONS; n++) charge(world, model, random, EVENTS, `0A1B2C${10 + n}`);
      world.tick(300);
      const written = world.flash.diary;
      const events = written.filter((operation) => putsEvent(operation));
      const journalBytes = events.reduce((total, { bytes }) => total + bytes!.length, 0);
      // Contexts and headers of the pages that the records fill count with them.
      const contexts = written.filter(
        ({ at, bytes }) => at >= 8192 && at < 40_960 && bytes && bytes[0] === bytes.length - 1 && (bytes[1] & 63) === 9,
      );
      const overhead = contexts.reduce((total, { bytes }) => total + bytes!.length + 8, 0);
      const perEvent = (journalBytes + overhead) / events.length;

      const journal = readJournal(world.raw);
      assert.deepEqual(journal.damage, []);
      assert.ok(journal.blocks.length > 5, `${journal.blocks.length} blocks`);
      let packed = 0;
      let packedBytes = 0;
      for (const { gzip, bytes, size, events: count } of journal.blocks) {
        assert.deepEqual(gunzipSync(gzip), bytes);
        packed += count;
        packedBytes += size;
      }
      const unpacked = spawnSync("gunzip", ["-c"], { input: journal.blocks[0].gzip });
      if (unpacked.error === undefined) assert.deepEqual(unpacked.stdout, journal.blocks[0].bytes, String(unpacked.stderr));
      const pages = new Set(journal.blocks.map(({ at }) => Math.floor(at / PAGE))).size;
      const perPacked = packedBytes / packed;
      const withHeads = (packedBytes + pages * 144) / packed;

      deliver(world);
      const came = heard(world);
      assert.equal(came.length, events.length, "every event is delivered once");
      const frames = came.reduce((total, { content }) => total + content.length, 0) / came.length;
      console.log(
        `      ${model}: ${perEvent.toFixed(2)} B an event in the journal, ${perPacked.toFixed(2)} B in a block ` +
          `(${withHeads.toFixed(2)} B with the heads of the pages), frames of ${frames.toFixed(0)} B, OpenOCPP ${OPEN_OCPP} B`,
      );
      assert.ok(perEvent <= JOURNAL_LIMIT, `${perEvent} B an event in the journal`);
      assert.ok(perPacked <= BLOCK_LIMIT, `${perPacked} B an event in a block`);
      const listed = journal.entries.filter((entry) => isEvent(entry.record) && entry.queued && !entry.confirmed);
      assert.deepEqual(
        came.map(({ name }) => name),
        listed.map(({ id, seqNo }) => `${id}#${seqNo}`),
        "as the reference decoder lists them",
      );
      assert.deepEqual([...world.faults, ...world.csms.faults], []);
    });
  }
});
