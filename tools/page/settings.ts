/**
 * The station's variables as its flash holds them: the table in the image, and over its defaults the records of the settings log (src/store/settings.ts
 * has the format).
 */
import { crc32 } from "node:zlib";
import { parseTable, variableName, type VariableEntry } from "../image/variables.ts";
import { RAW_BYTES } from "../sim/flash.ts";
import { storedTable } from "../sim/image.ts";

export interface Setting {
  /** `Component.Variable[Instance]`. */
  name: string;
  scope: string;
  type: string;
  /** RO, RW, WO; `-` is not visible by OCPP. */
  mutability: string;
  limits: string;
  unit: string;
  default: string;
  /** What is in force; null for a live value, and for one that is never told. */
  value: string | null;
  /** null: why there is no value. */
  reason?: "live" | "secret";
  /** Who has set it. */
  origin: "default" | "csms" | "station";
}

const PAGE = 4096;
const PAGE_HEADER = 8;
const PAGES = [0, PAGE];
const BLANK = 0xff;
/** The station's own settings that are written over OCPP as well: network profiles. */
const SET_BY_CSMS = /^NetworkConfiguration\./;

/** The variables of the flash `chip`, in the order of the table; none when the image has no table. */
export function readSettings(chip: Buffer): Setting[] {
  const table = storedTable(chip);
  if (table === null) return [];
  const records = readRecords(chip.subarray(0, RAW_BYTES));
  return parseTable(table).map((entry) => settingOf(entry, records.get(entry.key)));
}

function settingOf(entry: VariableEntry, record: string | undefined): Setting {
  const { scope, type, mutability, limits, unit, live } = entry;
  const name = variableName(entry);
  const changed = record !== undefined && record !== entry.default;
  const setting: Setting = {
    name,
    scope,
    type,
    mutability,
    limits,
    unit,
    default: fromBytes(entry.default),
    value: fromBytes(record ?? entry.default),
    origin: !changed ? "default" : mutability !== "-" || SET_BY_CSMS.test(name) ? "csms" : "station",
  };
  if (mutability === "WO") return { ...setting, default: "", value: null, reason: "secret" };
  if (live !== "") return { ...setting, value: null, reason: "live" };
  return setting;
}

/** The last valid record of each key in the page in force. */
function readRecords(raw: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  const [first, second] = PAGES.map((page) => sequence(raw.subarray(page, page + PAGE)));
  if (first === 0 && second === 0) return records;
  const page = second > first ? raw.subarray(PAGE, 2 * PAGE) : raw.subarray(0, PAGE);
  for (let at = PAGE_HEADER; at + 8 <= PAGE;) {
    const length = page.readUInt16LE(at);
    if (length === 0xffff || length < 4 || at + 4 + length > PAGE) break;
    const body = page.subarray(at + 4, at + 4 + length);
    if ((crc32(body) & 0xffff || 1) === page.readUInt16LE(at + 2)) {
      records.set(body.toString("latin1", 0, 4), body.toString("latin1", 4));
    }
    at += 4 + length;
  }
  return records;
}

/** Sequence number of a page; 0 when its header is not valid. The check alone would take a blank page for one; its kind is none. */
function sequence(page: Buffer): number {
  const valid = page.readUInt16LE(4) === (crc32(page.subarray(0, 4)) & 0xffff) && page[6] !== BLANK;
  return valid ? page.readUInt32LE(0) : 0;
}

/** The table and the log hold UTF-8, a byte a character. */
function fromBytes(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
