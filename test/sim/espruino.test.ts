/** The same station on the real engine. Wants a binary in ESPRUINO or on PATH. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startStation } from "../../tools/sim/sim.ts";
import { flashFile, startCommand } from "./command-line.ts";
import { closeAll, image, noEspruino, temporaryDirectory, testCsms, testStation, tlsCsms, until } from "./fixture.ts";

const missing = noEspruino();
const CARD = { idToken: "04A1B2C3" };

describe(`[espruino${missing ? `: ${missing}` : ""}] simulator`, function () {
  this.timeout(10_000);
  before(function () {
    if (missing) this.skip();
  });
  afterEach(closeAll);

  it("charges, counts memory, and goes on and off the network as in Node", async () => {
    const csms = await testCsms();
    const station = await testStation({ engine: "espruino", image: image(undefined, csms.address) });
    await station.post("/evse/1/plug");
    await station.post("/evse/1/ev", { draw: true });
    await station.post("/tap", CARD);
    await station.post("/clock", { advance: 20 });
    const state = await station.state();
    assert.deepEqual([state.online, state.evses[0].contactor, state.evses[0].meterWh], [true, true, 12]);
    assert.ok(state.memory!.used > 50 && state.memory!.total >= 100);
    assert.equal(csms.texts.length, 2);
    await station.post("/network", { up: false });
    assert.equal((await station.state()).online, false);
    await station.post("/network", { up: true });
    await station.post("/clock", { advance: 2 });
    assert.equal((await station.state()).online, true);
  });

  it("goes online over TLS", async function () {
    // The engine's TLS takes about 2,900 variables.
    if (Number(process.env.JSVARS ?? 5000) < 4000) this.skip();
    const csms = await tlsCsms();
    const station = await testStation({ engine: "espruino", image: image(undefined, csms) });
    await station.post("/clock", { advance: 2 });
    await until(async () => (await station.state()).online, "online over TLS");
    await station.post("/network", { drop: true });
    assert.equal((await station.state()).online, false);
  });

  it("is reset by the firmware, cut in a flash operation and switched off", async () => {
    const station = await testStation({ engine: "espruino" });
    await station.post("/power", { cutAfterFlashOps: 2, torn: true });
    await station.post("/tap", CARD);
    await station.post("/tap", { idToken: "REBOOT", type: "Local" });
    assert.deepEqual([(await station.state()).powered, (await station.state()).queue.events], [true, 1]);
    await station.post("/power", { cutAfterFlashOps: 1, torn: true });
    await station.post("/tap", CARD);
    assert.equal((await station.state()).powered, false);
    const flash = (await station.get("/flash")).body as Buffer;
    assert.deepEqual([...flash.subarray(0, 8)], [0, 1, 2, 3, 1, 1, 255, 255]);
    await station.post("/power", { on: true });
    assert.equal((await station.state()).queue.events, 2);
    await station.post("/power", { on: false });
    assert.equal((await station.post("/tap", CARD)).status, 409);
  });

  it("keeps its flash in the file, and starts again when the engine is killed", async () => {
    const path = join(temporaryDirectory(), "flash.bin");
    const first = await startStation({ engine: "espruino", image: image(), timeScale: 0, flash: path });
    await first.post("/tap", CARD);
    process.kill(Number(readFileSync(join(path + ".engine", "pid"), "utf8")), "SIGKILL");
    await until(async () => (await first.state()).queue.events === 1, "started again");
    await first.post("/tap", CARD);
    await first.close();
    assert.equal(existsSync(path + ".engine"), false);
    assert.deepEqual([...readFileSync(path).subarray(0, 9)], [0, 1, 2, 3, 1, 1, 2, 3, 255]);
    const second = await testStation({ flash: path });
    assert.equal((await second.state()).queue.events, 2, "the other engine boots the same file");
  });

  it("ends with the simulator, and loses nothing when that is killed", async () => {
    const path = flashFile();
    const { exited, kill, controlled } = startCommand([
      "--csms",
      "ws://127.0.0.1:1",
      "--engine",
      "espruino",
      "--port",
      "0",
      "--flash",
      path,
    ]);
    const url = await controlled();
    const engine = Number(readFileSync(join(path + ".engine", "pid"), "utf8"));
    await fetch(url + "/tap", { method: "POST", body: '{"idToken":"AA"}' });
    kill("SIGKILL");
    await exited;
    await until(() => !existsSync(`/proc/${engine}`), "the engine is gone");
    const station = await testStation({ flash: path });
    assert.equal((await station.state()).queue.events, 1);
    assert.equal(existsSync(path + ".engine"), false);
  });
});
