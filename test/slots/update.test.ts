/**
 * `npm run flash` on a running engine, over TCP: a build is put into the other slot, started, and kept or left again; and the power is cut anywhere in between.
 * What was set and what is queued stays.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { startCsms, type Csms } from "../../tools/csms/csms.ts";
import { DeviceConsole, Silence } from "../../tools/device/console.ts";
import { meet } from "../../tools/device/device.ts";
import { checked, settingsOf, tableOf, writeSettings } from "../../tools/device/settings.ts";
import { confirmSlot, restart, writeUpdate } from "../../tools/device/update.ts";
import { PROJECT_ROOT } from "../../tools/build/boards.ts";
import { chosenSlot, slotsOf, type Code } from "../../tools/image/slot.ts";
import { decodeStorage } from "../../tools/image/storage.ts";
import { parseTable } from "../../tools/image/variables.ts";
import { readSettings } from "../../tools/flash/settings.ts";
import { espruinoBinary } from "../../tools/sim/espruino-engine.ts";
import { FILES_BYTES, RAW_BYTES } from "../../tools/sim/flash.ts";
import { startStation, type Station } from "../../tools/sim/sim.ts";
import { noEspruino } from "../sim/fixture.ts";
import { Bridge, consoleIsFree } from "./bridge.ts";

const FULL = process.env.FULL === "1";
const CUTS = FULL ? 60 : 6;
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 100_000));
const OTHER = "abcdef";

const missing = noEspruino();

/** The same build with another id: all its code and texts that name the id are others. */
function other(code: Code): Code {
  const renamed = (bytes: Uint8Array): Uint8Array =>
    Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll(code.buildId, OTHER), "latin1");
  return { buildId: OTHER, kernel: renamed(code.kernel), slices: renamed(code.slices) };
}

