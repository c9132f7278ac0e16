/** Flash contents that are none: the station starts, says what it found, and works. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newPage, PACKED, PLAIN } from "../../tools/flash/pages.ts";
import { readSecurityLog, SECURITY_EVENTS } from "../../tools/flash/security-log.ts";
import { Random } from "../../tools/flash/sessions.ts";
import { freshChip, session } from "../../tools/powercut/day.ts";
import { World } from "../../tools/powercut/world.ts";
import { startStation, UsageError } from "../../tools/sim/sim.ts";
import { FULL, heard, SAMPLED, SEED } from "./station.ts";

const PAGE = 4096;

/** The settings and the pages of the journal are damaged, and it is told. */
const ALL = /^/;

function works(world: World, about: string): void {
  assert.deepEqual(world.faults, [], about);
  assert.equal(world.state()?.registration, "Accepted", about);
  const from = heard(world).length;
  session(world, 1, "AB12CD34", 4);
  world.tick(3);
  const came = heard(world).slice(from);
  const [id] = came.slice(-1).map((event) => event.id);
  const own = came.filter((event) => event.id === id);
  assert.deepEqual(
    [own[0].type, own[0].token, own.at(-1)!.type, own.at(-1)!.stopped],
    ["Started", "AB12CD34", "Ended", "Local"],
    about,
  );
  assert.deepEqual(world.csms.faults, [], about);
}

describe("flash contents that are none [node]", () => {
  const random = new Random(SEED);
  const noise = (raw: Buffer, from = 0, to = raw.length): void => {
    for (let i = from; i < to; i++) raw[i] = random.below(256);
  };
  const contents: [string, RegExp | null, (raw: Buffer) => void][] = [
    ["zeros", ALL, (raw) => raw.fill(0)],
    ["ones", null, (raw) => raw.fill(0xff)],
    [`noise, seed ${SEED}`, ALL, (raw) => noise(raw)],
    [
      "noise behind valid headers",
      /^StorageDamaged: journal page at \d+$/,
      (raw) => {
        noise(raw);
        for (let page = 0; page < 16; page++) newPage(page + 1, page % 2 === 0 ? PLAIN : PACKED).copy(raw, page * PAGE, 0, 8);
      },
    ],
    ["the pages of another build's layout: texts", ALL, (raw) => raw.fill('{"evse":1,"status":"Available"}\n')],
    [
      "all pages with the same sequence number",
      null,
      (raw) => {
        for (let page = 0; page < 16; page++) newPage(7).copy(raw, page * PAGE);
      },
    ],
    [
      "the highest sequence number",
      null,
      (raw) => {
        for (let page = 2; page < 10; page++) newPage(0xffff_fffe).copy(raw, page * PAGE);
      },
    ],
  ];
  for (const [name, finds, fill] of contents) {
    it(`a raw area full of ${name}: starts, says what it found, and works`, async function () {
      this.timeout(20_000);
      const chip = await freshChip(SAMPLED, 1);
      fill(chip.subarray(0, 65_536));
      const world = new World({ chip, seed: 4 });
      world.powerOn();
      world.tick(8);
      const found = world.log.filter((line) => line.startsWith("StorageDamaged"));
      if (finds === ALL) {
        const pages = [2, 3, 4, 5, 6, 7, 8, 9].map((page) => `StorageDamaged: journal page at ${page * PAGE}`);
        // A page of noise may begin like a blank one.
        assert.deepEqual(found, [
          "StorageDamaged: settings",
          ...pages.filter((line) => found.includes(line)),
          "StorageDamaged: page 14",
        ]);
        assert.ok(found.length > 7, found.join());
        const kept = readSecurityLog(world.raw).events.filter(({ type }) => SECURITY_EVENTS[type] === "StorageDamaged");
        assert.equal(kept.length, found.length, "in the security log too");
      } else if (finds) assert.ok(found.length > 0 && found.every((line) => finds.test(line)), found.join());
      else assert.deepEqual(found, []);
      works(world, name);
      world.powerOff();
      world.powerOn();
      world.tick(3);
      if (finds === ALL) {
        // The tokens' pages are looked at when the first card comes.
        const all = world.log.filter((line) => line.startsWith("StorageDamaged"));
        assert.deepEqual(all, [...found, "StorageDamaged: page 12"], "told once");
      }
      works(world, `${name}, after another boot`);
    });
  }

  it("a flash file of the wrong size is refused in one sentence; one of zeros or of another build too, unless --reflash", async function () {
    this.timeout(20_000);
    const directory = mkdtempSync(join(tmpdir(), "flash-"));
    try {
      const path = join(directory, "flash.bin");
      const refusal = async (bytes: Buffer): Promise<string> => {
        writeFileSync(path, bytes);
        try {
          await (await startStation({ flash: path, timeScale: 0, startOnPower: false })).close();
        } catch (error) {
          assert.ok(error instanceof UsageError, String(error));
          return error.message;
        }
        return "";
      };
      assert.match(await refusal(Buffer.alloc(1000)), /1000 bytes/);
      assert.match(await refusal(Buffer.alloc(983_040)), /holds no image/);
      writeFileSync(path, Buffer.alloc(983_040));
      const station = await startStation({ flash: path, reflash: true, timeScale: 0 });
      assert.equal((await station.state()).powered, true);
      await station.close();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe("malformed records and blocks [node]", () => {
  const inputs = FULL ? 100_000 : 3000;
  it(`${inputs} malformed inputs (seed ${SEED}): no exception, no endless loop, the station works`, async function () {
    this.timeout(FULL ? 900_000 : 60_000);
    const { fuzzPage } = await import("./fuzz.ts");
    const chip = await freshChip(SAMPLED, 2);
    const random = new Random(SEED);
    let count = 0;
    let longest = 0;
    let unreadable = 0;
    while (count < inputs) {
      const from = Buffer.from(chip);
      for (let page = 2; page < 10; page++) count += fuzzPage(from.subarray(page * PAGE, (page + 1) * PAGE), page, random);
      const picture = Buffer.from(from);
      const world = new World({ chip: from, evses: 2, seed: count });
      const begun = performance.now();
      world.powerOn();
      for (let second = 0; second < 60; second++) {
        world.tick();
        const state = world.state();
        if (state?.online && state.queue.events === 0) break;
      }
      longest = Math.max(longest, performance.now() - begun);
      unreadable += world.csms.faults.length;
      world.csms.faults.length = 0;
      if (world.faults.length > 0) {
        writeFileSync(join(tmpdir(), "malformed-flash.bin"), picture);
        assert.fail(
          `${world.faults[0]} (seed ${SEED}, input ${count}; the flash is in malformed-flash.bin of the temporary directory)`,
        );
      }
      // An end that found no room is recorded now; until then its EVSE begins nothing.
      world.tick(3);
      if (count % 10 < 3) works(world, `seed ${SEED}, input ${count}`);
    }
    console.log(
      `      ${count} inputs, longest boot and delivery ${longest.toFixed(0)} ms, ${unreadable} frames that are no JSON`,
    );
  });
});
