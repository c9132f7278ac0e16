/** `npm run flash` and its like: what they refuse, each with one line and status 2; a line that loses characters; the plan of an update, cut everywhere. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../tools/build/boards.ts";
import { DeviceConsole, DeviceError } from "../../tools/device/console.ts";
import { isTooOld, meet } from "../../tools/device/device.ts";
import { engineParts, esptoolCommand, storagePart } from "../../tools/device/esptool.ts";
import { parsePort } from "../../tools/device/port.ts";
import { planUpdate, writeUpdate, type Operation } from "../../tools/device/update.ts";
import { BOARD_NAME, decodeSlot, encodeSlot, factsText, type Code } from "../../tools/image/slot.ts";
import { decodeStorage, encodeStorage } from "../../tools/image/storage.ts";
import { chipOffset, PAGE_BYTES, RAW_BYTES, SLOTS_AT, STORAGE_BYTES } from "../../tools/sim/flash.ts";
import { builtImage } from "../../tools/sim/image.ts";
import { chip, code, FACTS, ready, startInNode } from "./device.ts";
import { FakeDevice, type FakeOptions } from "./fake-device.ts";

const old = encodeSlot({ ...code("a"), sequence: 3, tries: 4, confirmed: true });

/** A build over several pages. */
function long(name: string): Code {
  const short = code(name);
  return { ...short, kernel: Buffer.concat([short.kernel, Buffer.from(`//${name.repeat(9_000)}`)]) };
}