function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe(`an update of a running engine [espruino${missing ? `: ${missing}` : ""}]`, function () {
  this.timeout(FULL ? 1_800_000 : 240_000);
  let bridge: Bridge;
  let station: Station;
  let csms: Csms;
  /** The build that the station came with, and the other. */
  let builds: Record<string, Code>;
  const engine = process.env.ESPRUINO;

  before(async function () {
    if (missing) this.skip();
    assert.ok(await consoleIsFree(), "port 2323 is the console of another engine");
    bridge = await Bridge.open(espruinoBinary(process.env));
    process.env.ESPRUINO = bridge.launcher;
    csms = await startCsms({ protocols: ["ocpp2.0.1"] });
    const set = { "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true" };
    station = await startStation({ engine: "espruino", csms: csms.url, set, seed: SEED });
    const { slots } = await flashed();
    builds = { [slots[0]!.buildId]: slots[0]!, [OTHER]: other(slots[0]!) };
  });

  after(async () => {
    if (engine === undefined) delete process.env.ESPRUINO;
    else process.env.ESPRUINO = engine;
    await station?.close();
    await csms?.close();
    bridge?.close();
  });

  async function flashed() {
    const chip = (await station.get("/flash")).body as Buffer;
    const found = slotsOf(decodeStorage(chip.subarray(RAW_BYTES, RAW_BYTES + FILES_BYTES)))!;
    return { ...found, raw: chip.subarray(0, RAW_BYTES) };
  }

  async function onConsole<T>(work: (console: DeviceConsole) => Promise<T>): Promise<T> {
    const console = await DeviceConsole.open(bridge.name);
    try {
      return await work(console);
    } finally {
      console.close();
    }
  }

  /** The build that the firmware says it is, once it answers. */
  async function running(): Promise<string> {
    const { running, slots } = await onConsole(meet);
    return slots[running].buildId;
  }

  async function until(what: string, condition: () => Promise<boolean>, ms = 30_000): Promise<void> {
    for (const late = Date.now() + ms; !(await condition()); await sleep(50))
      if (Date.now() > late) throw new Error(`not within ${ms} ms: ${what}`);
  }

  async function run(...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, ["--import=tsx", "tools/device/flash.ts", "--port", bridge.name, ...args], {
      cwd: PROJECT_ROOT,
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    const status = await new Promise<number | null>((resolve) => child.once("exit", resolve));
    return { status, out, err };
  }

  /** A session without a connection; answers how many events wait then. */
  async function chargeOffline(): Promise<number> {
    await station.post("/network", { up: false });
    await station.post("/evse/1/plug");
    await station.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
    await station.post("/evse/1/ev", { draw: true, amps: 16 });
    await until("charging", async () => (await station.state()).evses[0].contactor);
    await sleep(2_000);
    await station.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
    await until("ended", async () => (await station.state()).evses[0].transactionId === null);
    await station.post("/evse/1/unplug");
    const { events } = (await station.state()).queue;
    assert.ok(events >= 3, `${events} events`);
    return events;
  }

  it("keeps settings and queue, and is confirmed by the CSMS's acceptance", async () => {
    await until("registered", async () => (await station.state()).registration === "Accepted");
    // What only the table of the first build said has to be in the settings.
    await onConsole(async (console) => {
      const device = await meet(console);
      const table = await tableOf(device);
      const values = checked(table, [
        { name: "NetworkConfiguration.OcppCsmsUrl[1]", value: csms.url },
        { name: "Board.MaxCurrent", value: "25" },
      ]);
      // The first is what this build's table says already, so it is written as a record by hand.
      const entries = parseTable(table).map((entry) => (entry.variable === "OcppCsmsUrl" ? { ...entry, default: "" } : entry));
      await writeSettings(device, entries, values);
    });
    await until("registered again", async () => (await station.state()).registration === "Accepted");
    const events = await chargeOffline();

    await onConsole(async (console) => {
      await writeUpdate(await meet(console), builds[OTHER], () => undefined);
      await restart(console);
    });
    await until("the new build", async () => (await running().catch(() => "")) === OTHER);
    const trial = (await flashed()).slots[1]!;
    assert.deepEqual([trial.buildId, trial.confirmed, trial.tries], [OTHER, false, 3]);
    assert.equal((await station.state()).queue.events, events);
    await station.post("/network", { up: true });
    await until("delivered", async () => (await station.state()).queue.events === 0, 90_000);
    assert.equal((await flashed()).slots[1]!.confirmed, true);
    const { raw } = await flashed();
    const values = readSettings(raw, parseTable(await onConsole(async (console) => tableOf(await meet(console))))).settings;
    assert.equal(values.find(({ variable }) => variable?.variable === "MaxCurrent")?.value, "25");
  });

  it("is left again after four starts in which no CSMS has accepted it", async () => {
    await station.post("/network", { up: false });
    const [back] = Object.keys(builds).filter((id) => id !== OTHER);
    await onConsole(async (console) => {
      await writeUpdate(await meet(console), builds[back], () => undefined);
      await restart(console);
    });
    await until("the new build", async () => (await running().catch(() => "")) === back);
    for (let start = 2; start <= 5; start++) {
      await station.post("/power", { on: false });
      bridge.cut();
      await station.post("/power", { on: true });
      assert.equal(await running(), start <= 4 ? back : OTHER, `start ${start}`);
    }
  });

  it(`leaves the old build or the new one, whenever the power is cut: ${CUTS} moments${FULL ? "" : " (60 with FULL=1)"} (seed ${SEED})`, async () => {
    const dice = random(SEED);
    const events = await chargeOffline();
    const outcome = { old: 0, new: 0, moments: new Set<string>() };
    for (let round = 0; round < CUTS; round++) {
      const before = await running();
      const [target] = Object.keys(builds).filter((id) => id !== before);
      const moment = await cutUpdate(builds[target], dice);
      outcome.moments.add(moment);
      await station.post("/power", { on: true });
      const { slots, raw } = await flashed();
      const number = chosenSlot(slots);
      const after = await onConsole(async (console) => Number(await console.ask("SLOT")));
      const what = `round ${round}, ${before} to ${target}, cut ${moment}`;
      assert.equal(after, number, what);
      const code = slots[after]!;
      assert.ok(code.buildId === before || code.buildId === target, what);
      // Never a mixture: all of the one or all of the other.
      assert.deepEqual(
        [Buffer.from(code.kernel), Buffer.from(code.slices)].map(String),
        [builds[code.buildId].kernel, builds[code.buildId].slices].map((b) => String(Buffer.from(b))),
        what,
      );
      outcome[code.buildId === before ? "old" : "new"]++;
      // It runs, with its settings and its queue.
      assert.equal((await station.state()).queue.events, events, what);
      const table = parseTable(await onConsole(async (console) => tableOf(await meet(console))));
      assert.equal(
        readSettings(raw, table).settings.find(({ variable }) => variable?.variable === "MaxCurrent")?.value,
        "25",
        what,
      );
      await onConsole(async (console) => confirmSlot(await meet(console), after));
    }
    console.log(
      `      ${CUTS} cuts: ${outcome.old} times the old build, ${outcome.new} times the new one; ${[...outcome.moments].join(", ")}`,
    );
    assert.equal(outcome.old + outcome.new, CUTS);
  });

  /** An update that the power cut ends; answers when that was. */
  async function cutUpdate(code: Code, dice: (below: number) => number): Promise<string> {
    let cut: Promise<unknown> | undefined;
    const off = (): void => {
      cut ??= station.post("/power", { on: false }).then(() => bridge.cut());
    };
    let operations = 0;
    /** The seal and the restart are the last two of some 160: they get their share. */
    const all =
      Math.ceil((32 + code.kernel.length + code.slices.length) / 512) +
      Math.ceil((32 + code.kernel.length + code.slices.length) / 4096) +
      1;
    const kind = ["before", "in", "behind", "at"][dice(4)];
    const last = dice(4) === 0;
    const wanted = last ? all - dice(2) : 1 + dice(all);
    bridge.before = (line) => {
      if (!/require\(\\?"Flash\\?"\)\.(write|erasePage)/.test(line) || ++operations !== wanted || kind === "at") return true;
      if (kind === "before") {
        off();
        return false;
      }
      setTimeout(off, kind === "in" ? 0 : 40);
      return true;
    };
    const timer = kind === "at" ? setTimeout(off, dice(4_000)) : undefined;
    try {
      await onConsole(async (console) => {
        await writeUpdate(await meet(console), code, () => undefined);
        off();
      });
    } catch (error) {
      assert.ok(error instanceof Silence || cut !== undefined, String(error));
    }
    clearTimeout(timer);
    bridge.before = () => true;
    off();
    await cut;
    return kind === "at" ? "at a random time" : `${kind} operation ${wanted} of ${all}`;
  }

  it("is what `npm run flash` does, with a bar, and once only", async () => {
    await station.post("/network", { up: true });
    if ((await running()) !== OTHER) {
      await onConsole(async (console) => {
        await writeUpdate(await meet(console), builds[OTHER], () => undefined);
        await restart(console);
      });
      await until("the other build", async () => (await running().catch(() => "")) === OTHER);
    }
    const first = await run("--board", "sim");
    assert.equal(first.status, 0, first.err);
    assert.match(first.out, /^The device runs build [0-9a-f]{6}\.$/m);
    assert.match(first.err, /into slot [01] 100 %/);
    // The URL of the CSMS is a setting; the new build's table does not know it.
    await until("registered", async () => (await station.state()).registration === "Accepted");
    await until("delivered", async () => (await station.state()).queue.events === 0, 90_000);
    const again = await run();
    assert.equal(again.status, 2);
    assert.match(again.err, /^The device runs build [0-9a-f]{6} already; --force writes it again\.\n$/);
  });

  it("is refused while a car charges", async () => {
    await station.post("/evse/1/plug");
    await station.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
    await station.post("/evse/1/ev", { draw: true, amps: 16 });
    await until("charging", async () => (await station.state()).evses[0].contactor);
    const { status, err } = await run("--force");
    assert.deepEqual(
      [status, err],
      [2, "A transaction runs at EVSE 1 and the restart would interrupt it; --now does it all the same.\n"],
    );
    assert.ok((await station.state()).evses[0].contactor);
    await station.post("/tap", { idToken: "04A1B2C3", type: "ISO14443" });
    await until("ended", async () => (await station.state()).evses[0].transactionId === null);
  });

  it("has its settings in force after it has been configured", async () => {
    const { settings } = await onConsole(async (console) => {
      const device = await meet(console);
      return settingsOf(device, parseTable(await tableOf(device)));
    });
    assert.ok(settings.some(({ variable, value }) => variable?.variable === "MaxCurrent" && value === "25"));
  });
});
