/**
 * The scripted day whose every flash operation is cut: boot, settings changed by the CSMS, sessions with samples online and offline, a turn
 * of the page, packing, a time without power and without a clock, delivery with interruptions, a reset, and pages erased for reuse.
 * The day begins on a flash that was in use for long, so that pages are erased and the settings move to their other page.
 */
import { readJournal } from "../flash/journal.ts";
import { isWhole } from "../flash/pages.ts";
import { readSettings } from "../flash/settings.ts";
import { blankChip, RAW_BYTES } from "../sim/flash.ts";
import { prepareFlash, type Defaults } from "../sim/image.ts";
import type { Operation } from "./cut-flash.ts";
import type { Heard } from "./peer.ts";
import { World } from "./world.ts";

export const EVSES = 2;

/** Time moves on second by second: attempts follow at once, samples are frequent. */
export const DEFAULTS: Defaults = {
  "OCPPCommCtrlr.RetryBackOffWaitMinimum": "1",
  "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
  "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
  "OCPPCommCtrlr.WebSocketPingInterval": "0",
  "SampledDataCtrlr.TxUpdatedInterval": "2",
  "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true",
};

/** Variables that the CSMS changes, `Component.Variable`. */
export const WATCHED = [
  "TxCtrlr.EVConnectionTimeOut",
  "OCPPCommCtrlr.OfflineThreshold",
  "OCPPCommCtrlr.MessageAttempts[TransactionEvent]",
  "SampledDataCtrlr.TxEndedMeasurands",
];

/** A value that the CSMS set: in force for sure from operation `after` on, not before `before`. */
export interface Setting {
  name: string;
  value: string;
  before: number;
  after: number;
}

export interface Snapshot {
  operations: number;
  time: number;
  hardware: ReturnType<World["hardware"]["evses"][number]["record"]>[];
}

/** An event that was recorded: its record is complete after `operation`. */
export interface Fact {
  operation: number;
  /** The clock was known then. */
  dated: boolean;
}

/** What the day did without a cut. */
export interface Day {
  /** Flash at its begin. */
  chip: Buffer;
  operations: Operation[];
  snapshots: Snapshot[];
  heard: Heard[];
  facts: Fact[];
  settings: Setting[];
  /** What happened, for the figures. */
  erasures: number;
  packedPages: number;
  blocks: number;
}

/** A blank chip with the built image and these defaults. */
export async function freshChip(set: Defaults = DEFAULTS, evses = EVSES): Promise<Buffer> {
  return (await prepareFlash({ connection: { evses }, set, image: null, path: null, reflash: false })).chip;
}

function variable(name: string): { component: { name: string }; variable: { name: string; instance?: string } } {
  const [, component, bare, instance] = /^(\w+)\.(\w+)(?:\[(\w+)\])?$/.exec(name)!;
  return { component: { name: component }, variable: instance === undefined ? { name: bare } : { name: bare, instance } };
}

/** The values of the watched variables as the station tells them. */
export function readVariables(world: World, names: readonly string[] = WATCHED): Record<string, string | undefined> {
  const answer = world.call("GetVariables", { getVariableData: names.map(variable) });
  const results = (answer?.getVariableResult ?? []) as { attributeValue?: string }[];
  return Object.fromEntries(names.map((name, i) => [name, results[i]?.attributeValue]));
}

/** The CSMS sets variables; true when all are accepted. */
export function setVariables(world: World, values: Record<string, string>): boolean {
  const answer = world.call("SetVariables", {
    setVariableData: Object.entries(values).map(([name, attributeValue]) => ({ ...variable(name), attributeValue })),
  });
  const results = (answer?.setVariableResult ?? []) as { attributeStatus?: string }[];
  return results.length > 0 && results.every(({ attributeStatus }) => attributeStatus === "Accepted");
}

/** A car comes to EVSE `evse` (from 1), charges for some seconds and leaves. */
export function session(world: World, evse: number, token: string, seconds: number, type = "ISO14443"): void {
  begin(world, evse, token, type);
  world.tick(seconds);
  end(world, evse, token, type);
}

