/** Parsed JavaScript with parents and scopes, as the passes after rollup need it. */
import * as acorn from "acorn";
import { full } from "acorn-walk";
import { analyze, type Scope, type Variable } from "eslint-scope";
import type { Program } from "estree";

export type Node = acorn.AnyNode;
export type { Scope, Variable };

export interface Syntax {
  text: string;
  program: acorn.Program;
  /** The scope that holds the top-level names. */
  top: Scope;
  parentOf(node: Node): Node | undefined;
  /** Every node, children before their parents. */
  each(visit: (node: Node) => void): void;
}

export function parse(text: string, ecmaVersion: acorn.ecmaVersion = 2020): Syntax {
  const program = acorn.parse(text, { ecmaVersion, sourceType: "script", ranges: true });
  const manager = analyze(program as unknown as Program, { ecmaVersion: 2020, sourceType: "module", ignoreEval: true });
  const parents = new Map<Node, Node>();
  full(program, (node) => {
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child && typeof child.type === "string") parents.set(child as Node, node as Node);
      }
    }
  });
  return {
    text,
    program,
    top: manager.scopes[1],
    parentOf: (node) => parents.get(node),
    each: (visit) => full(program, (node) => visit(node as Node)),
  };
}

/** References to a variable as nodes of the parsed text. */
export function uses(variable: Variable): { node: acorn.Identifier; writes: boolean; initialises: boolean }[] {
  return variable.references.map((reference) => ({
    node: reference.identifier as unknown as acorn.Identifier,
    writes: reference.isWrite(),
    initialises: reference.init === true,
  }));
}

/** References to names that the program does not declare. */
export function unresolved(top: Scope): acorn.Identifier[] {
  return top.through.map((reference) => reference.identifier as unknown as acorn.Identifier);
}

export function isFunction(
  node: Node | undefined,
): node is acorn.FunctionDeclaration | acorn.FunctionExpression | acorn.ArrowFunctionExpression {
  return node?.type === "FunctionDeclaration" || node?.type === "FunctionExpression" || node?.type === "ArrowFunctionExpression";
}
