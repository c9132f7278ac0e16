/**
 * The loader gives every operation four arguments under fixed names (`PARAMETERS`), whatever the operation takes. Those that it does not
 * take are variables that exist already: its own variables go there, which saves their `var` in flash and their place in RAM.
 */
import type * as acorn from "acorn";
import { withoutDeclarations } from "./hoist.ts";
import { CHOSEN_ARGUMENTS, NAME, PARAMETERS, type SliceName } from "./link.ts";
import { parse, type Node, type Scope, type Syntax, type Variable } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

const OPERATION = /^__op(\d+)$/;

/** Is this the scope of an operation's function? */
export function isOperation(scope: Scope): boolean {
  const { id } = scope.block as unknown as acorn.FunctionDeclaration;
  return scope.type === "function" && OPERATION.test(id?.name ?? "");
}

export function useParameters(code: Traced, slices: readonly SliceName[]): Traced {
  const chosen = new Set(slices.filter(({ isChosen }) => isChosen).map(({ id }) => NAME.operation(id)));
  const syntax = parse(code.text);
  const edits: Edit[] = [];
  for (const scope of syntax.top.childScopes) {
    const block = scope.block as unknown as acorn.FunctionDeclaration;
    if (!isOperation(scope)) continue;
    const given = chosen.has(block.id.name) ? Math.max(CHOSEN_ARGUMENTS - block.params.length, 0) : 0;
    const moved = chooseVariables(syntax, scope, PARAMETERS.length - block.params.length - given);
    if (moved.length === 0) continue;
    const names = [...Array.from({ length: given }, (_, i) => `given${i}`), ...moved.map(({ name }) => name)].join(",");
    const end = code.text.indexOf("(", block.start) + 1;
    const last = block.params[block.params.length - 1] as Node | undefined;
    edits.push({ start: last?.end ?? end, end: last?.end ?? end, text: last ? "," + names : names });
    edits.push(...withoutDeclarations(syntax, moved));
  }
  return code.edit(edits);
}

/** Up to `room` variables: first those whose whole declaration goes with them. */
function chooseVariables(syntax: Syntax, scope: Scope, room: number): Variable[] {
  const chosen = new Set<Variable>();
  for (const group of groupsOf(syntax, scope).sort((a, b) => a.length - b.length)) {
    const further = group.filter((variable) => !chosen.has(variable));
    if (chosen.size + further.length <= room) for (const variable of further) chosen.add(variable);
  }
  for (const variable of scope.variables)
    if (chosen.size < room && isOwn(variable) && variable.defs.every(({ parent }) => canSplit(syntax, parent as unknown as Node)))
      chosen.add(variable);
  return [...chosen];
}

/** The variables of each declaration that may go as a whole. */
function groupsOf(syntax: Syntax, scope: Scope): Variable[][] {
  const own = scope.variables.filter(isOwn);
  const declarations = new Set(
    own.flatMap(({ defs }) => defs.map(({ parent }) => parent as unknown as acorn.VariableDeclaration)),
  );
  return [...declarations]
    .map((declaration) => own.filter(({ defs }) => defs.some(({ parent }) => (parent as unknown) === declaration)))
    .filter((group) =>
      group.every(({ defs }) => defs.length === 1 || defs.every(({ parent }) => canSplit(syntax, parent as unknown as Node))),
    );
}

function isOwn({ defs }: Variable): boolean {
  return defs.length > 0 && defs.every(({ type }) => type === "Variable");
}

/** In a list of statements one declaration may become several. */
function canSplit(syntax: Syntax, declaration: Node): boolean {
  const parent = syntax.parentOf(declaration)?.type;
  return parent === "BlockStatement" || parent === "SwitchCase";
}
