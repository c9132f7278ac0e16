/** terser over kernel and operations as one program, so that both use the same short names. */
import { minify as terser } from "terser";
import { NAME, withMarks, type Linked, type SliceName } from "./link.ts";
import { useParameters } from "./parameters.ts";
import { shareConstants } from "./share.ts";
import { shortenNames } from "./shorten.ts";
import { isFunction, parse, uses, type Node } from "./syntax.ts";
import { originalOffsets, type Edit, type SourceMapLike, type Traced } from "./traced.ts";

/** Short names that are the engine's: a reserved word, an object, and pins, which an arrow function takes for no parameter. */
const ENGINE_NAMES = ["of", "E", ..."ABCDEFGH".split("").flatMap((port) => Array.from({ length: 40 }, (_, pin) => port + pin))];
const RESERVED = [...ENGINE_NAMES, NAME.keep, NAME.numberOf];

/**
 * A function that is used once goes into its caller, which saves its variables in RAM (and moves code of the kernel into the
 * overlay that alone needs it). Where terser can only put it there as a nested function, made anew at each call, it is
 * minified again with that function kept apart.
 */
export async function minify(linked: Linked): Promise<Traced> {
  const code = withMarks(linked);
  const { slices } = linked;
  const apart = new Set<string>();
  for (;;) {
    const annotated = keepApart(code, apart);
    const output = await terser({ "linked.js": annotated.text }, optionsFor(slices));
    const map = output.map as unknown as SourceMapLike;
    const nested = nestedFunctions(annotated, output.code!, map).filter((name) => !apart.has(name));
    if (nested.length === 0) {
      const shared = shareConstants(annotated.derive(output.code!, map));
      return shortenNames(useParameters(shared, slices), ENGINE_NAMES);
    }
    for (const name of nested) apart.add(name);
  }
}

function optionsFor(slices: readonly SliceName[]): Parameters<typeof terser>[1] {
  return {
    ecma: 5,
    toplevel: true,
    sourceMap: { asObject: true },
    compress: {
      passes: 3,
      toplevel: true,
      arrows: false,
      hoist_funs: true,
      // `x=f();g(x)` would become `g(f())`, which takes twice the C stack.
      collapse_vars: false,
    },
    mangle: { toplevel: true, reserved: [...RESERVED, ...slices.flatMap(({ id }) => [NAME.number(id), NAME.operation(id)])] },
    format: { ascii_only: true, comments: false, ecma: 5 },
  };
}

function keepApart(code: Traced, names: ReadonlySet<string>): Traced {
  const syntax = parse(code.text);
  const edits: Edit[] = [];
  for (const name of names) {
    for (const { node } of uses(syntax.top.set.get(name)!)) {
      const parent = syntax.parentOf(node);
      if (parent?.type === "CallExpression" && parent.callee === node)
        edits.push({ start: node.start, end: node.start, text: "/*@__NOINLINE__*/" });
    }
  }
  return code.edit(edits);
}

/** Functions of the program that the minifier left inside another function (or called in place). */
function nestedFunctions(before: Traced, text: string, map: SourceMapLike): string[] {
  const offsets = originalOffsets(text, map, before.text);
  const declared = parse(before.text).program.body.filter((statement) => statement.type === "FunctionDeclaration");
  const found: string[] = [];
  const syntax = parse(text);
  syntax.each((node) => {
    if (node.type !== "FunctionExpression" || !isMisplaced(node, syntax.parentOf.bind(syntax))) return;
    const origin = offsets[node.start];
    const from = declared.find((statement) => statement.start <= origin && origin < statement.end);
    // A function that the source itself nests there is for the gate to judge.
    if (from && before.text.slice(origin).startsWith("function") && origin === from.start) found.push(from.id.name);
  });
  return found;
}

function isMisplaced(node: Node, parentOf: (node: Node) => Node | undefined): boolean {
  const parent = parentOf(node);
  if (parent?.type === "CallExpression" && parent.callee === node) return true;
  for (let at = parent; at; at = parentOf(at)) if (isFunction(at)) return true;
  return false;
}
