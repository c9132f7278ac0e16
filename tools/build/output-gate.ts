/**
 * The gate on the final texts, kernel and operations: what the minifier or a pass may have brought in, and what types cannot
 * see. It is the last word: nothing is written when it finds something.
 */
import type * as acorn from "acorn";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Finding } from "./findings.ts";
import { precedesUses } from "./hoist.ts";
import { isFunction, parse, unresolved, type Node, type Scope, type Syntax } from "./syntax.ts";
import type { Traced } from "./traced.ts";
import { trapReason, type Trap } from "./traps.ts";

type Refuse = (node: { start: number }, trap: Trap, detail?: string) => void;

/** Checks a kernel and the operations that run on it. */
export function outputGate(kernel: Traced, operations: readonly Traced[]): Finding[] {
  const globals = engineGlobals();
  const kernelFindings = gateText(kernel, globals, false);
  if (kernelFindings.some(({ reason }) => reason.includes("[syntax]"))) return kernelFindings;
  const known = new Set([...globals, ...parse(kernel.text).top.set.keys()]);
  return [...kernelFindings, ...operations.flatMap((operation) => gateText(operation, known, true))];
}

function gateText(code: Traced, globals: ReadonlySet<string>, isOperation: boolean): Finding[] {
  const findings: Finding[] = [];
  const refuse: Refuse = (node, trap, detail) => findings.push(code.finding(node.start, trapReason(trap, detail)));
  const raw = /[^\n\x20-\x7e]/.exec(code.text);
  if (raw) refuse({ start: raw.index }, "syntax", "a character that is not ASCII");
  let syntax: Syntax;
  try {
    // An operation is an arrow function; nothing else in it is newer than ES5 (`KNOWN_NODES`).
    syntax = parse(code.text, isOperation ? 2015 : 5);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = (error as SyntaxError & { pos: number }).pos;
    refuse({ start: at }, "syntax", error.message.replace(/ \(\d+:\d+\)$/, ""));
    return findings;
  }
  syntax.each((node) => {
    const trap = trapOf(node, syntax, isOperation);
    if (trap) refuse(node, trap);
    checkMember(node, refuse);
  });
  for (const node of unresolved(syntax.top)) {
    if (!globals.has(node.name)) refuse(node, "missing-builtin", node.name);
  }
  checkHoisting(syntax, refuse);
  return findings;
}

const KNOWN_NODES = new Set(
  (
    "Program EmptyStatement ExpressionStatement BlockStatement IfStatement SwitchStatement SwitchCase WhileStatement DoWhileStatement " +
    "ForStatement ForInStatement BreakStatement ContinueStatement ReturnStatement ThrowStatement TryStatement CatchClause " +
    "VariableDeclaration VariableDeclarator FunctionDeclaration FunctionExpression Identifier Literal ArrayExpression ObjectExpression " +
    "Property UnaryExpression UpdateExpression BinaryExpression AssignmentExpression LogicalExpression ConditionalExpression " +
    "CallExpression NewExpression MemberExpression SequenceExpression"
  ).split(" "),
);

const CLASSES = new Set(["Uint8Array", "Int32Array", "Uint32Array"]);

function trapOf(node: Node, syntax: Syntax, isOperation: boolean): Trap | undefined {
  switch (node.type) {
    case "ThisExpression":
      return "this";
    case "LabeledStatement":
      return "label";
    case "DebuggerStatement":
      return "debugger";
    case "FunctionDeclaration":
      return isOperation || syntax.parentOf(node)?.type !== "Program" ? "nested-function" : undefined;
    case "FunctionExpression": {
      const parent = syntax.parentOf(node);
      return parent?.type === "CallExpression" && parent.callee !== node ? undefined : "nested-function";
    }
    case "ArrowFunctionExpression":
      return isOperation && syntax.parentOf(node)?.type === "ExpressionStatement" && node.start === 0 ? undefined : "syntax";
    case "VariableDeclaration":
      return node.kind === "var" ? undefined : "syntax";
    case "NewExpression":
      return node.callee.type === "Identifier" && CLASSES.has(node.callee.name) ? undefined : "new";
    case "Property":
      if (node.kind !== "init") return "getter";
      return node.shorthand || node.method || node.computed ? "syntax" : undefined;
    case "ArrayExpression":
      return node.elements.includes(null) ? "array-hole" : undefined;
    case "Literal":
      if (node.regex) return "regexp";
      return typeof node.value === "string" && /[^\x00-\xff]/.test(node.value) ? "wide-character" : undefined;
    case "BinaryExpression":
      return node.operator === "instanceof" ? "instanceof" : undefined;
    case "SwitchStatement":
      return node.cases.some((branch, index) => !branch.test && index < node.cases.length - 1) ? "default-not-last" : undefined;
    case "SwitchCase":
      return node.test && isBareComma(node.test, syntax) ? "syntax" : undefined;
    case "MemberExpression":
      return node.computed && isBareComma(node.property, syntax) ? "syntax" : undefined;
    case "Identifier":
      return node.name === "of" ? "syntax" : node.name === "arguments" ? "arguments" : undefined;
    default:
      return KNOWN_NODES.has(node.type) ? undefined : "syntax";
  }
}

