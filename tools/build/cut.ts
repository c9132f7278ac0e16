/**
 * From the minified program to the texts of the image: the operations are cut out of the kernel, those that nothing reaches
 * are dropped, and numbers take the place of their stand-ins.
 */
import type * as acorn from "acorn";
import { orderKernel } from "./kernel-order.ts";
import { NAME, type SliceName } from "./link.ts";
import { parse, type Node } from "./syntax.ts";
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
  const code = withoutMarks(minified);
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

/** For reading, and for the passes: the image has the body alone (`pretokenise`). */
function asArrow(code: Traced, { params, body }: acorn.FunctionDeclaration): Traced {
  const list = params.length > 0 ? code.part(params[0].start, params[params.length - 1].end) : "";
  return code.join(["(", list, ")=>", code.part(body.start, body.end)]);
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
  return code.edit(edits);
}
