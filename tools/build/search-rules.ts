/** Text searches that the engine gets right: one character; or `find` of src/kernel/text.ts, which checks what it found. */
import ts from "typescript";
import { isText, type Refuse } from "./source-gate.ts";

const FIND = { file: "src/kernel/text.ts", name: "find" };
const SEARCHES = new Set(["indexOf", "includes", "replace", "replaceAll", "split"]);

export function checkSearch(
  call: ts.CallExpression,
  method: string,
  checker: ts.TypeChecker,
  file: string,
  refuse: Refuse,
): void {
  const [needle, by] = call.arguments;
  if (!SEARCHES.has(method) || !needle) return;
  const isFind =
    method === "indexOf" && file === FIND.file && ts.findAncestor(call, ts.isFunctionDeclaration)?.name?.text === FIND.name;
  const isSplitIntoCharacters = method === "split" && ts.isStringLiteral(needle) && needle.text === "";
  if (!isFind && !isSplitIntoCharacters && !isOneCharacter(needle, checker)) refuse(call, "index-of", method);
  if (method.startsWith("replace") && by && ts.isStringLiteralLike(by) && by.text.includes("$")) refuse(call, "replacement");
}

function isOneCharacter(needle: ts.Expression, checker: ts.TypeChecker): boolean {
  if (ts.isCallExpression(needle)) {
    const callee = needle.expression;
    const method = ts.isPropertyAccessExpression(callee) ? callee.name.text : "";
    return method === "charAt" || (callee.getText() === "String.fromCharCode" && needle.arguments.length === 1);
  }
  if (ts.isElementAccessExpression(needle)) return isText(checker.getTypeAtLocation(needle.expression));
  const type = checker.getTypeAtLocation(needle);
  const members = type.isUnion() ? type.types : [type];
  return members.every((member) => member.isStringLiteral() && member.value.length === 1) || isConstantCharacter(needle, checker);
}

/** `const c = text[i]` */
function isConstantCharacter(needle: ts.Expression, checker: ts.TypeChecker): boolean {
  const declaration = ts.isIdentifier(needle) ? checker.getSymbolAtLocation(needle)?.valueDeclaration : undefined;
  return (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0 &&
    declaration.initializer !== undefined &&
    isOneCharacter(declaration.initializer, checker)
  );
}