/** Does the comma expression stand without parentheses of its own? */
function isBareComma(node: Node, syntax: Syntax): boolean {
  return node.type === "SequenceExpression" && syntax.text[node.start - 1] !== "(";
}

/** Members that no type of the engine has, or that it has otherwise than other engines; types see all but what a cast hides. */
const REFUSED_MEMBERS: ReadonlyMap<string, Trap> = new Map<string, Trap>([
  ...["prototype", "__proto__", "constructor", "callee", "caller"].map((name): [string, Trap] => [name, "prototype-member"]),
  ...(
    "codePointAt copyWithin findLast findLastIndex flat flatMap forEach localeCompare matchAll normalize reduceRight sort " +
    "toExponential toFixed toPrecision trimEnd trimStart"
  )
    .split(" ")
    .map((name): [string, Trap] => [name, "missing-builtin"]),
]);

function checkMember(node: Node, refuse: Refuse): void {
  const target = node.type === "AssignmentExpression" ? node.left : node.type === "UpdateExpression" ? node.argument : undefined;
  if (target && memberName(target) === "length") refuse(target, "set-length");
  if (node.type === "Property") checkName(node, keyName(node), refuse);
  if (node.type === "MemberExpression") checkName(node, memberName(node), refuse);
}

function checkName(node: Node, name: string | undefined, refuse: Refuse): void {
  const trap = name === undefined ? undefined : REFUSED_MEMBERS.get(name);
  if (trap) refuse(node, trap, name);
}

function memberName(node: Node): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  if (node.computed)
    return node.property.type === "Literal" && typeof node.property.value === "string" ? node.property.value : undefined;
  return node.property.type === "Identifier" ? node.property.name : undefined;
}

function keyName({ key }: acorn.Property | acorn.AssignmentProperty): string | undefined {
  return key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : undefined;
}

/** The repair has to have left no variable that could be met before its `var`. */
function checkHoisting(syntax: Syntax, refuse: Refuse): void {
  const visit = (scope: Scope): void => {
    const block = scope.block as unknown as Node;
    if (scope.type === "function" && isFunction(block)) {
      for (const variable of scope.variables) {
        const isVariable = variable.defs.length > 0 && variable.defs.every((definition) => definition.type === "Variable");
        if (isVariable && !precedesUses(syntax, variable))
          refuse(variable.defs[0].name as unknown as Node, "syntax", `variable ${variable.name} is used before its var`);
      }
    }
    scope.childScopes.forEach(visit);
  };
  visit(syntax.top);
}

let globals: Set<string> | undefined;

/** Global names that the type environment declares: the engine has these and no others. */
export function engineGlobals(): Set<string> {
  if (globals) return globals;
  globals = new Set(["undefined"]);
  const directory = path.resolve(fileURLToPath(import.meta.url), "../../../types");
  for (const name of readdirSync(directory)) {
    const file = ts.createSourceFile(name, readFileSync(path.join(directory, name), "utf8"), ts.ScriptTarget.ES2022);
    for (const statement of file.statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name) globals.add(statement.name.text);
      if (ts.isVariableStatement(statement)) {
        for (const { name: declared } of statement.declarationList.declarations) globals.add((declared as ts.Identifier).text);
      }
    }
  }
  globals.delete("BUILD_ID");
  return globals;
}
