/** Repair: the engine takes no comma operator directly inside `a[…]` and after `case`; inside parentheses it does. */
import { parse, type Node } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

export function wrapCommas(code: Traced): Traced {
  const edits: Edit[] = [];
  const wrap = (node: Node): void => {
    if (node.type !== "SequenceExpression") return;
    edits.push({ start: node.start, end: node.start, text: "(" }, { start: node.end, end: node.end, text: ")" });
  };
  parse(code.text).each((node) => {
    if (node.type === "MemberExpression" && node.computed) wrap(node.property);
    if (node.type === "SwitchCase" && node.test) wrap(node.test);
  });
  return code.edit(edits);
}