export function begin(world: World, evse: number, token: string, type = "ISO14443"): void {
  const place = world.hardware.evses[evse - 1];
  world.act(place.plug());
  world.act(place.askEnergy(true, 16));
  world.tap(token, type, evse);
}

export function end(world: World, evse: number, token: string, type = "ISO14443"): void {
  const place = world.hardware.evses[evse - 1];
  world.tap(token, type, evse);
  world.act(place.unplug());
}

/** Bytes in use of a settings page that the day fills up. */
const NEARLY_FULL = 3930;
const SHORT = "Current.Import";
const LONG = "Energy.Active.Import.Register,Power.Active.Import";

/** What a station has behind it: every page of the journal was in use, the settings page is nearly full. */
function age(world: World): void {
  world.powerOn();
  world.tick(2);
  setVariables(world, { "SampledDataCtrlr.TxUpdatedInterval": "1" });
  for (let n = 0; n < 8; n++) {
    session(world, 1, "04A1B2C3", 230);
    begin(world, 2, "04D4E5F6");
    session(world, 1, "04A1B2C3", 110);
    end(world, 2, "04D4E5F6");
  }
  setVariables(world, { "SampledDataCtrlr.TxUpdatedInterval": "2" });
  // Long values, so that the page is nearly full of few records.
  for (let n = 0; readSettings(world.raw).used < NEARLY_FULL; n++) {
    setVariables(world, { "SampledDataCtrlr.TxUpdatedMeasurands": (n % 2 === 0 ? SHORT + "," : "") + LONG });
  }
  world.powerOff();
  world.tick(600);
}

/** What the CSMS sets at a time of the day. */
type Set = (values: Record<string, string>) => void;

