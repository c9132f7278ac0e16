/**
 * The contents of the simulated flash at the start: the built image with the options as defaults of its variable table, or what a flash file
 * holds. Where an option is not given, a used flash keeps what it has.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSlices, encodeSlices } from "../image/slices.ts";
import { BOOT_NAME, chosenSlot, encodeSlot, LAYOUT, MORE_BYTES, slotsOf, SLOTS_NAME, startedBuild } from "../image/slot.ts";
import { decodeStorage, encodeStorage, type StorageFile } from "../image/storage.ts";
import { findVariable, parseTable, patchDefaults } from "../image/variables.ts";
import { boardData } from "../twins/board-data.ts";
import { SIMULATED } from "../twins/wifi.ts";
import { UsageError } from "./engine.ts";
import { recover } from "./espruino-engine.ts";
import { CHIP_BYTES, FILES_BYTES, RAW_BYTES, SLOTS_AT, blankChip } from "./flash.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** What the image is made of. */
const SOURCES = ["src", "boards", "types", "tools/build", "tools/flash", "tools/image", "package-lock.json", "tsconfig.json"];

/** Options of the simulator that are variables of the firmware. */
export interface Connection {
  csms?: string;
  id?: string;
  password?: string;
  protocol?: string;
  evses?: number;
  fixedCable?: boolean;
  /** DER in base64. */
  ca?: string;
}

/** Their command line options and variables. */
const VARIABLES: Record<keyof Connection, [option: string, variable: string]> = {
  csms: ["--csms", "NetworkConfiguration.OcppCsmsUrl[1]"],
  id: ["--id", "SecurityCtrlr.Identity"],
  password: ["--password", "SecurityCtrlr.BasicAuthPassword"],
  protocol: ["--protocol", "NetworkConfiguration.OcppVersion[1]"],
  evses: ["--evses", "Board.Evses"],
  fixedCable: ["--cable", "Board.FixedCable"],
  ca: ["--ca", "Board.CaCertificate"],
};
/** The network to join, of a board with Wi-Fi. */
const WIFI = "Board.WifiSsid";
/** Defaults of variables, by `Component.Variable[Instance]` in any case. */
export type Defaults = Record<string, string>;
const FIRST = { id: "CS001", evses: 1, fixedCable: false };

export interface FlashOptions {
  /** Board whose image it is: `sim` (default), or another one on twins of its hardware. */
  board?: string;
  connection: Connection;
  /** Further defaults, for a blank flash. */
  set: Defaults;
  /** Storage records of the image; null for the built one. */
  image: Uint8Array | null;
  /** File that holds the flash, or null. */
  path: string | null;
  reflash: boolean;
}

export interface PreparedFlash {
  chip: Buffer;
  /** Of the slot that is started; "" when the image has none. */
  buildId: string;
  evses: number;
  fixedCable: boolean;
  /** The flash held a station before. */
  used: boolean;
  notes: string[];
}

