/**
 * Repair: the engine hoists neither `var` nor functions. A `var` that has not been executed does not exist, and an assignment
 * to it would make or change a global variable. So a declaration stays where it is only when it is certain to run before
 * every use; any other moves to the top of its function.
 */
import type * as acorn from "acorn";
import { isFunction, parse, uses, type Node, type Scope, type Syntax, type Variable } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

/** Repairs every function of `code`; top-level names are the business of `orderKernel`. */
export function hoistVariables(code: Traced): Traced {
  const syntax = parse(code.text);
  const edits: Edit[] = [];
  const visit = (scope: Scope): void => {
    if (scope.type === "function") edits.push(...hoistIn(syntax, scope));
    scope.childScopes.forEach(visit);
  };
  visit(syntax.top);
  return code.edit(edits);
}

function hoistIn(syntax: Syntax, scope: Scope): Edit[] {
  const block = scope.block as unknown as Node;
  if (!isFunction(block)) return [];
  const moved = scope.variables.filter((variable) => variable.defs.length > 0 && !staysInPlace(syntax, scope, variable));
  return moveVariables(syntax, withNeighbours(syntax, scope, moved), block.body.start + 1);
}

/** The head of a loop declares all of its names or none. */
function withNeighbours(syntax: Syntax, scope: Scope, moved: readonly Variable[]): Variable[] {
  const all = new Set(moved);
  for (const variable of all) {
    for (const { parent } of variable.defs) {
      const declaration = parent as unknown as acorn.VariableDeclaration;
      if (syntax.parentOf(declaration)?.type !== "ForStatement") continue;
      for (const declarator of declaration.declarations) all.add(scope.set.get((declarator.id as acorn.Identifier).name)!);
    }
  }
  return [...all];
}

/** Edits that declare `moved` at offset `top` and turn their declarations into assignments. */
export function moveVariables(syntax: Syntax, moved: readonly Variable[], top: number): Edit[] {
  if (moved.length === 0) return [];
  const names = new Set(moved.map((variable) => variable.name));
  return [{ start: top, end: top, text: `var ${[...names].join(",")};` }, ...withoutDeclarations(syntax, moved)];
}

/** Edits that turn the declarations of variables, which exist already, into assignments. */
export function withoutDeclarations(syntax: Syntax, variables: readonly Variable[]): Edit[] {
  const names = new Set(variables.map((variable) => variable.name));
  const declarations = new Set<acorn.VariableDeclaration>();
  for (const variable of variables) {
    for (const { parent } of variable.defs) {
      if (parent?.type === "VariableDeclaration") declarations.add(parent as unknown as acorn.VariableDeclaration);
    }
  }
  return [...declarations].flatMap((declaration) => assignInstead(syntax, declaration, names));
}

/** `var a=1,b,c=2` without its moved names: those with a value become assignments, the others go. */
function assignInstead(syntax: Syntax, declaration: acorn.VariableDeclaration, moved: ReadonlySet<string>): Edit[] {
  const isMoved = (declarator: acorn.VariableDeclarator): boolean => moved.has((declarator.id as acorn.Identifier).name);
  const all = declaration.declarations;
  const parent = syntax.parentOf(declaration)!;
  if (parent.type === "ForInStatement") return [{ start: declaration.start, end: all[0].start, text: "" }];
  const left = all.filter((declarator) => declarator.init || !isMoved(declarator));
  if (left.length === 0)
    return [{ start: declaration.start, end: declaration.end, text: parent.type === "ForStatement" ? "" : ";" }];
  const edits: Edit[] = [{ start: declaration.start, end: left[0].start, text: isMoved(left[0]) ? "" : "var " }];
  left.slice(1).forEach((declarator, index) => {
    const before = left[index];
    const text = isMoved(before) === isMoved(declarator) ? "," : isMoved(declarator) ? ";" : ";var ";
    edits.push({ start: before.end, end: declarator.start, text });
  });
  edits.push({ start: left[left.length - 1].end, end: all[all.length - 1].end, text: "" });
  return edits;
}

/**
 * Is every use of the variable certain to come after a declaration of it was executed? That holds when the first one stands
 * in a list of statements (or begins a loop that does), and every use follows it in that list, none of them in a closure.
 */
function staysInPlace(syntax: Syntax, scope: Scope, variable: Variable): boolean {
  if (variable.defs.some((definition) => definition.type !== "Variable")) return true;
  return (
    variable.references.every((reference) => reference.from.variableScope === scope.variableScope) &&
    precedesUses(syntax, variable)
  );
}

/** Does the first declaration stand before every use in the text, in a list of statements that holds them all? */
export function precedesUses(syntax: Syntax, variable: Variable): boolean {
  const definitions = variable.defs.map((definition) => definition.name as unknown as acorn.Identifier);
  const first = definitions.reduce((a, b) => (b.start < a.start ? b : a));
  const region = regionOf(syntax, syntax.parentOf(syntax.parentOf(first)!) as acorn.VariableDeclaration);
  const isAfter = (node: acorn.Identifier): boolean => node.start >= first.start && node.end <= region!.end;
  return region !== undefined && definitions.every(isAfter) && uses(variable).every(({ node }) => isAfter(node));
}

/** The statements in which a declaration holds: the list that it stands in, or its loop. */
function regionOf(syntax: Syntax, declaration: acorn.VariableDeclaration): { end: number } | undefined {
  const parent = syntax.parentOf(declaration)!;
  if (parent.type === "ForInStatement") return parent.left === declaration ? parent : undefined;
  const statement = parent.type === "ForStatement" && parent.init === declaration ? parent : declaration;
  const list = syntax.parentOf(statement)!;
  if (list.type === "SwitchCase" || list.type === "Program") return list;
  if (list.type !== "BlockStatement") return undefined;
  return syntax.parentOf(list)?.type === "CatchClause" ? undefined : list;
}
