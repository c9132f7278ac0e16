/** The boot file chooses the slot that runs (docs/ARCHITECTURE.md, "Two slots"), on both engines; the tools know the same rule. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { chosenSlot, decodeSlot, encodeSlot, newSlot, startedBuild, type Slot } from "../../tools/image/slot.ts";
import { decodeStorage } from "../../tools/image/storage.ts";
import { buildBootFile } from "../../tools/build/boot-file.ts";
import { PROJECT_ROOT } from "../../tools/build/boards.ts";
import { espruinoBinary } from "../../tools/sim/espruino-engine.ts";
import { MORE } from "../../src/store/map.ts";
import { fromEngineFile, NorFlash, RAW_BYTES, SLOTS_AT, toEngineFile } from "../../tools/sim/flash.ts";
import { NodeEngine } from "../../tools/sim/node-engine/node-engine.ts";
import { noEspruino } from "../sim/fixture.ts";
import { chip, code, FACTS, ready, startInNode } from "./device.ts";

/** Starts the chip once on the real engine, as `startInNode`. */
async function startOnEspruino(bytes: Buffer): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "slots-"));
  const path = join(directory, "espruino.flash");
  writeFileSync(path, toEngineFile(bytes));
  const engine = spawn(espruinoBinary(process.env), [], { cwd: directory, stdio: ["pipe", "pipe", "ignore"] });
  let text = "";
  await new Promise<void>((resolve) => {
    engine.stdin.write('print("END")\n');
    engine.stdout.setEncoding("latin1").on("data", (chunk: string) => {
      text = (text + chunk).replaceAll(/\x1b\[[0-9;]*[A-Za-z]|\r/g, "");
      if (/^END/m.test(text)) engine.kill("SIGKILL");
    });
    engine.once("close", () => resolve());
  });
  fromEngineFile(readFileSync(path)).copy(bytes);
  rmSync(directory, { recursive: true, force: true });
  return text.split("\n").filter((line) => line.startsWith("build ") || line.includes("rror"));
}

const old = encodeSlot({ ...code("a"), sequence: 3, tries: 4, confirmed: true });
const fresh = newSlot(code("b"), 4);

const engines: [name: string, start: (bytes: Buffer) => Promise<string[]>, missing: string | null][] = [
  ["node", startInNode, null],
  ["espruino", startOnEspruino, noEspruino()],
];
for (const [engine, start, missing] of engines) {
  describe(`the boot file [${engine}${missing ? `: ${missing}` : ""}]`, function () {
    this.timeout(20_000);
    before(async function () {
      if (missing) this.skip();
      await ready;
    });

    const cases: [what: string, slots: (Buffer | null)[], line: string | undefined][] = [
      ["the only build", [old, null], "build a 0 of "],
      ["the only build, in the second slot", [null, old], "build a 1 of "],
      ["the newer one of two that are confirmed", [encodeSlot({ ...decodeSlot(fresh)!, confirmed: true }), old], "build b 0 of "],
      ["an update", [old, fresh], "build b 1 of "],
      [
        "the old one when the update's CRC is not written",
        [old, damaged(fresh, (slot) => slot.fill(0xff, 0, 4))],
        "build a 0 of ",
      ],
      [
        "the old one when the update's CRC is half written",
        [old, damaged(fresh, (slot) => slot.fill(0xff, 2, 4))],
        "build a 0 of ",
      ],
      [
        "the old one when a bit of the update is wrong",
        [old, damaged(fresh, (slot) => (slot[slot.length - 1] ^= 1))],
        "build a 0 of ",
      ],
      ["the older one when the newer one has rotted", [damaged(fresh, (slot) => (slot[40] ^= 64)), old], "build a 1 of "],
      [
        "a build that was never confirmed when there is no other",
        [null, encodeSlot({ ...code("c"), sequence: 1, tries: 0, confirmed: false })],
        "build c 1 of ",
      ],
      [
        "nothing of two damaged ones",
        [damaged(fresh, (slot) => (slot[40] ^= 64)), damaged(old, (slot) => (slot[16] ^= 1))],
        undefined,
      ],
      ["nothing of a blank chip", [null, null], undefined],
    ];
    for (const [what, slots, line] of cases) {
      it(`starts ${what}`, async () => {
        const bytes = chip(slots);
        const known = startedBuild(decodeStorage(bytes.subarray(RAW_BYTES)))?.buildId;
        const [printed, ...more] = await start(bytes);
        assert.equal(printed, line);
        assert.deepEqual(more, []);
        assert.equal(known?.[0], line?.[6]);
      });
    }

    it("starts an update four times, then the old build again, and so on", async () => {
      const bytes = chip([old, fresh]);
      for (let tries = 3; tries >= 0; tries--) {
        assert.deepEqual(await start(bytes), ["build b 1 of "]);
        const { tries: left, confirmed } = decodeSlot(bytes.subarray(SLOTS_AT + FACTS.slotBytes))!;
        assert.deepEqual([left, confirmed], [tries, false]);
      }
      for (let i = 0; i < 2; i++) assert.deepEqual(await start(bytes), ["build a 0 of "]);
    });

    it("starts the update when the power failed in the write of a try", async () => {
      const after = chip([old, fresh]);
      await start(after);
      const head = after.subarray(SLOTS_AT + FACTS.slotBytes, SLOTS_AT + FACTS.slotBytes + 32);
      for (let part = 0; part <= 32; part += 4) {
        const bytes = chip([old, fresh]);
        for (let i = 0; i < part; i++) bytes[SLOTS_AT + FACTS.slotBytes + i] &= head[i];
        assert.deepEqual(await start(bytes), ["build b 1 of "], `${part} bytes`);
      }
    });

    it("stays with an update that has confirmed itself, and writes no more", async () => {
      const bytes = chip([old, fresh]);
      await start(bytes);
      bytes[SLOTS_AT + FACTS.slotBytes + 8] = 0;
      const before = Buffer.from(bytes);
      for (let i = 0; i < 6; i++) assert.deepEqual(await start(bytes), ["build b 1 of "]);
      assert.ok(before.equals(bytes));
    });
  });
}

