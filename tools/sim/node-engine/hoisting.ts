/**
 * Takes from a script what the engine does not have: hoisting. A function declaration becomes an assignment where it stands, a `var` of
 * the top level comes to exist when it is executed, and `array.length = n` is a call that throws. So code that relies on
 * the order of JavaScript fails here as it does on the engine.
 */
import { parse } from "acorn";
import { simple } from "acorn-walk";
import type {
  AnonymousFunctionDeclaration,
  AssignmentExpression,
  FunctionDeclaration,
  Node,
  Program,
  VariableDeclaration,
} from "acorn";
import { untokenise } from "../../image/tokens.ts";

/** Global function of the context that stands for an assignment to `length`. */
export const SET_LENGTH = "$setLength";

interface Edit {
  start: number;
  end: number;
  text: string;
}

/** The script without hoisting; it keeps its meaning where it does not rely on it. Throws SyntaxError. */
export function withoutHoisting(code: string): string {
  const script = untokenise(code);
  const program: Program = parse(script, { ecmaVersion: 2020, sourceType: "script" });
  const edits: Edit[] = [];
  const replace = (start: number, end: number, text: string): void => void edits.push({ start, end, text });

  simple(program, {
    FunctionDeclaration(node: FunctionDeclaration | AnonymousFunctionDeclaration) {
      const keyword = (program.body as Node[]).includes(node) ? "" : "var ";
      const name = node.id!;
      // `function f(a){}` → `f=function(a){};`
      replace(node.start, name.end, `${keyword}${name.name}=function`);
      replace(node.end, node.end, ";");
    },
    AssignmentExpression(node: AssignmentExpression) {
      const { left } = node;
      if (left.type !== "MemberExpression" || left.computed || left.property.type !== "Identifier") return;
      if (left.property.name !== "length" || node.operator !== "=") return;
      replace(left.start, left.object.start, `${SET_LENGTH}(`);
      replace(left.object.end, node.right.start, ",");
      replace(node.end, node.end, ")");
    },
  });

  for (const statement of program.body as (Node | VariableDeclaration)[]) {
    if (statement.type !== "VariableDeclaration") continue;
    const { kind, declarations, start } = statement as VariableDeclaration;
    if (kind !== "var") continue;
    replace(start, declarations[0].start, "");
    for (const { id, init } of declarations) if (!init) replace(id.end, id.end, "=void 0");
  }

  edits.sort((a, b) => b.start - a.start || b.end - a.end);
  let result = script;
  for (const { start, end, text } of edits) result = result.slice(0, start) + text + result.slice(end);
  return result;
}
