/** The tables of the image, made from readable sources: `table("name")` in device code reads one as a slice. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { findVariable, readVariables, TableError, withVariables, writeTable, type VariableEntry } from "../image/variables.ts";
import { BuildFailure } from "./findings.ts";
import { huffmanTable } from "./huffman.ts";
import { codeList, codeSchemas } from "./name-codes.ts";
import { compileSchemas, officialSchemas, type Version } from "./schemas.ts";

const VARIABLES = "src/store/variables.txt";
const ACTIONS_201 = "src/ocpp201/actions.txt";
const ACTIONS_16 = "src/ocpp16/actions.txt";
/** The type of `customData`, which 2.0.1 allows in every object. */
const CUSTOM_DATA = "\nC!{1;vendorId:0s255;*\n#";
/** A driver's own variables are in a file of its name; they are in the table of a board that bundles it. */
const DRIVER = /^src\/drivers\/.+\.ts$/;
const SETUP_PAGE = "src/setup/page.html";
const HUFFMAN = "tools/build/huffman.ts";

interface TableKind {
  source: string;
  /** @param more the variables of drivers */
  compile(source: string, more: readonly VariableEntry[]): string;
}

/** Tables by the name that device code gives. */
const TABLES: Readonly<Record<string, TableKind>> = {
  variables: { source: VARIABLES, compile: (source, more) => writeTable(withVariables(readVariables(source), more)) },
  schema201: {
    source: ACTIONS_201,
    compile: (source) => schemaText(readActions(source).offered, "2.0.1"),
  },
  schema16: {
    source: ACTIONS_16,
    compile: (source) => schemaText(readActions(source, "1.6").offered, "1.6"),
  },
  huffman: { source: HUFFMAN, compile: () => Buffer.from(huffmanTable()).toString("latin1") },
  setupPage: { source: SETUP_PAGE, compile: pageText },
  actions201: { source: ACTIONS_201, compile: (source) => actionsText(readActions(source)) },
  actions16: { source: ACTIONS_16, compile: (source) => actionsText(readActions(source, "1.6")) },
};

/** A page as the device sends it: without comments, indentation and empty lines. */
export function pageText(source: string): string {
  const lines = source.replace(/<!--[^]*?-->/g, "").split(/\r?\n/);
  lines.forEach((line, index) => {
    if (/[^\x00-\x7f]/.test(line)) throw new TableError(index + 1, "the page is ASCII; write a character reference");
  });
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("//"))
    .join("\n");
}

function schemaText(messages: readonly string[], version: Version): string {
  const text = compileSchemas(messages, officialSchemas(version));
  return codeSchemas(version === "2.0.1" ? text.replace(/\n#$/, CUSTOM_DATA) : text, messages);
}

export function isTable(name: string): boolean {
  return Object.hasOwn(TABLES, name);
}

/** Source file of a table, relative to the project. */
export function tableSource(name: string): string {
  return TABLES[name].source;
}

/**
 * Text of a table, bytes one a character; a source that makes none ends with a `BuildFailure`.
 * @param modules source files that are bundled
 */
export function tableText(root: string, name: string, modules: Iterable<string> = []): string {
  const { source, compile } = TABLES[name];
  return reading(root, source, (text) => compile(text, driverVariables(root, modules)));
}

/** The variables of the project and its bundled drivers, for names that device code gives as literals. */
export function projectVariables(root: string, modules: Iterable<string> = []): (name: string) => VariableEntry | undefined {
  let entries: VariableEntry[] | undefined;
  return (name) =>
    findVariable((entries ??= withVariables(reading(root, VARIABLES, readVariables), driverVariables(root, modules))), name);
}

function driverVariables(root: string, modules: Iterable<string>): VariableEntry[] {
  const files = [...modules].filter((file) => DRIVER.test(file)).map((file) => file.replace(/ts$/, "txt"));
  return files
    .filter((file) => existsSync(path.join(root, file)))
    .sort()
    .flatMap((file) => reading(root, file, readVariables));
}

function reading<T>(root: string, file: string, read: (source: string) => T): T {
  const full = path.join(root, file);
  if (!existsSync(full)) throw new BuildFailure([{ file, line: 1, reason: "is missing" }]);
  try {
    return read(readFileSync(full, "utf8"));
  } catch (error) {
    if (error instanceof TableError) throw new BuildFailure([{ file, line: error.line, reason: error.reason }]);
    throw error;
  }
}

export interface Actions {
  /** Messages that get a schema: requests, and responses as `ActionResponse`. */
  offered: string[];
  /** Requests that are answered with NotSupported. */
  known: string[];
  /** Words of errors: the letter that the device knows the error by, then its code in this protocol or nothing. */
  errors: string[];
}

/** The words of errors in lines, then the codes of the known actions. */
function actionsText({ errors, known }: Actions): string {
  return `\n${errors.join("\n")}\n${codeList(known)}`;
}

/** `Name offered`, `Name known` or `NameResponse`, `Letter error Code` or `Letter error`, a line each; throws `TableError`. */
export function readActions(source: string, version: Version = "2.0.1"): Actions {
  const official = officialSchemas(version);
  const actions: Actions = { offered: [], known: [], errors: [] };
  source.split(/\r?\n/).forEach((text, index) => {
    const fail = (reason: string): never => {
      throw new TableError(index + 1, reason);
    };
    if (text.trim() === "" || text.trimStart().startsWith("#")) return;
    const [name, word, ...rest] = text.trim().split(/\s+/);
    if (word === "error" && name.length === 1 && rest.length < 2) {
      actions.errors.push(name + rest.join(""));
      return;
    }
    if (!official.has(name)) fail(`${name} is no message of OCPP ${version}`);
    const isResponse = name.endsWith("Response");
    if (rest.length > 0 || !(word === "offered" || (word === "known" && !isResponse) || (word === undefined && isResponse)))
      fail(`${name} is followed by "${text.trim().slice(name.length).trim()}"; an action is offered or known`);
    const list = word === "known" ? actions.known : actions.offered;
    if (actions.offered.includes(name) || actions.known.includes(name)) fail(`${name} is there twice`);
    list.push(name);
  });
  return actions;
}
