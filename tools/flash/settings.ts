/** Reference reader of the settings pages (`src/store/settings.ts`): what was set, with the names that the image's table gives. */
import { decodeSlices } from "../image/slices.ts";
import { startedBuild } from "../image/slot.ts";
import { decodeStorage } from "../image/storage.ts";
import { parseTable, variableName, type VariableEntry } from "../image/variables.ts";
import { pageOf, readPair, type Pair } from "./keyed.ts";
import { SETTINGS_PAGES } from "./pages.ts";

const KEY_BYTES = 4;

export interface Setting {
  key: string;
  value: string;
  /** Line of the variable table; undefined for a key that it does not have. */
  variable?: VariableEntry;
}

export interface Settings extends Pair {
  settings: Setting[];
}

/** The settings in force: of each key the last valid record. */
export function readSettings(raw: Uint8Array, table: readonly VariableEntry[] = []): Settings {
  const { found, ...pair } = readPair(raw, SETTINGS_PAGES, "setting", keyOf);
  const byKey = new Map(table.map((variable) => [variable.key, variable]));
  const settings = found.map(({ text }) => {
    const key = text.slice(0, KEY_BYTES);
    return { key, value: text.slice(KEY_BYTES), variable: byKey.get(key) };
  });
  return { ...pair, settings };
}

function keyOf(text: string): string | undefined {
  return text.length < KEY_BYTES ? undefined : text.slice(0, KEY_BYTES);
}

/** What a setting is called: by the table, else its key. */
export function settingName({ key, variable }: Setting): string {
  return variable ? variableName(variable) : `(key ${key})`;
}

/** The image in a Storage area: its build id and variable table, as far as it holds them. */
export function readImage(storage: Uint8Array): { buildId?: string; table: VariableEntry[] } {
  const build = startedBuild(decodeStorage(storage));
  if (!build) return { table: [] };
  const text = decodeSlices(build.slices)
    .map((slice) => Buffer.from(slice).toString("latin1"))
    .find((slice) => slice.startsWith(",") && slice.endsWith("\n#"));
  return { buildId: build.buildId, table: text === undefined ? [] : parseTable(text) };
}

/** A settings page with these records, in their order. */
export function settingsPage(sequence: number, settings: readonly { key: string; value: string }[]): Buffer {
  return pageOf(
    sequence,
    settings.map(({ key, value }) => key + value),
  );
}