/** The day itself. */
function live(world: World, set: Set): void {
  world.powerOn();
  world.tick(3);
  set({ "TxCtrlr.EVConnectionTimeOut": "77", "OCPPCommCtrlr.OfflineThreshold": "33" });
  begin(world, 1, "04A1B2C3");
  world.tick(9);
  set({ "SampledDataCtrlr.TxEndedMeasurands": "Energy.Active.Import.Register,Power.Active.Import" });
  // The CSMS falls silent with a message on its way.
  world.csms.silent = true;
  world.tick(3);
  world.setNetwork(false);
  world.csms.silent = false;
  begin(world, 2, "04D4E5F60718A9");
  world.tick(16);
  // Many short sessions beside a long one fill the page.
  for (let n = 0; n < 24; n++) session(world, 2, `FLEET-CARD-OF-THE-NEIGHBOURS-${100 + n}`, 2, "Central");
  world.tick(30);
  for (let n = 0; n < 75; n++) session(world, 2, `0011223344${55 + n}`, 2);
  world.act(world.hardware.evses[0].askEnergy(false, undefined));
  world.tick(40);
  world.setNetwork(true);
  // The connection breaks in the middle of the delivery, twice.
  const heard = world.csms.heard.length;
  for (const share of [40, 120]) {
    interruptAfter(world, heard + share);
    world.tick(4);
  }
  world.csms.silent = false;
  world.tick(4);
  set({ "TxCtrlr.EVConnectionTimeOut": "78", "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "5" });
  for (let n = 0; n < 6; n++) set({ "TxCtrlr.EVConnectionTimeOut": String(80 + n) });
  end(world, 1, "04A1B2C3");
  world.tick(2);
  // A time without power, then one without network, so without a clock.
  begin(world, 1, "04A1B2C3");
  world.tick(5);
  world.setNetwork(false);
  world.tick(3);
  world.powerOff();
  world.tick(300);
  world.powerOn();
  world.tick(4);
  session(world, 2, "04D4E5F60718A9", 7);
  begin(world, 1, "04A1B2C3");
  world.tick(5);
  world.powerOff();
  world.tick(60);
  world.powerOn();
  world.tick(5);
  session(world, 2, "04D4E5F60718A9", 4);
  world.setNetwork(true);
  world.tick(6);
  // The journal goes on to the next page while the CSMS is there.
  begin(world, 2, "04D4E5F60718A9");
  world.tick(30);
  world.call("Reset", { type: "Immediate" });
  world.tick(8);
  world.act(world.hardware.evses[1].unplug());
  set({ "OCPPCommCtrlr.OfflineThreshold": "34" });
  session(world, 1, "04A1B2C3", 4);
  world.tick(3);
  world.powerOff();
}

/** The CSMS falls silent when it has heard so many events, and the connection breaks. */
function interruptAfter(world: World, events: number): void {
  const { csms } = world;
  const answer = csms.answer.bind(csms);
  csms.answer = (action, payload) => {
    if (csms.heard.length >= events) csms.silent = true;
    return answer(action, payload);
  };
  world.tick(2);
  csms.answer = answer;
  world.drop();
  csms.silent = false;
}

const JOURNAL = 8192;
const JOURNAL_END = 40_960;

/** Is the operation the writing of a record that is an event? */
export function putsEvent({ at, bytes }: Operation): boolean {
  if (!bytes || at < JOURNAL || at >= JOURNAL_END || bytes.length < 5 || bytes[0] !== bytes.length - 1) return false;
  return bytes[1] >= 128 && (bytes[1] & 63) <= 8 && isWhole(Buffer.from(bytes));
}

/** Lives the day without a cut. */
export async function liveTheDay(): Promise<Day> {
  const old = new World({ chip: await freshChip(), evses: EVSES, seed: 7 });
  age(old);
  expectHealth(old, "the years before");
  const chip = Buffer.from(old.flash.bytes);
  const world = new World({ chip: Buffer.from(chip), evses: EVSES, seed: 11, now: old.time });
  world.hardware.evses.forEach((evse, i) => evse.restore(old.hardware.evses[i].record()));
  world.flash.diary = [];
  const day: Day = {
    chip,
    operations: world.flash.diary,
    snapshots: [],
    heard: world.csms.heard,
    facts: [],
    settings: [],
    erasures: 0,
    packedPages: 0,
    blocks: 0,
  };
  const snapshot = (): void => {
    const { operations } = world.flash;
    day.snapshots.push({ operations, time: world.time, hardware: world.hardware.evses.map((evse) => evse.record()) });
  };
  world.moved = snapshot;
  snapshot();
  world.flash.before = (operation) => {
    if (putsEvent(operation)) {
      day.facts.push({ operation: world.flash.operations, dated: world.csms.registered });
    }
    // A header of a packed page.
    if (operation.bytes?.length === 8 && operation.at % 4096 === 0 && operation.bytes[6] === 1) {
      day.packedPages++;
      const image = Buffer.from(world.raw);
      image.set(operation.bytes, operation.at);
      day.blocks = Math.max(day.blocks, readJournal(image).blocks.length);
    }
  };
  live(world, (values) => {
    const before = world.flash.operations;
    if (!setVariables(world, values)) throw new Error(`the station does not accept ${JSON.stringify(values)}`);
    for (const [name, value] of Object.entries(values)) day.settings.push({ name, value, before, after: world.flash.operations });
  });
  day.erasures = world.flash.erasures.reduce((a, b) => a + b, 0);
  expectHealth(world, "the day");
  return day;
}

function expectHealth(world: World, when: string): void {
  const wrong = [...world.faults, ...world.csms.faults];
  if (wrong.length > 0) throw new Error(`${when}, without a power cut: ${wrong[0]}`);
}

/** The raw area after `count` operations of the day. */
export function rawAfter(day: Day, count: number, perform: (raw: Uint8Array, operation: Operation) => void): Buffer {
  const raw = Buffer.from(day.chip.subarray(0, RAW_BYTES));
  for (let i = 0; i < count; i++) perform(raw, day.operations[i]);
  return raw;
}

/** A chip with this raw area. */
export function chipWith(day: Day, raw: Uint8Array): Buffer {
  const chip = blankChip();
  chip.set(day.chip, 0);
  chip.set(raw, 0);
  return chip;
}
