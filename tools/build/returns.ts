/**
 * The body of a function as statements of its caller: what a `return` gave becomes an assignment, and what would have been skipped goes
 * into an `else`. The engine has no labels, so a body that leaves a loop within a loop cannot be written this way.
 */
import type * as acorn from "acorn";
import { full } from "acorn-walk";
import { isFunction, type Node } from "./syntax.ts";
import type { Traced } from "./traced.ts";

export type Parts = (Traced | string)[];
type Statement = acorn.Statement | acorn.ModuleDeclaration;

export interface Rewriting {
  /** Text of a part of the body. */
  textOf(node: { start: number; end: number }): Traced;
  /** What takes the place of a `return`: of this value, of `undefined` without one. */
  result(value?: acorn.Expression): Parts;
  /** What follows the last statement, when nothing returned. */
  end(): Parts;
  /** Name of a new variable; undefined where none is worth it. */
  newName(): string | undefined;
}

/** The statements without `return`; undefined when they cannot be written so. */
export function withoutReturns(list: readonly Statement[], rewriting: Rewriting): Parts | undefined {
  const parts: Parts = [];
  for (const [index, statement] of list.entries()) {
    if (returnsIn(statement).length === 0) {
      parts.push(rewriting.textOf(statement));
      continue;
    }
    const last = lastStatement(statement, list.slice(index + 1), rewriting);
    return last && [...parts, ...last];
  }
  return [...parts, ...rewriting.end()];
}

function lastStatement(statement: Statement, rest: readonly Statement[], rewriting: Rewriting): Parts | undefined {
  switch (statement.type) {
    case "ReturnStatement":
      return rewriting.result(statement.argument ?? undefined);
    case "BlockStatement":
      return withoutReturns([...statement.body, ...rest], rewriting);
    case "IfStatement":
      return choice(statement, rest, rewriting);
    case "SwitchStatement":
    case "ForStatement":
    case "ForInStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      return leaving(statement, rest, rewriting);
    default:
      return undefined;
  }
}

/** A statement that may return or not, in front of others: a variable tells these whether it did. */
function flagged(statement: Statement, rest: readonly Statement[], rewriting: Rewriting): Parts | undefined {
  const name = rewriting.newName();
  if (name === undefined) return undefined;
  const result = (value?: acorn.Expression): Parts => [...rewriting.result(value), `${name}=1;`];
  const first = withoutReturns([statement], { ...rewriting, result, end: () => [] });
  const others = withoutReturns(rest, rewriting);
  return first && others && [`var ${name}=0;`, ...first, `if(!${name}){`, ...others, "}"];
}

/** What follows goes into the branch that does not return, in one copy. */
function choice(statement: acorn.IfStatement, rest: readonly Statement[], rewriting: Rewriting): Parts | undefined {
  const yes = listOf(statement.consequent);
  const no = statement.alternate ? listOf(statement.alternate) : [];
  if (rest.length > 0 && canEnd(yes) && canEnd(no)) return flagged(statement, rest, rewriting);
  const first = withoutReturns(canEnd(yes) ? [...yes, ...rest] : yes, rewriting);
  const second = withoutReturns(canEnd(no) ? [...no, ...rest] : no, rewriting);
  if (!first || !second) return undefined;
  const test = rewriting.textOf(statement.test);
  return ["if(", test, "){", ...first, "}", ...(second.length > 0 ? ["else{", ...second, "}"] : [])];
}

/** A loop or `switch` is left by `break`; what it falls back to comes before it, or behind it when it is more than a value. */
function leaving(statement: Statement, rest: readonly Statement[], rewriting: Rewriting): Parts | undefined {
  const [after, ...more] = rest;
  const isValue = after?.type === "ReturnStatement" && (!after.argument || isValueKnown(after.argument));
  if (after && (more.length > 0 || !isValue)) return flagged(statement, rest, rewriting);
  const parts: Parts = isValue ? [...rewriting.result(after.argument ?? undefined)] : [...rewriting.end()];
  let at = statement.start;
  for (const node of returnsIn(statement).sort((a, b) => a.start - b.start)) {
    if (!leaves(node, statement)) return undefined;
    parts.push(rewriting.textOf({ start: at, end: node.start }), "{", ...rewriting.result(node.argument ?? undefined), "break;}");
    at = node.end;
  }
  return [...parts, rewriting.textOf({ start: at, end: statement.end })];
}

function isValueKnown(node: acorn.Expression): boolean {
  return node.type === "Literal" || (node.type === "UnaryExpression" && node.argument.type === "Literal");
}

/** Would a `break` in the place of `node` leave `whole`, and nothing within it? */
function leaves(node: Node, whole: Node): boolean {
  let within = false;
  full(whole, (inner) => {
    const isBreakable = /^(Switch|For|ForIn|While|DoWhile|Try)Statement$/.test(inner.type);
    if (isBreakable && inner !== whole && inner.start <= node.start && node.end <= inner.end) within = true;
  });
  return !within;
}

function listOf(statement: acorn.Statement): acorn.Statement[] {
  return statement.type === "BlockStatement" ? statement.body : [statement];
}

/** May what follows the statements be reached? */
export function canEnd(list: readonly Statement[]): boolean {
  const last = list[list.length - 1] as Statement | undefined;
  if (last?.type === "ReturnStatement" || last?.type === "ThrowStatement") return false;
  if (last?.type === "BlockStatement") return canEnd(last.body);
  if (last?.type === "IfStatement" && last.alternate) return canEnd(listOf(last.consequent)) || canEnd(listOf(last.alternate));
  return true;
}

/** Every `return` of the function that holds the statement. */
export function returnsIn(statement: Node): acorn.ReturnStatement[] {
  const found: acorn.ReturnStatement[] = [];
  const functions: Node[] = [];
  full(statement, (node) => {
    if (node.type === "ReturnStatement") found.push(node as acorn.ReturnStatement);
    if (isFunction(node as Node)) functions.push(node as Node);
  });
  return found.filter(
    (node) => !functions.some((inner) => inner !== statement && inner.start <= node.start && node.end <= inner.end),
  );
}
