/**
 * Settings of a device, read and written as its firmware keeps them (docs/ARCHITECTURE.md, "Flash map"): records in a pair of pages. New ones go to the
 * page that is not in force, with all others; its header is written last, and the device starts anew at once, because the firmware knows which page was
 * in force. A power cut leaves all the old ones or all the new ones.
 */
import { crc32 } from "node:zlib";
import { readSettings, settingsPage, type Settings } from "../flash/settings.ts";
import { HEADER_BYTES, PAGE_BYTES, RAW_BYTES, SETTINGS_PAGES } from "../flash/pages.ts";
import { findVariable, parseTable, patchDefaults, variableName, type VariableEntry } from "../image/variables.ts";
import { UsageError } from "../sim/engine.ts";
import { readFlash, type Device } from "./device.ts";
import { writeStatement } from "./update.ts";

/** Short names for what everybody sets; the page of an unconfigured board and `npm run sim` have the same. */
const SHORT: Readonly<Record<string, string>> = {
  ssid: "Board.WifiSsid",
  key: "Board.WifiPassword",
  csms: "NetworkConfiguration.OcppCsmsUrl[1]",
  id: "SecurityCtrlr.Identity",
  password: "SecurityCtrlr.BasicAuthPassword",
  protocol: "NetworkConfiguration.OcppVersion[1]",
  amps: "Board.MaxCurrent",
  evses: "Board.Evses",
};
export const SHORT_NAMES = Object.keys(SHORT).join(", ");
const ATTEMPTS = 3;
const CHUNK = 512;

/** `NAME=VALUE`; NAME is a short one, `Component.Variable[Instance]` or a configuration key of OCPP 1.6, in any case. */
export interface Change {
  name: string;
  value: string;
}

export function parseChange(text: string): Change {
  const [, name, value] = /^([^=]+)=([^]*)$/.exec(text) ?? [];
  if (name === undefined) throw new UsageError(`${text}: a setting is NAME=VALUE.`);
  return { name: SHORT[name.toLowerCase()] ?? name, value };
}

/** Never shown: what may only be written, and what its name says is secret. */
export function isSecret(entry: VariableEntry): boolean {
  return entry.mutability === "WO" || /password|passphrase|secret|privatekey|psk$/i.test(entry.variable);
}

/** The variable table of the build that runs. */
export async function tableOf({ console, running }: Device): Promise<string> {
  if (running < 0) throw new UsageError("No build runs on the device; `npm run flash` writes one.");
  const place = await console.ask(
    '(function(){function a(n){return CODE.charCodeAt(n*2)*512+CODE.charCodeAt(n*2+1)*2}for(var n=a(0)/2-1,b,e;n--;){b=a(n);e=a(n+1);if(CODE[b]==","&&CODE.substr(e-3,3).indexOf("#")>=0)return b+","+e}})()',
  );
  const [begin, end] = place.split(",").map(Number);
  if (!(end > begin)) throw new UsageError("The build of the device has no variable table.");
  const parts: Buffer[] = [];
  for (let at = begin; at < end; at += CHUNK)
    parts.push(Buffer.from(await console.ask(`btoa(CODE.substr(${at},${Math.min(CHUNK, end - at)}))`), "base64"));
  return Buffer.concat(parts).toString("latin1").replace(/ $/, "");
}

/** The settings in force. */
export async function settingsOf(device: Device, entries: readonly VariableEntry[]): Promise<Settings> {
  const raw = Buffer.alloc(RAW_BYTES, 0xff);
  const bytes = SETTINGS_PAGES.count * PAGE_BYTES;
  raw.set(
    await readFlash(device.console, device.facts.raw + SETTINGS_PAGES.first * PAGE_BYTES, bytes),
    SETTINGS_PAGES.first * PAGE_BYTES,
  );
  return readSettings(raw, entries);
}

/** The values of these changes in the form that is kept, by key; `UsageError` for one that is not possible. `before`: what is set. */
export function checked(
  table: string,
  changes: readonly Change[],
  before: Pick<Settings, "settings"> = { settings: [] },
): Map<string, string> {
  const entries = parseTable(table);
  const values = new Map<string, string>();
  for (const { name, value } of changes) {
    const entry = named(entries, name);
    try {
      const after = named(parseTable(patchDefaults(table, { [name]: value })), name)!;
      const why = refusal(after, value);
      if (why) throw new Error(`The value "${value}" of ${variableName(after)} ${why}.`);
      values.set(after.key, after.default);
    } catch (error) {
      const text = (error as Error).message;
      throw new UsageError(entry && isSecret(entry) ? text.replace(`"${value}"`, "given") : text);
    }
  }
  dropPassword(entries, values, before);
  return values;
}

