/**
 * Names by frequency: the minifier gives short names in the order of declarations, and there are more globals than single letters. Here
 * the globals that kernel and operations name most get the letters, then the variables of each function what is free in it. Parameters of
 * operations have the names that the loader gives them.
 */
import type { FunctionDeclaration } from "estree";
import { PARAMETERS } from "./link.ts";
import { isOperation } from "./parameters.ts";
import { parse, unresolved, uses, type Node, type Scope, type Variable } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$"];
const WORDS = ["as", "do", "if", "in", "of"];
/** Names that later passes look for. */
const MARKED = /^__/;

/** @param reserved names that no variable may get */
export function shortenNames(code: Traced, reserved: readonly string[]): Traced {
  const syntax = parse(code.text);
  const taken = new Set([...reserved, ...WORDS, ...unresolved(syntax.top).map(({ name }) => name)]);
  const names = new Map<Variable, string>();
  const visit = (scope: Scope): void => {
    const outer = scope.through.flatMap(({ resolved }) => (resolved ? (names.get(resolved) ?? resolved.name) : []));
    const ofLoader = scope === syntax.top || isOperation(scope) ? PARAMETERS : [];
    const free = freeNames(new Set([...taken, ...outer, ...ofLoader]));
    const variables = scope.variables.filter(({ name, defs }) => defs.length > 0 && !MARKED.test(name));
    for (const variable of variables.sort((a, b) => places(b).length - places(a).length)) {
      const parameter = isOperation(scope) ? parameterOf(scope, variable) : -1;
      names.set(variable, parameter < 0 ? (free.next().value as string) : PARAMETERS[parameter]);
    }
    scope.childScopes.forEach(visit);
  };
  visit(syntax.top);
  const edits: Edit[] = [];
  for (const [variable, name] of names)
    for (const start of places(variable)) edits.push({ start, end: start + variable.name.length, text: name });
  return code.edit(edits);
}

function parameterOf(scope: Scope, variable: Variable): number {
  return (scope.block as FunctionDeclaration).params.findIndex((node) => (node as { name?: string }).name === variable.name);
}

/** Where a variable is named. */
function places(variable: Variable): number[] {
  const nodes = [...variable.defs.map(({ name }) => name as unknown as Node), ...uses(variable).map(({ node }) => node)];
  return [...new Set(nodes.map(({ start }) => start))];
}

function* freeNames(taken: ReadonlySet<string>): Generator<string> {
  for (const name of LETTERS) if (!taken.has(name)) yield name;
  for (const first of LETTERS) for (const second of LETTERS) if (!taken.has(first + second)) yield first + second;
  throw new Error("No free name of two letters is left.");
}
