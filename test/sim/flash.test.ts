/** The flash chip: NOR rules, layouts, its file. Design: docs of the control interface, flash layout. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  blankChip,
  CHIP_BYTES,
  chipOffset,
  ENGINE_BASE,
  FILES_BYTES,
  fromEngineFile,
  NorFlash,
  PAGE_BYTES,
  RAW_BYTES,
  STORAGE_BYTES,
  toEngineFile,
} from "../../tools/sim/flash.ts";
import { closeAll, closing, temporaryDirectory } from "./fixture.ts";

describe("simulated flash", () => {
  afterEach(closeAll);

  it("is erased when new", () => {
    assert.ok(new NorFlash().bytes.every((byte) => byte === 0xff));
  });

  it("only clears bits when it is written", () => {
    const flash = new NorFlash();
    flash.write(10, Uint8Array.of(0xf0, 0x0f));
    flash.write(10, Uint8Array.of(0x3c, 0xff));
    assert.deepEqual([...flash.read(9, 4)], [0xff, 0x30, 0x0f, 0xff]);
  });

  it("erases the whole page of 4,096 bytes that holds the address, and no other", () => {
    const flash = new NorFlash();
    flash.write(0, new Uint8Array(3 * PAGE_BYTES));
    flash.erasePage(PAGE_BYTES + 100);
    assert.equal(flash.bytes[PAGE_BYTES - 1], 0);
    assert.ok(flash.bytes.subarray(PAGE_BYTES, 2 * PAGE_BYTES).every((byte) => byte === 0xff));
    assert.equal(flash.bytes[2 * PAGE_BYTES], 0);
  });

  it("counts operations on the raw area and none on Storage", () => {
    const flash = new NorFlash();
    flash.write(RAW_BYTES - 1, Uint8Array.of(1));
    flash.erasePage(0);
    flash.write(RAW_BYTES, Uint8Array.of(1));
    flash.erasePage(RAW_BYTES);
    assert.deepEqual(flash.raw, { writes: 1, erases: 1 });
  });

  it("refuses to reach beyond its end", () => {
    assert.throws(() => new NorFlash().write(CHIP_BYTES - 1, Uint8Array.of(1, 2)), RangeError);
    assert.throws(() => new NorFlash().erasePage(CHIP_BYTES), RangeError);
    assert.throws(() => new NorFlash(Buffer.alloc(10)), RangeError);
  });

  it("has every operation in its file at once", () => {
    const path = join(temporaryDirectory(), "flash");
    writeFileSync(path, blankChip());
    const flash = closing(new NorFlash(blankChip(), path));
    flash.write(5, Uint8Array.of(7));
    flash.write(RAW_BYTES, Uint8Array.of(8));
    assert.deepEqual(readFileSync(path), flash.bytes);
    flash.erasePage(5);
    flash.erasePage(RAW_BYTES);
    assert.deepEqual(readFileSync(path), blankChip());
  });

  it("maps the addresses of the Linux engine: Storage first, the raw area behind it", () => {
    assert.equal(chipOffset(ENGINE_BASE, 1), RAW_BYTES);
    assert.equal(chipOffset(ENGINE_BASE + FILES_BYTES, RAW_BYTES), 0);
    assert.equal(chipOffset(ENGINE_BASE - 1, 1), null);
    assert.equal(chipOffset(ENGINE_BASE + STORAGE_BYTES - 1, 2), null);
  });

  it("becomes the engine's file and comes back out of it", () => {
    const chip = blankChip();
    chip[0] = 1;
    chip[RAW_BYTES] = 2;
    const file = toEngineFile(chip);
    assert.equal(file.length, STORAGE_BYTES);
    assert.equal(file[0], 2);
    assert.equal(file[FILES_BYTES], 1);
    assert.deepEqual(fromEngineFile(file), chip);
  });
});
