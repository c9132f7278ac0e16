/**
 * The variable table: device model of OCPP 2.0.1 (Part 2, appendix 3) and the station's own settings, one text in flash.
 *
 * Source, a line a variable: `Component.Variable[Instance] | scope | type | default | limits | unit | mutability | live | 1.6 | comment`, where 1.6 is
 * the configuration key that OCPP 1.6 has for it, if any: `Key RO`, `Key RW`, `Key WO hex` (configuration.ts).
 * Compiled: `,`, then, a line a variable, `\n` key `;` Variable `;` scope, type and mutability letter [, a tab, form
 * letter and 1.6 key] `;` default `;` limits `;` unit `;` live `;` Instance, without semicolons at its end (a 1.6 key has one behind it in any case); limits
 * that an earlier line has, too, are `=` and its key. Before the first variable of a component `\n:`, the letter of its scope, Component;
 * at the end `\n#`, a byte that begins no search text.
 */
import { crc32 } from "node:zlib";
import { type Configuration, configure, parseConfiguration, readConfiguration, writeConfiguration } from "./configuration.ts";
import { valueError } from "./variable-values.ts";

export const SCOPES = { station: "s", evse: "e", connector: "c" } as const;
export const TYPES = {
  string: "s",
  integer: "i",
  decimal: "d",
  boolean: "b",
  dateTime: "t",
  OptionList: "o",
  MemberList: "m",
  SequenceList: "q",
} as const;
/** `-` is a setting that OCPP does not see. */
export const MUTABILITIES = { RO: "r", RW: "w", WO: "o", "-": "-" } as const;

export type VariableScope = keyof typeof SCOPES;
export type VariableType = keyof typeof TYPES;
export type VariableMutability = keyof typeof MUTABILITIES;

export interface VariableEntry {
  key: string;
  component: string;
  variable: string;
  instance: string;
  scope: VariableScope;
  type: VariableType;
  mutability: VariableMutability;
  /** Bytes, one a character. */
  default: string;
  /** `min..max` (of the length for a string), or the values, comma-separated. */
  limits: string;
  unit: string;
  /** Number of the case that makes the live value, or "". */
  live: string;
  /** What OCPP 1.6 has for it. */
  configuration: Configuration | null;
}

