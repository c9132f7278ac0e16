/** `npm run configure`: what is checked, what is kept with what, and what is never shown; written to a device in Node. Whether it charges is in its journal. */
import assert from "node:assert/strict";
import { compileVariables, parseTable, variableKey } from "../../tools/image/variables.ts";
import { readSettings, settingsPage } from "../../tools/flash/settings.ts";
import { rawPage } from "../../tools/flash/journal.ts";
import type { JournalRecord } from "../../tools/flash/records.ts";
import { PAGE_BYTES, RAW_BYTES } from "../../tools/flash/pages.ts";
import { DeviceConsole } from "../../tools/device/console.ts";
import { meet } from "../../tools/device/device.ts";
import { checked, isSecret, parseChange, writeSettings } from "../../tools/device/settings.ts";
import { runningEvses } from "../../tools/device/transactions.ts";
import { encodeSlot } from "../../tools/image/slot.ts";
import { chip, code, FACTS, ready } from "./device.ts";
import { FakeDevice } from "./fake-device.ts";

const TABLE = compileVariables(
  [
    "NetworkConfiguration.OcppCsmsUrl[1] | station | string | ws://127.0.0.1:9000 | 6..529 | | - | | |",
    "SecurityCtrlr.Identity | station | string | CS001 | 1..48 | | RO | | |",
    "SecurityCtrlr.BasicAuthPassword | station | string | | 16..40 | | WO | | AuthorizationKey WO hex |",
    "Board.WifiPassword | station | string | | 0..63 | | - | | |",
    "Board.MaxCurrent | station | integer | 16 | 6..80 | A | - | | |",
  ].join("\n"),
);
const ENTRIES = parseTable(TABLE);
const [URL_KEY, PASSWORD, AMPS] = [
  "NetworkConfiguration.OcppCsmsUrl[1]",
  "SecurityCtrlr.BasicAuthPassword",
  "Board.MaxCurrent",
].map(variableKey);
const SET = [
  { key: URL_KEY, value: "ws://a/b 30 1 ocpp2.0.1" },
  { key: PASSWORD, value: "0123456789abcdef" },
  { key: "S0_1", value: "417" },
];

function change(text: string): Map<string, string> {
  return checked(TABLE, text.split(" ").map(parseChange), { settings: SET });
}

describe("settings from a command line", () => {
  it("have short names, names of variables and keys of 1.6, in any case", () => {
    assert.deepEqual([...change("amps=20")], [[AMPS, "20"]]);
    assert.deepEqual([...change("board.maxcurrent=20")], [[AMPS, "20"]]);
    assert.deepEqual([...change(`authorizationkey=${"41".repeat(16)}`)], [[PASSWORD, "A".repeat(16)]]);
  });

  const refused: [text: string, line: RegExp][] = [
    ["amps", /^amps: a setting is NAME=VALUE\.$/],
    ["nosuch=1", /^There is no variable nosuch\.$/],
    ["amps=99", /^The value "99" of Board\.MaxCurrent is outside 6\.\.80\.$/],
    ["csms=http://a", /^The value "http:\/\/a" of .* is no ws:\/\/ or wss:\/\/ URL\.$/],
    ["id=a:b", /holds a colon\.$/],
    ["password=short", /^The value given of SecurityCtrlr\.BasicAuthPassword has 5 bytes; the limits are 16\.\.40\.$/],
    ["AuthorizationKey=3031", /^The value given of AuthorizationKey is not 32 to 40 hexadecimal digits, a pair a byte\.$/],
    ["key=1234567", /^The value given of Board\.WifiPassword has less than 8 characters\.$/],
  ];
  for (const [text, line] of refused)
    it(`refuse ${text.replace(/=.*/, "")} with one line, a secret not in it`, () =>
      assert.throws(() => change(text), { message: line }));

  it("know what is secret", () => {
    assert.deepEqual(
      ENTRIES.filter(isSecret).map(({ variable }) => variable),
      ["BasicAuthPassword", "WifiPassword"],
    );
  });

  it("drop the password of one CSMS when another is set, unless a new one comes", () => {
    assert.equal(change("csms=ws://c/d").get(PASSWORD), "");
    assert.equal(change("id=CS002").get(PASSWORD), "");
    assert.equal(change("csms=ws://a/b").has(PASSWORD), false);
    assert.equal(change("amps=20").has(PASSWORD), false);
    assert.equal(change("csms=ws://c/d password=fedcba9876543210").get(PASSWORD), "fedcba9876543210");
  });
});

