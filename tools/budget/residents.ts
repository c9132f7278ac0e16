/**
 * What the kernel keeps in RAM: its global functions and variables, each with the source that it was made from. The engine knows
 * only the short names; the build's line trace leads back.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "../build/syntax.ts";
import type { Traced } from "../build/traced.ts";

export interface Resident {
  /** On the engine. */
  shortName: string;
  /** In the source; `object.member` for a member of a state object. */
  name: string;
  module: string;
  line: number;
  kind: "function" | "state";
  parameters: number;
  /** In the image. */
  bytes: number;
}

export function residentsOf(kernel: Traced, root: string): Resident[] {
  const sources = new Map<string, string[]>();
  const linesOf = (file: string): string[] => {
    if (!sources.has(file)) sources.set(file, readFileSync(path.join(root, file), "utf8").split("\n"));
    return sources.get(file)!;
  };
  const residents: Resident[] = [];
  const add = (shortName: string, node: { start: number; end: number }, kind: Resident["kind"], parameters: number): void => {
    const { file, line } = kernel.place(node.start);
    const name = nameAt(linesOf(file), line) ?? shortName;
    residents.push({ shortName, name, module: file, line, kind, parameters, bytes: node.end - node.start });
  };
  for (const statement of parse(kernel.text).program.body) {
    if (statement.type === "FunctionDeclaration" && statement.id) {
      add(statement.id.name, statement, "function", statement.params.length);
    } else if (statement.type === "VariableDeclaration") {
      for (const declarator of statement.declarations)
        if (declarator.id.type === "Identifier") add(declarator.id.name, declarator, "state", 0);
    }
  }
  return residents;
}

/** The name that a source line (from 1) declares: a function, a variable or a member of the object that begins above. */
function nameAt(lines: readonly string[], line: number): string | undefined {
  const text = lines[line - 1] ?? "";
  const declared = /\b(?:function|const|let|var)\s+(\w+)/.exec(text)?.[1];
  const member = /^\s*(\w+)\s*:/.exec(text)?.[1];
  if (declared !== undefined || member === undefined) return declared;
  const object = lines
    .slice(0, line - 1)
    .filter((above) => /^(export )?const \w+ = \{/.test(above))
    .at(-1);
  return object === undefined ? member : `${/const (\w+)/.exec(object)![1]}.${member}`;
}
