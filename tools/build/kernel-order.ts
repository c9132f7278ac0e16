/**
 * Repair of the kernel's top level: the engine knows a function only after the text that declares it, and a variable only
 * after its `var`. So all functions come first, then everything else in its order; a variable that running code could meet
 * before its own line is declared ahead of that code.
 */
import { moveVariables, precedesUses } from "./hoist.ts";
import { isFunction, parse, type Node, type Syntax, type Variable } from "./syntax.ts";
import type { Traced } from "./traced.ts";

export function orderKernel(code: Traced): Traced {
  const syntax = parse(code.text);
  const functions: Traced[] = [];
  const others: Traced[] = [];
  for (const statement of syntax.program.body) {
    (statement.type === "FunctionDeclaration" ? functions : others).push(code.part(statement.start, statement.end));
  }
  const ordered = code.join([...functions, ...others]);
  return declareAhead(ordered);
}

function declareAhead(code: Traced): Traced {
  const syntax = parse(code.text);
  const start = syntax.program.body.find((statement) => statement.type !== "FunctionDeclaration")?.start ?? 0;
  const running = firstCall(syntax);
  const ahead = syntax.top.variables.filter((variable) => {
    if (variable.defs.some((definition) => definition.type !== "Variable")) return false;
    const isLate = (variable.defs[0].name as unknown as Node).start > running;
    const isShared = variable.references.some((reference) => reference.from.variableScope !== syntax.top);
    return (isLate && isShared) || !precedesUses(syntax, ownUses(syntax, variable));
  });
  return code.edit(moveVariables(syntax, ahead, start));
}

/** The variable with its uses at the top level alone: those inside functions happen when a function is called. */
function ownUses(syntax: Syntax, variable: Variable): Variable {
  const references = variable.references.filter((reference) => reference.from.variableScope === syntax.top);
  return Object.assign(Object.create(variable) as Variable, { references });
}

/** Where the top level first calls a function of the program. */
function firstCall(syntax: Syntax): number {
  let first = Infinity;
  syntax.each((node) => {
    if (node.type !== "CallExpression" || node.start >= first) return;
    if (node.callee.type !== "Identifier" || !syntax.top.set.has(node.callee.name)) return;
    for (let at: Node | undefined = node; at; at = syntax.parentOf(at)) if (isFunction(at)) return;
    first = node.start;
  });
  return first;
}