describe("settings on a device", () => {
  before(() => ready);

  it("go to the other page with all that were there; its header is written last, before the restart", async () => {
    const bytes = chip([encodeSlot({ ...code("a"), sequence: 1, tries: 4, confirmed: true }), null]);
    bytes.set(settingsPage(7, SET), PAGE_BYTES);
    const writes: string[] = [];
    const line = (text: string): string => {
      writes.push(...(text.match(/(erasePage|write|E\.reboot)\(/g) ?? []));
      return text;
    };
    const device = await FakeDevice.open({ chip: bytes, line });
    const console = await DeviceConsole.open(device.name);
    await writeSettings(
      await meet(console),
      ENTRIES,
      new Map([
        [AMPS, "20"],
        [PASSWORD, ""],
      ]),
    );
    console.close();
    device.close();
    const { settings, sequence, page } = readSettings(device.flash.bytes.subarray(0, RAW_BYTES), ENTRIES);
    assert.deepEqual([page, sequence], [0, 8]);
    assert.deepEqual(
      settings.map(({ key, value }) => [key, value]),
      [
        [SET[0].key, SET[0].value],
        ["S0_1", "417"],
        [AMPS, "20"],
      ],
    );
    assert.deepEqual(writes, ["erasePage(", "write(", "write(", "E.reboot("]);
    assert.deepEqual(FACTS.raw % PAGE_BYTES, 0);
  });
});

describe("a power cut while settings are written", () => {
  before(() => ready);

  it("leaves all the old ones or all the new ones", async () => {
    const bytes = chip([encodeSlot({ ...code("a"), sequence: 1, tries: 4, confirmed: true }), null]);
    bytes.set(settingsPage(6, [{ key: AMPS, value: "10" }]), 0);
    bytes.set(settingsPage(7, SET), PAGE_BYTES);
    const before = Buffer.from(bytes);
    const device = await FakeDevice.open({ chip: bytes });
    const operations: [at: number, data: Uint8Array | null][] = [];
    const { flash } = device;
    const [write, erase] = [flash.write.bind(flash), flash.erasePage.bind(flash)];
    flash.write = (at, data) => (operations.push([at, Uint8Array.from(data)]), write(at, data));
    flash.erasePage = (at) => (operations.push([at, null]), erase(at));
    const console = await DeviceConsole.open(device.name);
    await writeSettings(await meet(console), ENTRIES, new Map([[AMPS, "20"]]));
    console.close();
    device.close();
    const kept = (chip: Uint8Array): string =>
      readSettings(chip.subarray(0, RAW_BYTES), ENTRIES)
        .settings.map(({ key, value }) => `${key}=${value}`)
        .join();
    const [older, newer] = [kept(before), kept(flash.bytes)];
    assert.notEqual(older, newer);
    assert.equal(operations.length, 3);
    operations.forEach((_, last) => {
      for (const part of [0, 0.5, 1]) {
        const chip = Buffer.from(before);
        operations.slice(0, last + 1).forEach(([at, data], index) => {
          const share = index < last ? 1 : part;
          if (!data) chip.fill(0xff, at, at + PAGE_BYTES * share);
          else for (let i = 0; i < Math.floor(data.length * share); i++) chip[at + i] &= data[i];
        });
        assert.equal(kept(chip), last === 2 && part === 1 ? newer : older, `operation ${last}, ${part} of it`);
      }
    });
  });
});

describe("a device charges", () => {
  const values = { wattHours: 10, watts: 1, centiamps: 1 };
  const start = (evse: number): JournalRecord => ({
    kind: "event",
    evse,
    cause: 1,
    charging: 0,
    reason: 0,
    time: 5,
    end: false,
    start: `tx-${evse}`,
    values,
  });
  const end = (evse: number): JournalRecord => ({
    kind: "event",
    evse,
    cause: 2,
    charging: 0,
    reason: 1,
    time: 9,
    end: true,
    values,
  });

  function raw(records: JournalRecord[]): Buffer {
    const area = Buffer.alloc(RAW_BYTES, 0xff);
    area.set(rawPage(1, records).page, 2 * PAGE_BYTES);
    return area;
  }

  it("from the first record of a transaction to its end", () => {
    assert.deepEqual(runningEvses(raw([])), []);
    assert.deepEqual(runningEvses(raw([start(1)])), [2]);
    assert.deepEqual(runningEvses(raw([start(0), start(2), end(0)])), [3]);
    assert.deepEqual(runningEvses(raw([start(0), { kind: "move", evse: 0, to: 1 }])), [2]);
    assert.deepEqual(runningEvses(raw([start(0), end(0)])), []);
  });
});