async function run(tool: string, ...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  const env = { ...process.env, PATH: "/nowhere" };
  const child = spawn(process.execPath, ["--import=tsx", `tools/device/${tool}.ts`, ...args], { cwd: PROJECT_ROOT, env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  child.stdin.end();
  const status = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { status, out, err };
}

/** A chip that says other facts of itself. */
function withFacts(facts: Partial<typeof FACTS>): Buffer {
  const bytes = chip([old, null]);
  const files = decodeStorage(bytes.subarray(RAW_BYTES)).map((file) => {
    if (file.name !== BOARD_NAME) return file;
    const text = Buffer.alloc(file.bytes.length, 0xff);
    text.write(factsText({ ...FACTS, ...facts }), "latin1");
    return { name: file.name, bytes: text };
  });
  bytes.set(encodeStorage(files), RAW_BYTES);
  return bytes;
}

/** A chip without what these tools look for. */
function plainChip(): Buffer {
  const bytes = chip([null, null]);
  bytes.fill(0xff, RAW_BYTES);
  bytes.set(encodeStorage([{ name: ".bootcde", bytes: Buffer.from("1") }]), RAW_BYTES);
  return bytes;
}

describe("npm run flash", function () {
  // The image may have to be built first.
  this.timeout(240_000);
  before(async () => {
    await ready;
    await builtImage();
  });

  const refusals: [what: string, args: string[], line: RegExp][] = [
    ["no port", [], /^required option '--port <port>' not specified$/],
    ["a port that is none", ["--port", "tcp:127.0.0.1"], /^--port tcp:127\.0\.0\.1: it is not tcp:HOST:PORT\.$/],
    ["a port where nothing listens", ["--port", "tcp:127.0.0.1:1"], /^--port tcp:127\.0\.0\.1:1: nothing listens there\.$/],
    ["a serial port that is not there", ["--port", "/dev/nosuch"], /^--port \/dev\/nosuch: there is no such port\.$/],
    ["a file in the place of a serial port", ["--port", "package.json"], /^--port package\.json: that is no serial port\.$/],
    ["an unknown board", ["--port", "tcp:127.0.0.1:1", "--board", "nosuch"], /^There is no board "nosuch" in boards\/\.$/],
    [
      "a board without a console",
      ["--port", "/dev/null", "--board", "openevse"],
      /^Board openevse has no console while it runs; --image/,
    ],
    ["--image without a board", ["--port", "/dev/null", "--image"], /^--image needs --board/],
    ["--image over the network", ["--port", "tcp:127.0.0.1:1", "--image", "--board", "sim"], /needs a serial port\.$/],
    ["an engine firmware that is not there", ["--port", "/dev/null", "--engine-firmware", "/nosuch"], /there is no such file\.$/],
    [
      "an engine firmware that is none",
      ["--port", "/dev/null", "--engine-firmware", "package.json"],
      /that is no archive of a released Espruino for the ESP32\.$/,
    ],
    [
      "--image without esptool, with the command",
      ["--port", "/dev/null", "--image", "--board", "sim"],
      /^esptool is not on PATH .* It would run: esptool --chip esp32 --port \/dev\/null --baud 460800 write_flash 0x320000 .*partition\.bin$/,
    ],
  ];
  for (const [what, args, line] of refusals) {
    it(`refuses ${what} with one line and status 2`, async () => {
      const { status, out, err } = await run("flash", ...args);
      assert.equal(status, 2, err);
      assert.match(err.replace(/\n$/, ""), line);
      assert.equal(out, "");
    });
  }

  const devices: [what: string, options: () => FakeOptions, args: string[], line: RegExp][] = [
    [
      "a far end that says nothing",
      () => ({ line: () => "" }),
      [],
      /: no Espruino console answers there; docs\/FLASHING\.md tells which boards have none\.$/,
    ],
    [
      "a far end that says something else",
      () => ({ answer: () => "220 smtp.example.com" }),
      [],
      /: no Espruino console answers there; docs\/FLASHING\.md tells which boards have none\.$/,
    ],
    [
      "an engine that is too old",
      () => ({ version: "2v18.3" }),
      [],
      /^The device runs Espruino 2v18\.3; the firmware needs 2v29 or newer/,
    ],
    [
      "a device without slots",
      () => ({ chip: plainChip() }),
      [],
      /^The device holds no image with slots; `npm run flash -- --image` writes the first one\.$/,
    ],
    [
      "a device with an older layout",
      () => ({ chip: withFacts({ layout: 0 }) }),
      [],
      /^The device's flash has layout 0 and these tools know 2; it is too old/,
    ],
    ["a device with a newer layout", () => ({ chip: withFacts({ layout: 9 }) }), [], /they are too old for it\.$/],
    [
      "another board",
      () => ({ chip: withFacts({ name: "openevse" }) }),
      ["--board", "sim"],
      /^The device is a openevse, the image would be for board sim\.$/,
    ],
    [
      "a device of a board that is not known",
      () => ({ chip: withFacts({ name: "nosuch" }) }),
      [],
      /^There is no board "nosuch" in boards\/\.$/,
    ],
    [
      "an image that is too large",
      () => ({ chip: withFacts({ slotBytes: 16 * PAGE_BYTES }) }),
      [],
      /^The image is too large: it has \d+ bytes, a slot of the device takes 65536\.$/,
    ],
    [
      "a device whose flash is divided otherwise",
      () => ({ chip: withFacts({ slotBytes: 64 * PAGE_BYTES }) }),
      [],
      /^The device's flash is divided otherwise than board sim is now/,
    ],
  ];
  for (const [what, options, args, line] of devices) {
    it(`refuses ${what} with one line and status 2`, async () => {
      const device = await FakeDevice.open({ chip: chip([old, null]), ...options() });
      const before = Buffer.from(device.flash.bytes);
      const { status, out, err } = await run("flash", "--port", device.name, ...args);
      device.close();
      assert.equal(status, 2, err);
      assert.match(err.replace(/\n$/, ""), line);
      assert.equal(out, "");
      assert.ok(before.equals(device.flash.bytes), "nothing was written");
    });
  }

  for (const tool of ["configure", "logs", "console-main"]) {
    it(`has the same lines in ${tool}`, async () => {
      const { status, err } = await run(tool, "--port", "tcp:127.0.0.1:1");
      assert.deepEqual([status, err], [2, "--port tcp:127.0.0.1:1: nothing listens there.\n"]);
    });
  }
});

describe("a device on which no build runs", function () {
  this.timeout(60_000);
  before(() => ready);

  it("takes one, and no settings before", async () => {
    const device = await FakeDevice.open({ chip: chip([null, null]), runs: false });
    const { status, err } = await run("configure", "--port", device.name, "amps=20");
    assert.deepEqual([status, err], [2, "No build runs on the device; `npm run flash` writes one.\n"]);
    const console = await DeviceConsole.open(device.name);
    const { slot } = await writeUpdate(await meet(console), code("b"), () => undefined);
    console.close();
    device.close();
    assert.deepEqual(await startInNode(Buffer.from(device.flash.bytes)), [`build b ${slot} of `]);
  });
});

describe("npm run logs and npm run console", function () {
  this.timeout(60_000);
  before(() => ready);

  it("print what the firmware prints, with the time and without the console's drawing, until the device is gone", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      setTimeout(() => socket.end("\x1b[Jfault: x\r\n>\x11second line\r\n>", "latin1"), 300);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { status, out, err } = await run("logs", "--port", `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.close();
    assert.deepEqual(
      out
        .trim()
        .split("\n")
        .map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, "")),
      ["fault: x", "second line"],
    );
    assert.deepEqual([status, err], [2, "The connection to the device has closed.\n"]);
  });

  it("type what is typed", async () => {
    const device = await FakeDevice.open({ chip: chip([old, null]) });
    const child = spawn(process.execPath, ["--import=tsx", "tools/device/console-main.ts", "--port", device.name], {
      cwd: PROJECT_ROOT,
    });
    let out = "";
    child.stdout.on("data", (text) => (out += text));
    child.stdin.end("print(6*7)\n");
    const status = await new Promise<number | null>((resolve) => child.once("exit", resolve));
    device.close();
    assert.deepEqual([status, out.replaceAll("\r", "")], [0, "Ctrl-] ends the console.\n42\n"]);
  });
});

describe("a line that loses characters", () => {
  before(() => ready);

  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 100_000));

  it(`does nothing, and is said again: ten updates (seed ${seed})`, async () => {
    let state = seed;
    const dice = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 0x1_0000_0000) * below);
    };
    // Every sixth line loses one, more or less.
    const lossy = (line: string): string => {
      const at = dice(line.length);
      return dice(6) > 0 ? line : line.slice(0, at) + line.slice(at + 1);
    };
    for (let round = 0; round < 10; round++) {
      const device = await FakeDevice.open({ chip: chip([old, null]), line: lossy });
      const console = await DeviceConsole.open(device.name, 40);
      await writeUpdate(await meet(console), code("b"), () => undefined);
      console.close();
      device.close();
      const { buildId, kernel, sequence } = decodeSlot(device.flash.bytes.subarray(SLOTS_AT + FACTS.slotBytes))!;
      assert.deepEqual([buildId, Buffer.from(kernel), sequence], ["bbbbbb", code("b").kernel, 4]);
      const others = [device.flash.bytes, chip([old, null])].map((bytes) => bytes.subarray(0, SLOTS_AT + FACTS.slotBytes));
      assert.ok(others[0].equals(others[1]), "nothing was written elsewhere");
    }
  }).timeout(120_000);

  it("is not taken for an answer when it is one", async () => {
    let answers = 0;
    const device = await FakeDevice.open({
      chip: chip([old, null]),
      answer: (text) => (++answers % 3 > 0 ? text : text.replace(/\d/, "")),
    });
    const console = await DeviceConsole.open(device.name, 40);
    assert.equal(await console.ask('"12"+"34"'), "1234");
    assert.equal(await console.ask("6*7"), "42");
    await assert.rejects(console.ask("nosuch"), DeviceError);
    console.close();
    device.close();
  });
});

describe("a device that starts anew in the middle", () => {
  before(() => ready);

  it("is given up, without an exception on it", async () => {
    let lines = 0;
    const printed: string[] = [];
    const forget = (line: string): string => (++lines === 9 ? "TOOL=0\n" + line.slice(1) : line);
    const options = { chip: chip([old, null]), line: forget, answer: (text: string) => (printed.push(text), text) };
    const device = await FakeDevice.open(options);
    const console = await DeviceConsole.open(device.name);
    await assert.rejects(async () => writeUpdate(await meet(console), code("b"), () => undefined), {
      message: "the device has started anew meanwhile",
    });
    console.close();
    device.close();
    assert.ok(!printed.some((text) => text.includes("Uncaught")));
  });
});

describe("the plan of an update", function () {
  this.timeout(120_000);
  before(() => ready);
  const fresh = long("b");
  /** What an earlier update has left in the slot. */
  const stale = encodeSlot({ ...long("c"), sequence: 2, tries: 0, confirmed: true });
  const plan = planUpdate(FACTS, 0, 3, fresh);
  const operations: Operation[] = [...plan.operations, plan.seal];

  it("erases what it fills, fills what it erased, and ends with the CRC", () => {
    const begin = FACTS.slots + FACTS.slotBytes;
    const filled = Buffer.alloc(FACTS.slotBytes, 0xff);
    let erased = 0;
    for (const { address, bytes } of operations) {
      if (bytes) filled.set(bytes, address - begin);
      else assert.equal(address, begin + erased++ * PAGE_BYTES);
      assert.ok(address >= begin && address < begin + FACTS.slotBytes);
      assert.ok(!bytes || bytes.length <= 512);
    }
    assert.deepEqual(decodeSlot(filled), {
      ...fresh,
      kernel: new Uint8Array(fresh.kernel),
      slices: new Uint8Array(fresh.slices),
      sequence: 4,
      tries: 4,
      confirmed: false,
    });
    assert.ok(erased * PAGE_BYTES >= plan.length + 12 && (erased - 1) * PAGE_BYTES < plan.length + 12);
    assert.deepEqual([plan.seal.address, plan.seal.bytes?.length], [begin, 4]);
    assert.equal(planUpdate(FACTS, 1, 3, fresh).slot, 0);
  });

  it(`leaves the old build before its last operation, whole or torn, and the new one behind it: ${operations.length} operations`, async () => {
    for (const [index, operation] of operations.entries()) {
      for (const part of [0, 0.5, 1]) {
        const bytes = chip([old, stale]);
        operations.slice(0, index).forEach((one) => perform(bytes, one, 1));
        perform(bytes, operation, part);
        const isNew = index === operations.length - 1 && part === 1;
        assert.deepEqual(
          await startInNode(bytes),
          [isNew ? "build b 1 of " : "build a 0 of "],
          `operation ${index}, ${part} of it`,
        );
      }
    }
  });
});

/** Does a part of an operation. */
function perform(bytes: Buffer, { address, bytes: data }: Operation, part: number): void {
  const at = chipOffset(address, 1)!;
  if (!data) bytes.fill(0xff, at, at + PAGE_BYTES * part);
  else for (let i = 0; i < Math.floor(data.length * part); i++) bytes[at + i] &= data[i];
}

describe("esptool", () => {
  it("gets the three files of a release and the whole Storage partition", () => {
    const directory = mkdtempSync(join(tmpdir(), "esptool-"));
    mkdirSync(join(directory, "espruino_2v29_esp32"));
    for (const name of ["bootloader.bin", "partitions_espruino.bin", "espruino_esp32.bin", "README_flash.txt"])
      writeFileSync(join(directory, "espruino_2v29_esp32", name), name);
    const parts = [...engineParts(directory), storagePart(Buffer.from("abc"), join(directory, "partition.bin"))];
    const command = esptoolCommand("esptool", "/dev/ttyUSB0", parts).join(" ").replaceAll(directory, "");
    assert.equal(
      command,
      "esptool --chip esp32 --port /dev/ttyUSB0 --baud 460800 write_flash 0x1000 /espruino_2v29_esp32/bootloader.bin " +
        "0x8000 /espruino_2v29_esp32/partitions_espruino.bin 0x10000 /espruino_2v29_esp32/espruino_esp32.bin 0x320000 /partition.bin",
    );
    assert.equal(statSync(join(directory, "partition.bin")).size, STORAGE_BYTES);
    assert.equal(readFileSync(join(directory, "partition.bin")).toString("latin1", 0, 4), "abc\xff");
    rmSync(directory, { recursive: true, force: true });
  });
});

describe("a device", () => {
  it("is too old before 2v29, and when it says no version", () => {
    assert.deepEqual(["2v28.99", "1v99", "2v29", "2v29.277", "3v0", "v20.1.0", ""].map(isTooOld), [
      true,
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it("has a port that is a path or tcp", () => {
    assert.deepEqual(parsePort("tcp:localhost:23"), { kind: "tcp", host: "localhost", port: 23 });
    assert.deepEqual(parsePort("tcp://[::1]:9"), { kind: "tcp", host: "::1", port: 9 });
    assert.deepEqual(parsePort("/dev/ttyUSB0"), { kind: "serial", path: "/dev/ttyUSB0" });
    assert.throws(() => parsePort("tcp:a:99999"), /not tcp:HOST:PORT/);
  });

  it("that closes the connection is told of at once", async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await assert.rejects(
      DeviceConsole.open(`tcp:127.0.0.1:${(server.address() as AddressInfo).port}`),
      /no Espruino console answers/,
    );
    server.close();
  });
});