describe("the boot file of a board", () => {
  it("has the addresses of its flash, those of a 4 MB ESP32 when it says nothing else", async () => {
    const [esp32, linux] = [await buildBootFile(PROJECT_ROOT, []), await buildBootFile(PROJECT_ROOT, ["twin", "sim"])];
    assert.deepEqual(esp32?.map, { RAW: 0x310000, SLOTS: 0x321000, SLOT_BYTES: 0x20000 });
    assert.equal(linux?.map.SLOTS, FACTS.slots);
    // Offsets of `src/store/map.ts` count from the raw area, which Storage follows on the chip.
    assert.equal(esp32.map.SLOTS - esp32.map.RAW, SLOTS_AT);
    assert.equal(MORE, SLOTS_AT + 2 * FACTS.slotBytes);
    assert.ok(esp32?.text.includes(String(0x321000)) && !esp32.text.includes(String(FACTS.slots)));
    assert.ok(esp32.bytes.length < 500, `${esp32.bytes.length} bytes`);
  });
});

describe("the trial of an update", () => {
  before(() => ready);

  it("ends with a restart when its time is over, unless the build has been confirmed", async () => {
    for (const confirmed of [false, true]) {
      const bytes = chip([old, fresh], 20);
      let stopped = 0;
      const engine = new NodeEngine(new NorFlash(bytes), () => false, { log: () => undefined, stopped: () => stopped++ });
      await engine.powerOn({ link: 0, relay: 0, seed: 1 });
      if (confirmed) bytes[SLOTS_AT + FACTS.slotBytes + 8] = 0;
      await new Promise((resolve) => setTimeout(resolve, 60));
      await engine.powerOff();
      assert.equal(stopped, confirmed ? 0 : 1);
    }
  });
});

describe("a slot", () => {
  const builds = fc.record({
    buildId: fc.stringMatching(/^[0-9a-f]{6}$/),
    kernel: fc.uint8Array({ maxLength: 50 }),
    slices: fc.uint8Array({ maxLength: 50 }),
    sequence: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    tries: fc.integer({ min: 0, max: 4 }),
    confirmed: fc.boolean(),
  });

  it("is read as it was written, and not at all with a wrong byte behind its marks", () => {
    fc.assert(
      fc.property(builds, fc.nat(), fc.integer({ min: 1, max: 255 }), (slot, place, wrong) => {
        const bytes = encodeSlot(slot);
        assert.deepEqual(decodeSlot(Buffer.concat([bytes, Buffer.alloc(9, 0xff)])), { ...slot });
        bytes[12 + (place % (bytes.length - 12))] ^= wrong;
        assert.equal(decodeSlot(bytes), null);
      }),
    );
  });

  it("is chosen by its number, its tries and its confirmation", () => {
    const slot = (sequence: number, tries: number, confirmed: boolean): Slot => ({ ...code("a"), sequence, tries, confirmed });
    assert.equal(chosenSlot([null, null]), -1);
    assert.equal(chosenSlot([slot(1, 0, false), null]), 0);
    assert.equal(chosenSlot([slot(1, 4, true), slot(2, 1, false)]), 1);
    assert.equal(chosenSlot([slot(1, 0, true), slot(2, 0, false)]), 0);
    assert.equal(chosenSlot([slot(3, 0, false), slot(2, 0, false)]), 0);
  });
});

function damaged(slot: Buffer, damage: (slot: Buffer) => void): Buffer {
  const copy = Buffer.from(slot);
  damage(copy);
  return copy;
}