/** What the table's limits do not say. */
function refusal({ variable, component }: VariableEntry, value: string): string | undefined {
  if (variable === "OcppCsmsUrl" && !isCsmsUrl(value)) return "is no ws:// or wss:// URL";
  // It would end the identity in the Authorization header (RFC 7617 2).
  if (component === "SecurityCtrlr" && variable === "Identity" && value.includes(":")) return "holds a colon";
  if (variable === "WifiPassword" && value !== "" && value.length < 8) return "has less than 8 characters";
  return undefined;
}

/** The password of one CSMS is not told another: it goes with the URL and the identity that it is for, unless a new one comes. */
function dropPassword(
  entries: readonly VariableEntry[],
  values: Map<string, string>,
  { settings }: Pick<Settings, "settings">,
): void {
  const key = (name: string): string => findVariable(entries, SHORT[name])?.key ?? "";
  const isOther = (name: string): boolean => {
    const value = values.get(key(name));
    const now = settings.find((setting) => setting.key === key(name))?.value ?? findVariable(entries, SHORT[name])?.default;
    return value !== undefined && value !== now?.split(" ")[0];
  };
  const password = key("password");
  if (!values.has(password) && (isOther("csms") || isOther("id")) && settings.some((setting) => setting.key === password))
    values.set(password, findVariable(entries, SHORT.password)!.default);
}

function isCsmsUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && ["ws:", "wss:"].includes(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
}

/** By readable name or by the key of OCPP 1.6. */
function named(entries: readonly VariableEntry[], name: string): VariableEntry | undefined {
  return (
    findVariable(entries, name) ?? entries.find(({ configuration }) => configuration?.key.toLowerCase() === name.toLowerCase())
  );
}

/** Keeps the values, by key, and starts the device anew. */
export async function writeSettings(
  device: Device,
  entries: readonly VariableEntry[],
  values: ReadonlyMap<string, string>,
): Promise<void> {
  const { console, facts } = device;
  for (let attempt = 1; ; attempt++) {
    const { page = SETTINGS_PAGES.first + 1, sequence = 0, settings } = await settingsOf(device, entries);
    const next = SETTINGS_PAGES.first + ((page - SETTINGS_PAGES.first) ^ 1);
    const bytes = pageWith(sequence + 1, settings, entries, values);
    const [from, to] = [page, next].map((number) => facts.raw + number * PAGE_BYTES);
    const before = await console.ask(pageCheck(from));
    await console.ask(`require("Flash").erasePage(${to})`);
    const end = endOf(bytes);
    for (let at = HEADER_BYTES; at < end; at += CHUNK)
      await console.ask(writeStatement(to + at, bytes.subarray(at, Math.min(at + CHUNK, end))));
    if (
      Number(await console.ask(pageCheck(to))) !==
      crc32(Buffer.concat([Buffer.alloc(HEADER_BYTES, 0xff), bytes.subarray(HEADER_BYTES)]))
    )
      throw new UsageError("The device does not hold what was written; its settings are as they were.");
    // The firmware may have kept something meanwhile.
    const sealing = `${pageCheck(from)}!=${before}?0:(${writeStatement(to, bytes.subarray(0, HEADER_BYTES))},setTimeout("E.reboot()",50),1)`;
    if ((await console.ask(sealing)) === "1") return;
    if (attempt === ATTEMPTS) throw new UsageError("The device changes its settings all the time; nothing was written.");
  }
}

function pageWith(
  sequence: number,
  settings: Settings["settings"],
  entries: readonly VariableEntry[],
  values: ReadonlyMap<string, string>,
): Buffer {
  const all = new Map(settings.map(({ key, value }) => [key, value]));
  for (const [key, value] of values) {
    all.delete(key);
    // What is as the table has it is not kept.
    if (entries.find((entry) => entry.key === key)?.default !== value) all.set(key, value);
  }
  try {
    return settingsPage(
      sequence,
      [...all].map(([key, value]) => ({ key, value })),
    );
  } catch {
    throw new UsageError("The settings do not fit their page any more; nothing was written.");
  }
}

/** Where the blank rest of a page begins. */
function endOf(page: Buffer): number {
  let end = page.length;
  while (end > HEADER_BYTES && page[end - 1] === 0xff) end--;
  return end;
}

function pageCheck(address: number): string {
  return `E.CRC32(require("Flash").read(${PAGE_BYTES},${address}))`;
}
