/** TypeScript writes a template literal as `"".concat(a, "b")`; a sum is shorter and does not make a list of arguments. */
import { parse } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

export function sumTemplates(code: Traced): Traced {
  const edits: Edit[] = [];
  parse(code.text).each((node) => {
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return;
    const { object, property } = node.callee;
    const isConcat = property.type === "Identifier" && property.name === "concat";
    if (!isConcat || object.type !== "Literal" || typeof object.value !== "string") return;
    edits.push({ start: node.start, end: node.start, text: "(" });
    let at = object.end;
    node.arguments.forEach((argument, index) => {
      edits.push({ start: at, end: argument.start, text: index === 0 ? "+(" : ")+(" });
      at = argument.end;
    });
    edits.push({ start: at, end: node.end, text: node.arguments.length > 0 ? "))" : ")" });
  });
  return code.edit(edits);
}