export async function prepareFlash(options: FlashOptions): Promise<PreparedFlash> {
  const { board = "sim", path, set } = options;
  if (path !== null) recover(path);
  const old = path !== null && existsSync(path) ? readChip(path) : blankChip();
  const used = !isBlank(old);
  const fresh = !used || options.reflash;
  const notes: string[] = [];
  const oldFiles = used ? filesOf(old, path!, options.reflash) : [];
  const files = fresh ? decodeStorage(options.image ?? (await builtImage(board))) : oldFiles;

  const oldTable = tableOf(oldFiles);
  const kept = fresh && oldTable !== null ? connectionOf(oldTable) : {};
  const connection = {
    ...(fresh ? { ...FIRST, evses: evsesOf(board), fixedCable: hasFixedCable(board) } : {}),
    ...kept,
    ...defined(options.connection),
  };
  if (!fresh && Object.keys(set).length > 0) notes.push(`--set is ignored, because ${path} is a used flash`);

  let table = tableOf(files);
  if (fresh && table === null && Object.keys(set).length > 0) throw new UsageError("--set: the image has no variable table.");
  if (table !== null) {
    for (const [name, value] of Object.entries(connection)) {
      const [option, variable] = VARIABLES[name as keyof Connection];
      table = withDefault(table, option, variable, String(value));
    }
    if (fresh) for (const [name, value] of Object.entries(set)) table = withDefault(table, `--set ${name}`, name, value);
    // A board with Wi-Fi would wait for its configuration.
    const isNamed = Object.keys(set).some((name) => name.toLowerCase() === WIFI.toLowerCase());
    if (fresh && !isNamed && findVariable(parseTable(table), WIFI)?.default === "")
      table = patchDefaults(table, { [WIFI]: SIMULATED });
  }
  const patched = table === null ? files : withTable(files, table);
  const { evses = FIRST.evses, fixedCable = false } = { ...connection, ...(table === null ? {} : connectionOf(table)) };
  return {
    chip: chipWith(old, patched),
    buildId: buildOf(patched)?.buildId ?? "",
    evses: Number(evses),
    fixedCable: String(fixedCable) === "true",
    used,
    notes,
  };
}

function readChip(path: string): Buffer {
  const chip = readFileSync(path);
  if (chip.length !== CHIP_BYTES) {
    throw new UsageError(`--flash ${path}: the file has ${chip.length} bytes, a flash has ${CHIP_BYTES}.`);
  }
  return chip;
}

function isBlank(chip: Buffer): boolean {
  return chip.subarray(RAW_BYTES).every((byte) => byte === 0xff);
}

function filesOf(chip: Buffer, path: string, reflash: boolean): StorageFile[] {
  try {
    const files = decodeStorage(chip.subarray(RAW_BYTES, RAW_BYTES + FILES_BYTES));
    // Damaged slices throw.
    tableOf(files);
    const boots = slotsOf(files) ? startedBuild(files) : files.find(({ name }) => name === BOOT_NAME);
    if (boots) return files;
  } catch {
    // No records, or damaged ones; answered below.
  }
  if (reflash) return [];
  throw new UsageError(`--flash ${path}: the file holds no image that boots; --reflash puts one in.`);
}

/** The text of the variable table in a flash; null when there is none. */
export function storedTable(chip: Buffer): string | null {
  try {
    return tableOf(decodeStorage(chip.subarray(RAW_BYTES, RAW_BYTES + FILES_BYTES)));
  } catch {
    return null;
  }
}

/** A flash file of a version before the slots: the slices have a file of their own, named after the build. */
const SLICES = /^o([0-9a-f]{6})$/;

/** The build that the flash starts. */
function buildOf(files: readonly StorageFile[]): { buildId: string; slices: Uint8Array } | undefined {
  const former = files.find(({ name }) => SLICES.test(name));
  return startedBuild(files) ?? (former && { buildId: former.name.slice(1), slices: former.bytes });
}

/** The text of the variable table; null when the image has none. */
function tableOf(files: readonly StorageFile[]): string | null {
  const build = buildOf(files);
  if (!build) return null;
  return decodeSlices(build.slices).map(latin1).find(isTable) ?? null;
}

function isTable(text: string): boolean {
  try {
    return parseTable(text).length > 0;
  } catch {
    return false;
  }
}

