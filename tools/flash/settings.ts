/** Reference reader of the settings pages (`src/store/settings.ts`): what was set, with the names that the image's table gives. */
import { decodeSlices } from "../image/slices.ts";
import { decodeStorage } from "../image/storage.ts";
import { parseTable, variableName, type VariableEntry } from "../image/variables.ts";
import { HEADER_BYTES, isBlank, check16, newPage, PAGE_BYTES, readPages, SETTINGS_PAGES, type Damage } from "./pages.ts";

const KEY_BYTES = 4;
/** Length and check. */
const HEAD_BYTES = 4;

export interface Setting {
  key: string;
  value: string;
  /** Line of the variable table; undefined for a key that it does not have. */
  variable?: VariableEntry;
}

export interface Settings {
  /** Page in force; undefined when none is valid. */
  page?: number;
  sequence?: number;
  /** Bytes in use in the page. */
  used: number;
  /** Records in it; several may be of one key. */
  records: number;
  settings: Setting[];
  damage: Damage[];
}

/** The settings in force: of each key the last valid record. */
export function readSettings(raw: Uint8Array, table: readonly VariableEntry[] = []): Settings {
  const damage: Damage[] = [];
  const page = readPages(raw, SETTINGS_PAGES, damage).at(-1);
  if (!page) return { used: 0, records: 0, settings: [], damage };
  const { bytes } = page;
  const values = new Map<string, string>();
  let records = 0;
  let at = HEADER_BYTES;
  while (at < PAGE_BYTES - HEAD_BYTES) {
    const length = bytes.readUInt16LE(at);
    if (length === 0xffff) {
      if (!isBlank(bytes, at)) damage.push({ at: page.at + at, what: "bytes behind the last setting" });
      break;
    }
    if (length < KEY_BYTES || at + HEAD_BYTES + length > PAGE_BYTES) {
      damage.push({ at: page.at + at, what: `a setting of ${length} bytes is none; the rest of the page is not read` });
      break;
    }
    const body = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    const check = bytes.readUInt16LE(at + 2);
    if ((check16(body) || 1) === check) {
      const key = body.toString("latin1", 0, KEY_BYTES);
      values.delete(key);
      values.set(key, body.toString("latin1", KEY_BYTES));
      records++;
    } else if (check !== 0) {
      damage.push({ at: page.at + at, what: "a setting with a wrong check is passed over" });
    }
    at += HEAD_BYTES + length;
  }
  const byKey = new Map(table.map((variable) => [variable.key, variable]));
  const settings = [...values].map(([key, value]) => ({ key, value, variable: byKey.get(key) }));
  return { page: page.number, sequence: page.sequence, used: at, records, settings, damage };
}

/** What a setting is called: by the table, else its key. */
export function settingName({ key, variable }: Setting): string {
  return variable ? variableName(variable) : `(key ${key})`;
}

/** The image in a Storage area: its build id and variable table, as far as it holds them. */
export function readImage(storage: Uint8Array): { buildId?: string; table: VariableEntry[] } {
  const slices = decodeStorage(storage).find(({ name }) => /^o[0-9a-f]{6}$/.test(name));
  if (!slices) return { table: [] };
  for (const slice of decodeSlices(slices.bytes)) {
    const text = Buffer.from(slice).toString("latin1");
    if (text.startsWith(",") && text.endsWith("\n#")) return { buildId: slices.name.slice(1), table: parseTable(text) };
  }
  return { buildId: slices.name.slice(1), table: [] };
}

/** A settings page with these records, in their order. */
export function settingsPage(sequence: number, settings: readonly { key: string; value: string }[]): Buffer {
  const page = newPage(sequence);
  let at = HEADER_BYTES;
  for (const { key, value } of settings) {
    const body = Buffer.from(key + value, "latin1");
    if (at + HEAD_BYTES + body.length > PAGE_BYTES) throw new RangeError("the page is full");
    page.writeUInt16LE(body.length, at);
    page.writeUInt16LE(check16(body) || 1, at + 2);
    page.set(body, at + HEAD_BYTES);
    at += HEAD_BYTES + body.length;
  }
  return page;
}
