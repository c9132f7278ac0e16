/** Power, resets, power cuts, and what outlives them: flash, hardware. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSlot } from "../../tools/image/slot.ts";
import { blankChip, CHIP_BYTES, RAW_BYTES, SLOTS_AT } from "../../tools/sim/flash.ts";
import { prepareFlash } from "../../tools/sim/image.ts";
import { startStation, UsageError } from "../../tools/sim/sim.ts";
import { chip, code, FACTS, ready } from "../slots/device.ts";
import { closeAll, image, temporaryDirectory, testCsms, testStation, until } from "./fixture.ts";

const CARD = { idToken: "04A1B2C3" };

describe("simulated power", () => {
  afterEach(closeAll);

  it("off: contactor open, hardware stays, inputs act at once, cards are not seen", async () => {
    const station = await testStation();
    await station.post("/evse/1/plug");
    await station.post("/evse/1/ev", { draw: true });
    await station.post("/tap", CARD);
    await station.post("/power", { on: false });
    let state = await station.state();
    assert.equal(state.powered, false);
    assert.equal(state.online, false);
    assert.deepEqual(
      [state.evses[0].plugged, state.evses[0].pilot, state.evses[0].contactor, state.evses[0].amps, state.evses[0].locked],
      [true, "C", false, 0, true],
    );
    assert.equal((await station.post("/tap", CARD)).status, 409);
    assert.equal((await station.post("/evse/1/unplug")).status, 409, "the lock holds without power");
    assert.equal((await station.post("/evse/1/unplug", { force: true })).status, 200);
    assert.equal((await station.post("/evse/1/fault", { code: "GroundFailure" })).status, 200);
    assert.equal((await station.post("/network", { up: false })).status, 200);
    assert.equal((await station.post("/clock", { advance: 10 })).status, 200);
    await station.post("/power", { on: true });
    state = await station.state();
    assert.deepEqual([state.powered, state.evses[0].plugged, state.queue.events], [true, false, 1], "flash was kept");
  });

  it("starts without power when it is told to", async () => {
    const station = await testStation({ startOnPower: false });
    const off = await station.state();
    assert.deepEqual([off.powered, off.evses[0].status, off.time], [false, null, null]);
    await station.post("/evse/1/plug");
    await station.post("/power", { on: true });
    assert.equal((await station.state()).evses[0].status, "Occupied");
  });

  it("a reset by the firmware starts it again at once, cable and car as they were", async () => {
    const csms = await testCsms();
    const station = await testStation({ image: image(undefined, csms.address) });
    await station.post("/evse/1/plug");
    await station.post("/clock", { advance: 2 });
    assert.equal((await station.post("/tap", { idToken: "REBOOT", type: "Local" })).status, 200);
    const state = await station.state();
    assert.deepEqual([state.powered, state.online, state.evses[0].status], [true, false, "Occupied"]);
    await until(() => csms.sockets.size === 0, "the connection went with it");
    await station.post("/clock", { advance: 2 });
    assert.equal((await station.state()).online, true);
  });

  it("cuts the power in the n-th flash operation, whole or torn", async () => {
    for (const torn of [false, true]) {
      const station = await testStation();
      await station.post("/power", { cutAfterFlashOps: 2, torn });
      await station.post("/tap", CARD);
      assert.equal((await station.state()).powered, true);
      await station.post("/tap", CARD);
      assert.equal((await station.state()).powered, false);
      const flash = (await station.get("/flash")).body as Buffer;
      assert.deepEqual([...flash.subarray(0, 8)], [0, 1, 2, 3, ...(torn ? [1, 1] : [255, 255]), 255, 255]);
      await station.post("/power", { on: true });
      assert.equal((await station.state()).queue.events, torn ? 2 : 1);
    }
  });

  it("a cut that is armed while the power is off counts from the firmware's start", async () => {
    const station = await testStation({ startOnPower: false });
    await station.post("/power", { cutAfterFlashOps: 1 });
    await station.post("/power", { on: true });
    await station.post("/tap", CARD);
    assert.equal((await station.state()).powered, false);
  });

  it("switching off disarms a cut", async () => {
    const station = await testStation();
    await station.post("/power", { cutAfterFlashOps: 1 });
    await station.post("/power", { on: false });
    await station.post("/power", { on: true });
    await station.post("/tap", CARD);
    assert.equal((await station.state()).powered, true);
  });

  it("does not restart a firmware for ever that ends before it is ready", async () => {
    const lines: string[] = [];
    const station = await testStation({ image: image("E.reboot()"), print: (line) => lines.push(line), patience: 700 });
    assert.deepEqual(station.notes, ["The firmware has not answered on the link so far."]);
    assert.equal(lines.length, 1);
    assert.match(lines[0], /again and again/);
    assert.equal((await station.post("/evse/1/plug")).status, 504);
  });
});

describe("flash file", () => {
  afterEach(closeAll);

  it("keeps raw area, build and hardware between runs of the simulator", async () => {
    const path = join(temporaryDirectory(), "flash.bin");
    const first = await testStation({ flash: path });
    await first.post("/evse/1/plug");
    await first.post("/evse/1/ev", { draw: true, amps: 8 });
    await first.post("/tap", CARD);
    await first.post("/clock", { advance: 3600 });
    assert.deepEqual(readFileSync(path), (await first.get("/flash")).body, "every operation is in the file");
    await first.close();

    const second = await testStation({ flash: path, image: image("print('another image')"), set: {} });
    const { evses, queue } = await second.state();
    assert.equal(queue.events, 1, "the flash boots what it holds");
    assert.deepEqual([evses[0].plugged, evses[0].pilot, evses[0].meterWh], [true, "C", 1840]);
  });

  it("--reflash replaces the code and keeps the raw area", async () => {
    const path = join(temporaryDirectory(), "flash.bin");
    const first = await testStation({ flash: path });
    await first.post("/tap", CARD);
    await first.close();
    const program = "print('new');" + (await import("./fixture.ts")).FIRMWARE;
    const lines: string[] = [];
    const second = await testStation({ flash: path, reflash: true, image: image(program), print: (line) => lines.push(line) });
    assert.deepEqual(lines, ["new"]);
    assert.equal((await second.state()).queue.events, 1);
  });

  it("--reflash keeps the pages of data behind the slots, and nothing from before there were any", async () => {
    await ready;
    const path = join(temporaryDirectory(), "flash.bin");
    const build = (name: string): Buffer => chip([encodeSlot({ ...code(name), sequence: 1, tries: 4, confirmed: true }), null]);
    const at = SLOTS_AT + 2 * FACTS.slotBytes;
    const reflashed = async (old: Buffer): Promise<Buffer> => {
      writeFileSync(path, old);
      const next = build("b").subarray(RAW_BYTES);
      return (await prepareFlash({ connection: {}, set: {}, image: next, path, reflash: true })).chip;
    };
    const old = build("a");
    old.write("kept", at);
    assert.equal((await reflashed(old)).toString("latin1", at, at + 5), "kept\xff");
    const former = Buffer.from(build("a").toString("latin1").replace("sim,2,", "sim,1,"), "latin1");
    former.write("code", at);
    assert.equal((await reflashed(former)).readInt32LE(at), -1);
  });

  it("is refused when it has another size or holds no image, in one sentence", async () => {
    const path = join(temporaryDirectory(), "flash.bin");
    writeFileSync(path, "short");
    await assert.rejects(
      startStation({ flash: path, image: image() }),
      (error) => error instanceof UsageError && error.message.includes(path),
    );
    writeFileSync(path, Buffer.alloc(CHIP_BYTES));
    await assert.rejects(startStation({ flash: path, image: image() }), /holds no image/);
    await assert.rejects(startStation({ flash: join(path, "x"), image: image() }), UsageError);
    const reflashed = await testStation({ flash: path, reflash: true });
    assert.equal((await reflashed.state()).powered, true);
  });

  it("that is erased is a new one, without old hardware", async () => {
    const path = join(temporaryDirectory(), "flash.bin");
    const first = await testStation({ flash: path });
    await first.post("/evse/1/plug");
    await first.close();
    assert.ok(existsSync(path + ".hardware.json"));
    writeFileSync(path, blankChip());
    const second = await testStation({ flash: path });
    assert.equal((await second.state()).evses[0].plugged, false);
    await second.close();
    writeFileSync(path + ".hardware.json", "{");
    await assert.rejects(
      startStation({ flash: path, image: image() }),
      (error) => error instanceof UsageError && /hardware\.json/.test(error.message),
    );
    rmSync(path + ".hardware.json");
  });
});