function withDefault(table: string, option: string, variable: string, value: string): string {
  try {
    return patchDefaults(table, { [variable]: value });
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`);
  }
}

/** The slot that is started gets the table; the other one, and the marks of both, stay as they are. */
function withTable(files: readonly StorageFile[], table: string): StorageFile[] {
  if (tableOf(files) === table) return [...files];
  const slices = encodeSlices(
    decodeSlices(buildOf(files)!.slices).map((slice) => (isTable(latin1(slice)) ? Buffer.from(table, "latin1") : slice)),
  );
  const found = slotsOf(files);
  if (!found) return files.map((file) => (SLICES.test(file.name) ? { name: file.name, bytes: slices } : file));
  const { facts, slots } = found;
  const number = chosenSlot(slots);
  const bytes = encodeSlot({ ...slots[number]!, slices });
  if (bytes.length > facts.slotBytes)
    throw new UsageError(`The image has ${bytes.length} bytes, a slot takes ${facts.slotBytes}.`);
  return files.map((file) => {
    if (file.name !== SLOTS_NAME) return file;
    const area = Buffer.from(file.bytes);
    area.fill(0xff, number * facts.slotBytes, (number + 1) * facts.slotBytes);
    area.set(bytes, number * facts.slotBytes);
    return { name: file.name, bytes: area };
  });
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** `old` with other files. */
function chipWith(old: Buffer, files: readonly StorageFile[]): Buffer {
  const storage = encodeStorage(files);
  if (storage.length > FILES_BYTES) throw new UsageError(`The image has ${storage.length} bytes, Storage takes ${FILES_BYTES}.`);
  const chip = blankChip();
  chip.set(old.subarray(0, RAW_BYTES), 0);
  chip.set(storage, RAW_BYTES);
  const [former, data] = [dataOf(old), dataOf(chip)];
  if (former && data) data.set(former);
  return chip;
}

/** The pages of data behind the slots of a chip; undefined when it has none. */
function dataOf(chip: Buffer): Buffer | undefined {
  try {
    const found = slotsOf(decodeStorage(chip.subarray(RAW_BYTES, RAW_BYTES + FILES_BYTES)));
    const from = found && SLOTS_AT + 2 * found.facts.slotBytes;
    return found?.facts.layout === LAYOUT ? chip.subarray(from, from! + MORE_BYTES) : undefined;
  } catch {
    return undefined;
  }
}

function defined(connection: Connection): Connection {
  return Object.fromEntries(Object.entries(connection).filter(([, value]) => value !== undefined));
}

/** EVSEs when nothing else is said: a board has as many as it has, the simulator's own one. */
function evsesOf(board: string): number {
  return board === "sim" ? 1 : boardData(board).EVSES_MAX;
}

/** What a table says of the connection, as texts; without what has no value. */
function connectionOf(table: string): Partial<Record<keyof Connection, string>> {
  const entries = parseTable(table);
  const known = Object.entries(VARIABLES).map(
    ([name, [, variable]]) => [name, findVariable(entries, variable)?.default] as const,
  );
  return Object.fromEntries(
    known.flatMap(([name, value]) => (!value ? [] : [[name, Buffer.from(value, "latin1").toString("utf8")]])),
  );
}

/** A board whose cable is fixed says so. */
function hasFixedCable(board: string): boolean {
  if (board === "sim") return false;
  const data = boardData(board);
  return "FIXED_CABLE" in data && data.FIXED_CABLE === 1;
}

/** Storage records of board `sim`, or of another one on twins, built when they are missing or older than the sources. */
export function builtImage(board = "sim"): Promise<Uint8Array> {
  return targetImage(board === "sim" ? board : board + TWIN);
}

const TWIN = "-twin";

/** Storage records of `dist/NAME`, a board or a board on twins, built when they are missing or older than the sources. */
export async function targetImage(name: string): Promise<Uint8Array> {
  const path = join(ROOT, "dist", name, "storage.bin");
  if (!existsSync(path) || SOURCES.some((source) => newest(join(ROOT, source)) > statSync(path).mtimeMs)) {
    const { buildBoard } = await import("../build/build-board.ts");
    const { writeBuild } = await import("../build/write-build.ts");
    const isTwin = name.endsWith(TWIN);
    await writeBuild(await buildBoard(isTwin ? name.slice(0, -TWIN.length) : name, ROOT, isTwin), ROOT);
  }
  return readFileSync(path);
}

/** Latest change below `path`, ms. */
function newest(path: string): number {
  if (!existsSync(path)) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), status.mtimeMs);
}
