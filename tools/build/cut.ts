/**
 * From the minified program to the texts of the image: the operations are cut out of the kernel, those that nothing reaches
 * are dropped, and numbers take the place of their stand-ins.
 */
import type * as acorn from "acorn";
import { full } from "acorn-walk";
import { orderKernel } from "./kernel-order.ts";
import { NAME, type SliceName } from "./link.ts";
import { parse, uses, type Node, type Scope } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

export interface CutSlice extends SliceName {
  /** Undefined for a table: its text is no program. */
  code: Traced | undefined;
}

export interface Cut {
  kernel: Traced;
  /** In the order of their numbers. */
  slices: CutSlice[];
}

const STAND_IN = /^__n(\d+)$/;

/** Cuts a program that went through every repair inside functions. */
export function cut(minified: Traced, slices: readonly SliceName[]): Cut {
  const code = renameLoaderVariables(withoutMarks(minified));
  const operations = new Map<number, Traced>();
  const kernelParts: Traced[] = [];
  for (const statement of parse(code.text).program.body) {
    const id = statement.type === "FunctionDeclaration" ? /^__op(\d+)$/.exec(statement.id.name)?.[1] : undefined;
    if (id === undefined) kernelParts.push(code.part(statement.start, statement.end));
    else operations.set(Number(id), asArrow(code, statement as acorn.FunctionDeclaration));
  }
  const kernel = orderKernel(code.join(kernelParts));

  const counts = reached(kernel, operations);
  // The shortest numbers go to the slices that are named most.
  const kept = slices.filter(({ id }) => counts.has(id)).sort((a, b) => counts.get(b.id)! - counts.get(a.id)! || a.id - b.id);
  const numbers = new Map(kept.map((slice, number) => [slice.id, number]));
  return {
    kernel: withNumbers(kernel, numbers),
    slices: kept.map((slice) => ({
      ...slice,
      code: slice.isTable ? undefined : withNumbers(operations.get(slice.id)!, numbers),
    })),
  };
}

/**
 * An arrow function is the shortest text of a function, and takes no more RAM or stack than any other. Its body is a plain
 * expression only where that calls nothing of the program: it takes 70 bytes more of the stack than a `return`.
 */
function asArrow(code: Traced, { params, body }: acorn.FunctionDeclaration): Traced {
  const list = params.length > 0 ? code.part(params[0].start, params[params.length - 1].end) : "";
  const head = params.length === 1 ? [list, "=>"] : ["(", list, ")=>"];
  const value = body.body.length === 1 && body.body[0].type === "ReturnStatement" ? body.body[0].argument : undefined;
  if (!value || !isLeaf(value)) return code.join([...head, code.part(body.start, body.end)]);
  return code.join([...head, code.part(value.start, value.end)]);
}

/** An expression that calls no function of the program and can follow an arrow without parentheses. */
function isLeaf(value: acorn.Expression): boolean {
  let leaf = value.type !== "SequenceExpression" && leftmost(value).type !== "ObjectExpression";
  full(value, (node) => {
    if (node.type === "CallExpression" && (node as acorn.CallExpression).callee.type === "Identifier") leaf = false;
  });
  return leaf;
}

function leftmost(node: Node): Node {
  switch (node.type) {
    case "BinaryExpression":
    case "LogicalExpression":
    case "AssignmentExpression":
      return leftmost(node.left);
    case "ConditionalExpression":
      return leftmost(node.test);
    case "MemberExpression":
      return leftmost(node.object);
    case "CallExpression":
      return leftmost(node.callee);
    default:
      return node;
  }
}