/** A line of the source that makes no variable. */
export class TableError extends Error {
  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/** So that no place in the table is 0. */
const HEAD = ",";
const END = "\n#";
/** Longest limits that are repeated. */
const SHORT = 10;

/** Four characters that stand for a name like `TxCtrlr.TxStartPoint` or `OCPPCommCtrlr.MessageTimeout[Default]`, in any case. */
export function variableKey(name: string): string {
  const crc = crc32(name.toLowerCase());
  return Buffer.from([crc, crc >> 8, crc >> 16]).toString("base64");
}

/** `Component.Variable[Instance]`, without brackets when there is no instance. */
export function variableName({
  component,
  variable,
  instance,
}: Pick<VariableEntry, "component" | "variable" | "instance">): string {
  return `${component}.${variable}${instance && `[${instance}]`}`;
}

/** The variables of the readable source; throws `TableError`. */
export function readVariables(source: string): VariableEntry[] {
  const entries: VariableEntry[] = [];
  const names = new Map<string, string>();
  source.split(/\r?\n/).forEach((text, index) => {
    if (text.trim() === "" || text.trimStart().startsWith("#")) return;
    const entry = readLine(text, index + 1);
    const name = variableName(entry);
    const other = names.get(entry.key);
    if (other !== undefined)
      throw new TableError(
        index + 1,
        other.toLowerCase() === name.toLowerCase() ? `${name} is there twice` : `${name} and ${other} have the same key`,
      );
    names.set(entry.key, name);
    if (entries.some(({ component, scope }) => component === entry.component && scope !== entry.scope))
      throw new TableError(index + 1, `${entry.component} has another scope, too`);
    const key = entry.configuration?.key.toLowerCase();
    if (key !== undefined && entries.some(({ configuration }) => configuration?.key.toLowerCase() === key))
      throw new TableError(index + 1, `the 1.6 key ${entry.configuration!.key} is there twice`);
    entries.push(entry);
  });
  return entries;
}

/**
 * The table with the variables that a driver brings: one of the same name takes the place of the table's, any other stands behind the last
 * of its component. Throws a sentence when two names have the same key.
 */
export function withVariables(entries: readonly VariableEntry[], more: readonly VariableEntry[]): VariableEntry[] {
  const all = [...entries];
  for (const entry of more) {
    const same = all.findIndex(({ key }) => key === entry.key);
    if (same >= 0 && variableName(all[same]).toLowerCase() !== variableName(entry).toLowerCase())
      throw new Error(`${variableName(entry)} and ${variableName(all[same])} have the same key.`);
    const last = all.map(({ component }) => component).lastIndexOf(entry.component);
    if (same >= 0) all[same] = entry;
    else all.splice(last < 0 ? all.length : last + 1, 0, entry);
  }
  return all;
}

function readLine(text: string, line: number): VariableEntry {
  const fail = (reason: string): never => {
    throw new TableError(line, reason);
  };
  const columns = Buffer.from(text, "utf8")
    .toString("latin1")
    .split("|")
    .map((column) => column.trim());
  if (columns.length < 9) fail(`${columns.length} columns; a variable has 9, and a comment`);
  const [name, scope, type, value, limits, unit, mutability, live, key16] = columns;
  const parts = /^([A-Za-z0-9]+)\.([A-Za-z0-9]+)(?:\[([A-Za-z0-9]+)\])?$/.exec(name);
  if (!parts) return fail(`"${name}" is not Component.Variable or Component.Variable[Instance]`);
  if (!(scope in SCOPES)) fail(`scope "${scope}" is not one of ${Object.keys(SCOPES).join(", ")}`);
  if (!(type in TYPES)) fail(`type "${type}" is not one of ${Object.keys(TYPES).join(", ")}`);
  if (!(mutability in MUTABILITIES)) fail(`mutability "${mutability}" is not one of ${Object.keys(MUTABILITIES).join(", ")}`);
  if (!/^\d*$/.test(live)) fail(`live "${live}" is not the number of a case`);
  if (columns.slice(0, 9).some((column) => column.includes(";"))) fail("a column holds a semicolon");
  const configuration = key16 === "" ? null : readConfiguration(key16);
  if (configuration === undefined) return fail(`"${key16}" is not a 1.6 key with RO, RW or WO and a form`);
  const entry: VariableEntry = {
    key: variableKey(name),
    component: parts[1],
    variable: parts[2],
    instance: parts[3] ?? "",
    scope: scope as VariableScope,
    type: type as VariableType,
    mutability: mutability as VariableMutability,
    default: value,
    limits,
    unit,
    live,
    configuration,
  };
  // An empty default is a variable without a value so far.
  const error = value === "" ? undefined : valueError(entry, value);
  if (error) fail(`default "${value}" of ${name} ${error}`);
  return entry;
}

/** The table's text for the device, bytes one a character. */
export function writeTable(entries: readonly VariableEntry[]): string {
  const limits = new Map<string, string>();
  const lines = entries.map((entry, index) => {
    const isFirst = entry.component !== entries[index - 1]?.component;
    const heading = isFirst ? `\n:${SCOPES[entry.scope]}${entry.component}` : "";
    const first = entry.limits.length > SHORT ? limits.get(entry.limits) : undefined;
    if (first === undefined) limits.set(entry.limits, entry.key);
    return heading + writeLine(entry, first === undefined ? entry.limits : `=${first}`);
  });
  return HEAD + lines.join("") + END;
}

/** Reads source text, writes device text. */
export function compileVariables(source: string): string {
  return writeTable(readVariables(source));
}

function writeLine(entry: VariableEntry, limits: string): string {
  const { key, variable, instance, unit, live, configuration } = entry;
  const kind =
    SCOPES[entry.scope] +
    TYPES[entry.type] +
    MUTABILITIES[entry.mutability] +
    (configuration ? writeConfiguration(configuration) : "");
  const text = [key, variable, kind, entry.default, limits, unit, live, instance].join(";").replace(/;+$/, "");
  return "\n" + text + (configuration && text.endsWith(kind) ? ";" : "");
}

/** The variables of a compiled table; throws when it is none. */
export function parseTable(table: string): VariableEntry[] {
  if (!table.startsWith(HEAD) || !table.endsWith(END)) throw new Error("The variable table has no head or no end mark.");
  let component = "";
  const limitsOf = new Map<string, string>();
  return table
    .slice(HEAD.length, -END.length)
    .split("\n")
    .slice(1)
    .flatMap((line, index) => {
      if (line.startsWith(":")) {
        component = line.slice(2);
        return [];
      }
      const columns = line.split(";");
      const [key, variable, kind, value = "", ownLimits = "", unit = "", live = "", instance = ""] = columns;
      const limits = ownLimits.startsWith("=") ? limitsOf.get(ownLimits.slice(1)) : ownLimits;
      const scope = nameOf(SCOPES, kind?.[0]);
      const type = nameOf(TYPES, kind?.[1]);
      const mutability = nameOf(MUTABILITIES, kind?.[2]);
      const configuration = kind?.[3] === undefined ? null : parseConfiguration(kind.slice(3));
      if (
        columns.length > 8 ||
        limits === undefined ||
        component === "" ||
        !scope ||
        !type ||
        !mutability ||
        configuration === undefined
      )
        throw new Error(`Line ${index + 1} of the variable table is not one of a variable.`);
      limitsOf.set(key, limits);
      return [{ key, component, variable, instance, scope, type, mutability, default: value, limits, unit, live, configuration }];
    });
}

function nameOf<T extends Record<string, string>>(letters: T, letter: string | undefined): keyof T | undefined {
  return Object.keys(letters).find((name) => letters[name] === letter);
}

/** The variable of that name, in any case. */
export function findVariable(entries: readonly VariableEntry[], name: string): VariableEntry | undefined {
  return entries.find((entry) => variableName(entry).toLowerCase() === name.toLowerCase());
}

/**
 * A compiled table with other defaults, by readable name or by the key and in the form of OCPP 1.6; an unknown name or a value out of its limits throws
 * one sentence.
 */
export function patchDefaults(table: string, values: Readonly<Record<string, string>>): string {
  const entries = parseTable(table);
  for (const [name, value] of Object.entries(values)) {
    const bytes = Buffer.from(value, "utf8").toString("latin1");
    const entry = findVariable(entries, name);
    const keyed = entry ?? entries.find(({ configuration }) => configuration?.key.toLowerCase() === name.toLowerCase());
    if (!keyed) throw new Error(`There is no variable ${name}.`);
    const error = entry ? valueError(entry, bytes) : configure(keyed, bytes);
    if (error) throw new Error(`The value "${value}" of ${entry ? variableName(entry) : keyed.configuration!.key} ${error}.`);
    if (entry) entry.default = bytes;
  }
  return writeTable(entries);
}
