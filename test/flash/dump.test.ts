/** `npm run flash-dump`: flash files of the simulator, packed blocks as gzip files, bad files. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Payload } from "../../tools/csms/csms.ts";
import { packedPage } from "../../tools/flash/blocks.ts";
import { dump, run } from "../../tools/flash/dump.ts";
import { isEvent, readJournal, rawPage } from "../../tools/flash/journal.ts";
import { pageOf } from "../../tools/flash/keyed.ts";
import { PAGE_BYTES } from "../../tools/flash/pages.ts";
import { readProfiles } from "../../tools/flash/profiles.ts";
import { MODELS, plainBlocks, Random, session } from "../../tools/flash/sessions.ts";
import { readTokens } from "../../tools/flash/tokens.ts";
import { blankChip, CHIP_BYTES, RAW_BYTES } from "../../tools/sim/flash.ts";
import { withBench, type Bench } from "../scenario/harness.ts";

const MAIN = fileURLToPath(new URL("../../tools/flash/dump.ts", import.meta.url));

interface TransactionEvent {
  seqNo: number;
  timestamp: string;
  triggerReason: string;
  transactionInfo: { transactionId: string };
}

describe("flash-dump", function () {
  this.timeout(60_000);
  let directory: string;
  const file = (name: string): string => path.join(directory, name);
  const command = (...args: string[]): { status: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import=tsx", MAIN, ...args], { encoding: "utf8" });
    return { status, out: stdout, err: stderr };
  };

  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), "flash-test-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function charge(bench: Bench): Promise<void> {
    await bench.accepted();
    await bench.post("/evse/1/plug");
    await bench.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
    await bench.settled();
    await bench.post("/evse/1/ev", { draw: true, amps: 16 });
    await bench.advance(125);
    await bench.settled();
  }

  it("lists what a station has kept, with the same times and numbers as it told the CSMS", async () => {
    const flash = file("session.flash");
    let sent: TransactionEvent[] = [];
    const options = { station: { engine: "node" as const, flash, id: "CS-DUMP", seed: 5 } };
    await withBench(options, async (bench) => {
      await charge(bench);
      await bench.post("/network", { up: false });
      await bench.advance(70);
      sent = bench.sent("TransactionEvent") as unknown as TransactionEvent[];
    });
    const text = run([flash]).join("\n");
    assert.match(
      text,
      /^Image: build ([0-9a-f]{6})\n {2}slot 0: build \1, update 1, confirmed, starts next\n {2}slot 1: no build$/m,
    );
    assert.match(text, /^Settings: page \d/m);
    assert.doesNotMatch(text, /damage/);
    const { transactionId } = sent[0].transactionInfo;
    assert.ok(text.includes(`Transaction ${transactionId} on EVSE 1, token 04A1B2C3 (ISO14443)\n`));
    for (const { seqNo, timestamp, triggerReason } of sent) {
      const line = text.split("\n").find((one) => one.includes(` seqNo ${seqNo} `));
      assert.ok(line, `seqNo ${seqNo}`);
      assert.ok(
        line.includes(timestamp.replace(/\.\d+Z/, "Z")) && line.includes(triggerReason),
        `${line} is not ${timestamp} ${triggerReason}`,
      );
      assert.match(line, /; confirmed; page \d, \d+ bytes$/);
    }
    const waiting = text.split("\n").filter((line) => line.includes("; not confirmed; "));
    assert.equal(waiting.length, 1);
    assert.match(waiting[0], new RegExp(`seqNo ${sent.length} .*MeterValuePeriodic, \\d+ Wh, 3680 W, 16.00 A`));
    assert.ok(text.includes(`Queue: 1 event; the next is seqNo ${sent.length} of transaction ${transactionId} on EVSE 1`));
  });

  it("names settings, and shows no password", async () => {
    const flash = file("settings.flash");
    await withBench({ station: { engine: "node", flash } }, async (bench) => {
      await bench.accepted();
      const set = (component: string, variable: string, attributeValue: string): Promise<unknown> =>
        bench.csms.call("CS001", "SetVariables", {
          setVariableData: [{ component: { name: component }, variable: { name: variable }, attributeValue }],
        });
      await set("SampledDataCtrlr", "TxUpdatedInterval", "900");
      await set("SecurityCtrlr", "BasicAuthPassword", "a-secret-of-16-characters");
    });
    const text = run([flash]).join("\n");
    assert.match(text, /^ {2}SampledDataCtrlr\.TxUpdatedInterval = 900 {2}\(default 60\)$/m);
    assert.match(text, /^ {2}SecurityCtrlr\.BasicAuthPassword = \(25 characters, write-only\)$/m);
    assert.doesNotMatch(text, /secret/);
  });

  /** A flash file of a station that has a list, a cache and two charging profiles, one of its transaction; the id of that. */
  async function knowing(flash: string): Promise<string> {
    let id = "";
    const set = { "AuthCacheCtrlr.Enabled": "true" };
    await withBench({ station: { engine: "node", flash, evses: 2, set } }, async (bench) => {
      const command = async (action: string, payload: Payload): Promise<void> => {
        const { status, statusInfo } = await bench.csms.call("CS001", action, payload);
        assert.equal(status, "Accepted", JSON.stringify(statusInfo));
      };
      await bench.accepted();
      const group = { idToken: "Fleet", type: "Central" };
      const entry = (idToken: string, type: string, idTokenInfo: Payload): Payload => ({
        idToken: { idToken, type },
        idTokenInfo,
      });
      await command("SendLocalList", {
        versionNumber: 7,
        updateType: "Full",
        localAuthorizationList: [
          entry("DE-8AA-CA2B3C-D4", "eMAID", { status: "Accepted", groupIdToken: group, evseId: [2] }),
          entry("0BAD", "ISO15693", { status: "Blocked", cacheExpiryDateTime: "2027-03-01T12:00:00Z" }),
        ],
      });
      await charge(bench);
      id = (await bench.station.state()).evses[0].transactionId!;
      await command("SetChargingProfile", {
        evseId: 0,
        chargingProfile: {
          id: 11,
          stackLevel: 2,
          chargingProfilePurpose: "TxDefaultProfile",
          chargingProfileKind: "Recurring",
          recurrencyKind: "Daily",
          validFrom: "2026-01-01T00:00:00Z",
          validTo: "2106-02-07T06:28:14Z",
          chargingSchedule: [
            {
              id: 5,
              startSchedule: "2026-01-01T06:00:00Z",
              duration: 3600,
              minChargingRate: 1400.5,
              chargingRateUnit: "W",
              chargingSchedulePeriod: [
                { startPeriod: 0, limit: 3680 },
                { startPeriod: 1200, limit: 2300.4, numberPhases: 3 },
              ],
            },
          ],
        },
      });
      await command("SetChargingProfile", {
        evseId: 1,
        chargingProfile: {
          id: 12,
          stackLevel: 0,
          chargingProfilePurpose: "TxProfile",
          chargingProfileKind: "Relative",
          transactionId: id,
          chargingSchedule: [
            { id: 6, chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit: 8, numberPhases: 1 }] },
          ],
        },
      });
    });
    return id;
  }

  it("tells the tokens of list and cache, and the charging profiles", async () => {
    const flash = file("knowing.flash");
    const id = await knowing(flash);
    const text = run([flash]);
    assert.doesNotMatch(text.join("\n"), /damage/);
    const tokens = text.slice(text.findIndex((line) => line.startsWith("Tokens: ")));
    assert.match(tokens[0], /^Tokens: page 13, number 2, 4 records, \d+ bytes$/);
    assert.deepEqual(tokens.slice(1, 5), [
      "  local authorization list: version 7, 2 tokens",
      "    de-8aa-ca2b3c-d4 (eMAID): accepted at EVSE 2; group Fleet (Central)",
      "    0bad (ISO15693): not accepted; until 2027-03-01T12:00:00Z",
      "  authorization cache: 1 token",
    ]);
    assert.match(tokens[5], /^ {4}04a1b2c3 \(ISO14443\): accepted; last used \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(tokens[7], /^Charging profiles: page 14, number 1, 2 records, \d+ bytes$/);
    assert.deepEqual(tokens.slice(8), [
      "  profile 11: TxDefaultProfile, Daily, the station, stackLevel 2, valid from 2026-01-01T00:00:00Z, valid to 2106-02-07T06:28:14Z",
      "    schedule 5, begins 2026-01-01T06:00:00Z, 3600 s long, at least 1400.5 W: 0 s: 3680 W; 1200 s: 2300.4 W, 3 phases",
      `  profile 12: TxProfile, Relative, EVSE 1, stackLevel 0, transaction ${id}`,
      "    schedule 6: 0 s: 8 A, 1 phase",
    ]);
  });

  it("tells damage among tokens and charging profiles, and what is whole besides", async () => {
    const flash = file("harmed.flash");
    await knowing(flash);
    const chip = readFileSync(flash);
    const token = chip.indexOf("a04a1b2c3");
    const second = chip.indexOf(Buffer.from([12, 0, 0, 0]), 14 * PAGE_BYTES);
    chip[token + 3] ^= 1;
    chip.writeUInt16LE(5000, second - 4);
    const [tokens, profiles] = [readTokens(chip.subarray(0, RAW_BYTES)), readProfiles(chip.subarray(0, RAW_BYTES))];
    assert.deepEqual([tokens.list.length, tokens.cache.length, profiles.profiles.map((profile) => profile.id)], [2, 0, [11]]);
    const at = (offset: number): string => `0x${offset.toString(16)} (page ${offset >> 12})`;
    const damage = dump(chip).filter((line) => line.includes("damage"));
    assert.deepEqual(damage, [
      `  damage at ${at(token - 6)}: a token with a wrong check is passed over`,
      `  damage at ${at(second - 4)}: a charging profile of 5000 bytes is none; the rest of the page is not read`,
    ]);
  });

  it("passes over records of tokens and charging profiles that make no sense", () => {
    const chip = blankChip();
    chip.set(pageOf(1, ["X", "Vx", "L\0", "C\u0002ab", "V3"]), 12 * PAGE_BYTES);
    chip.set(pageOf(1, ["\x01\0\0", "\0".repeat(44)]), 15 * PAGE_BYTES);
    const text = dump(chip).join("\n");
    assert.equal(text.match(/damage at 0xc\w+ \(page 12\): a token of \d bytes that makes no sense is passed over/g)?.length, 4);
    assert.equal(text.match(/damage at 0xf\w+ \(page 15\): a charging profile of \d+ bytes that makes no sense/g)?.length, 2);
    assert.match(text, /^Tokens: page 12, number 1, 1 record, \d+ bytes\n {2}local authorization list: version 3, 0 tokens$/m);
    assert.match(text, /^Charging profiles: page 15, number 1, 0 records, \d+ bytes$/m);
    const none = dump(blankChip());
    assert.ok(none.includes("Tokens: none were ever kept") && none.includes("Charging profiles: none were ever kept"));
  });

  it("reads what the station packs while it is offline", async function () {
    this.timeout(180_000);
    const flash = file("offline.flash");
    const station = { engine: "node" as const, flash, set: { "SampledDataCtrlr.TxUpdatedInterval": "2" } };
    await withBench({ station }, async (bench) => {
      await charge(bench);
      await bench.post("/network", { up: false });
      for (let minute = 0; minute < 50; minute++) await bench.advance(60);
    });
    const journal = readJournal(readFileSync(flash).subarray(0, RAW_BYTES));
    assert.deepEqual(journal.damage, []);
    assert.ok(journal.blocks.length > 0, run([flash]).slice(0, 12).join("\n"));
    const waiting = journal.entries.filter(({ record, queued, confirmed }) => isEvent(record) && queued && !confirmed);
    const last = waiting.at(-1)!;
    assert.deepEqual(
      waiting.map(({ seqNo }) => seqNo),
      waiting.map((_, index) => last.seqNo! - waiting.length + 1 + index),
    );
    const samples = waiting.filter(({ record }) => record.kind === "sample");
    assert.ok(samples.length > 1400 && samples.slice(1).every(({ time }, index) => time! - samples[index].time! === 2));
    assert.ok(run([flash, "--block", "1"]).length > 100);
    const out = file("offline.gz");
    run([flash, "--block", "1", "--gzip", out]);
    assert.deepEqual(spawnSync("gunzip", ["--stdout", out]).stdout, journal.blocks[0].bytes);
  });

  /** A flash file with two packed pages and a raw one. */
  function packedFile(name: string): string {
    const records = session(MODELS["cloudy solar"], new Random(3), { events: 700, interval: 60, evse: 0 });
    const chip = blankChip();
    chip.set(
      packedPage(1, plainBlocks(records), { sequence: 2, offset: 8 }, (event) => event < 500),
      2 * PAGE_BYTES,
    );
    const next = session(MODELS["steady, 3 phases"], new Random(4), { events: 50, interval: 60, evse: 1 });
    chip.set(rawPage(2, next).page, 3 * PAGE_BYTES);
    writeFileSync(file(name), chip);
    return file(name);
  }

  it("writes blocks that the gunzip program opens", function () {
    if (spawnSync("gunzip", ["--version"]).error) this.skip();
    const flash = packedFile("packed.flash");
    const { blocks } = readJournal(readFileSync(flash).subarray(0, RAW_BYTES));
    assert.ok(blocks.length >= 3);
    blocks.forEach(({ bytes }, index) => {
      const out = file(`block${index + 1}.gz`);
      assert.deepEqual(run([flash, "--block", String(index + 1), "--gzip", out]), [
        `${out}: block ${index + 1}, ${bytes.length} bytes in ${readFileSync(out).length}; gunzip opens it.`,
      ]);
      const gunzip = spawnSync("gunzip", ["--stdout", out]);
      assert.equal(gunzip.status, 0, String(gunzip.stderr));
      assert.deepEqual(gunzip.stdout, bytes);
      assert.equal(spawnSync("gunzip", ["--test", out]).status, 0);
    });
  });

  it("lists packed events and the events of one block", () => {
    const flash = packedFile("words.flash");
    const text = run([flash]).join("\n");
    assert.match(text, /^Image: none; without its variable table, settings are listed by their keys$/m);
    assert.match(text, /^Journal: 2 pages, 750 events, 250 of them not confirmed \(the queue\)$/m);
    assert.match(text, /^ {2}block 1, page 2: \d+ events, \d+ bytes packed in \d+, [34]\.\d\d an event$/m);
    assert.match(text, / seqNo 0 {2}begins, .*; confirmed; page 2, block 1, [34]\.\d bytes$/m);
    assert.match(text, / seqNo 699 {2}ends \(.*; not confirmed; page 2, block \d, [34]\.\d bytes$/m);
    const block = run([flash, "--block", "2"]);
    assert.match(block[0], new RegExp(`^Block 2: ${block.length - 1} events, `));
    assert.ok(text.includes(block[1]));
  });

  it("reports damage where it is and goes on", () => {
    const flash = packedFile("damaged.flash");
    const chip = readFileSync(flash);
    chip[3 * PAGE_BYTES + 100] ^= 8;
    chip[4 * PAGE_BYTES] = 0;
    chip[RAW_BYTES] = 5;
    writeFileSync(flash, chip);
    const { status, out, err } = command(flash);
    assert.deepEqual([status, err], [0, ""]);
    assert.match(
      out,
      /^Image: damaged \(The Storage record at byte 0 announces 16776965 bytes, but only \d+ follow\); settings are listed by their keys$/m,
    );
    assert.match(out, /^ {2}damage at 0x4000 \(page 4\): a page without a valid header; its content counts for nothing$/m);
    assert.match(out, /^ {2}damage at 0x30[0-9a-f]{2} \(page 3\): .*; the rest of the page is not read$/m);
    assert.match(out, / seqNo 699 {2}ends /);
  });

  it("survives flash full of zeros, ones and noise", () => {
    const random = new Random(1);
    for (const byte of [() => 0, () => 255, () => random.below(256)])
      assert.match(dump(Uint8Array.from({ length: CHIP_BYTES }, byte)).join("\n"), /Queue: empty/);
  });

  it("says in one sentence what is wrong, with status 2", () => {
    writeFileSync(file("short.flash"), "x");
    const flash = packedFile("good.flash");
    const cases: [args: string[], error: string][] = [
      [[], "missing required argument 'file'"],
      [[file("none.flash")], `${file("none.flash")}: the file cannot be read.`],
      [[directory], `${directory}: the file cannot be read.`],
      [[file("short.flash")], `${file("short.flash")} has 1 bytes; a flash file has 983040.`],
      [[flash, "--gzip", file("x.gz")], "--gzip needs the number of a block in --block."],
      [[flash, "--block", "0"], "option '--block <n>' argument '0' is invalid. It is a whole number from 1."],
      [[flash, "--block", "99"], "--block 99: the journal has 4 packed blocks that can be read."],
      [[flash, "--block", "1", "--gzip", directory], `--gzip ${directory}: the file cannot be written.`],
      [[flash, "--other"], "unknown option '--other'"],
      [[flash, flash], "too many arguments. Expected 1 argument but got 2."],
    ];
    for (const [args, error] of cases) {
      // A process of its own for two of them: the others take the same way.
      if (args.length === 0 || args[0] === file("short.flash"))
        assert.deepEqual(command(...args), { status: 2, out: "", err: error + "\n" });
      else
        assert.throws(
          () => run(args),
          (thrown: Error) => thrown.message.replace(/^error: /, "").startsWith(error),
        );
    }
    assert.ok(!existsSync(file("x.gz")));
  });
});