/** Without `var __n0=__numberOf(0),…` and `__keep(…)`. */
function withoutMarks(code: Traced): Traced {
  const syntax = parse(code.text);
  const edits: Edit[] = [];
  const remove = (nodes: readonly Node[], isMark: (node: Node) => boolean, whole: Node): void => {
    const left = nodes.filter((node) => !isMark(node));
    if (left.length === nodes.length) return;
    if (left.length === 0) edits.push({ start: whole.start, end: whole.end, text: "" });
    else {
      const end = nodes[nodes.length - 1].end;
      edits.push({ start: nodes[0].start, end: left[0].start, text: "" });
      left.slice(1).forEach((node, index) => edits.push({ start: left[index].end, end: node.start, text: "," }));
      edits.push({ start: left[left.length - 1].end, end, text: "" });
    }
  };
  for (const statement of syntax.program.body) {
    if (statement.type === "VariableDeclaration") {
      const isStandIn = (node: Node): boolean =>
        node.type === "VariableDeclarator" && node.id.type === "Identifier" && STAND_IN.test(node.id.name);
      remove(statement.declarations, isStandIn, statement);
    } else if (statement.type === "ExpressionStatement") {
      const { expression } = statement;
      remove(expression.type === "SequenceExpression" ? expression.expressions : [expression], isKeep, statement);
    }
  }
  return code.edit(edits);
}

function isKeep(node: Node): boolean {
  return node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === NAME.keep;
}

/**
 * What `eval` evaluates sees the variables of the function that calls it: a parameter of the loader with the short name of a
 * global would hide that global from every operation. So the loader's variables get names that nothing else has.
 */
function renameLoaderVariables(code: Traced): Traced {
  const syntax = parse(code.text);
  const taken = new Set<string>();
  syntax.each((node) => {
    if (node.type === "Identifier") taken.add(node.name);
  });
  for (const variable of allVariables(syntax.top)) taken.add(variable.name);
  const scopes = syntax.top.through
    .filter((reference) => reference.identifier.name === NAME.evaluate)
    .map((reference) => reference.from.variableScope);
  const edits: Edit[] = [];
  for (const scope of new Set(scopes)) {
    if (scope.type !== "function") continue;
    for (const variable of allVariables(scope)) {
      if (variable.defs.length === 0) continue;
      const name = freeName(taken);
      const nodes = [
        ...variable.defs.map((definition) => definition.name as unknown as Node),
        ...uses(variable).map(({ node }) => node),
      ];
      for (const start of new Set(nodes.map((node) => node.start)))
        edits.push({ start, end: start + variable.name.length, text: name });
    }
  }
  return code.edit(edits);
}

function allVariables(scope: Scope): Scope["variables"] {
  return [...scope.variables, ...scope.childScopes.flatMap(allVariables)];
}

function freeName(taken: Set<string>): string {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (const first of letters) {
    for (const second of "_$" + letters) {
      if (taken.has(first + second) || ["as", "do", "if", "in", "of"].includes(first + second)) continue;
      taken.add(first + second);
      return first + second;
    }
  }
  throw new Error("No free name of two letters is left.");
}

/** Slices that the kernel names, and those that these name in turn: how often each is named, by id. */
function reached(kernel: Traced, operations: ReadonlyMap<number, Traced>): Map<number, number> {
  const counts = new Map<number, number>();
  const look = (code: Traced): void => {
    for (const { id } of standIns(code)) {
      const operation = counts.has(id) ? undefined : operations.get(id);
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (operation) look(operation);
    }
  };
  look(kernel);
  return counts;
}

function standIns(code: Traced): { node: Node; id: number }[] {
  const found: { node: Node; id: number }[] = [];
  parse(code.text).each((node) => {
    const named = node.type === "Identifier" ? STAND_IN.exec(node.name)?.[1] : undefined;
    if (named !== undefined) found.push({ node, id: Number(named) });
    // The minifier may have put a value that is used once in the place of its name.
    if (node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === NAME.numberOf)
      found.push({ node, id: Number((node.arguments[0] as acorn.Literal).value) });
  });
  return found;
}

/** From 128 to 255 as -128 to -1, which is one byte less in tokens. */
function numberText(number: number): string {
  return String(number > 127 && number < 256 ? number - 256 : number);
}

function withNumbers(code: Traced, numbers: ReadonlyMap<number, number>): Traced {
  const edits = standIns(code).map(({ node, id }) => ({ start: node.start, end: node.end, text: numberText(numbers.get(id)!) }));
  const named = code.edit(edits);
  const syntax = parse(named.text);
  const calls: Edit[] = [];
  syntax.each((node) => {
    if (node.type === "Identifier" && node.name === NAME.evaluate) calls.push({ start: node.start, end: node.end, text: "eval" });
  });
  return named.edit(calls);
}
