/** The shape of an overlay module: its functions leave it one by one, so nothing else in it may need a place in RAM. */
import ts from "typescript";

/** Parameters that the loader passes. */
const MAX_PARAMETERS = 4;

/** Does the first docblock say `@overlay`? */
export function isOverlay(file: ts.SourceFile): boolean {
  const docblock = (ts.getLeadingCommentRanges(file.text, 0) ?? [])
    .map(({ pos, end }) => file.text.slice(pos, end))
    .find((comment) => comment.startsWith("/**"));
  return docblock !== undefined && /@overlay\b/.test(docblock);
}

/** Functions whose docblock says `@inline`. */
export function inlinedIn(file: ts.SourceFile): string[] {
  return file.statements.flatMap((statement) => {
    const isAsked =
      ts.isFunctionDeclaration(statement) && ts.getJSDocTags(statement).some(({ tagName }) => tagName.text === "inline");
    return isAsked && statement.name ? [statement.name.text] : [];
  });
}

export function checkOverlay(file: ts.SourceFile, report: (node: ts.Node, reason: string) => void): void {
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement)) checkOperation(statement, report);
    else if (ts.isVariableStatement(statement)) checkConstants(statement, report);
    else if (!isErased(statement))
      report(statement, "an overlay module holds only imports, types, const enums, constants and functions");
  }
}

function checkOperation(operation: ts.FunctionDeclaration, report: (node: ts.Node, reason: string) => void): void {
  const name = operation.name?.text ?? "default";
  const count = operation.parameters.length;
  if (!operation.name) report(operation, "an operation of an overlay module has a name");
  if (count > MAX_PARAMETERS)
    report(operation, `operation ${name} has ${count} parameters; the overlay loader passes ${MAX_PARAMETERS}`);
}

/** Imports, types and const enums leave no code. */
function isErased(statement: ts.Statement): boolean {
  return (
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  );
}

function checkConstants(statement: ts.VariableStatement, report: (node: ts.Node, reason: string) => void): void {
  if (ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword)) return;
  for (const declaration of statement.declarationList.declarations) {
    const name = declaration.name.getText();
    if (!(statement.declarationList.flags & ts.NodeFlags.Const))
      report(declaration, `${name} is a variable, but an overlay module has no state; put it into a kernel module`);
    else if (!declaration.initializer || !isConstant(declaration.initializer))
      report(declaration, `${name} is not a literal or an expression of literals, so it would need a place in RAM`);
  }
}

/** Shape only: whether the names in it are constants shows when the modules are linked. */
function isConstant(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return isConstant(node.expression);
  if (ts.isPrefixUnaryExpression(node)) return isConstant(node.operand);
  if (ts.isBinaryExpression(node)) return isConstant(node.left) && isConstant(node.right);
  return (
    ts.isStringLiteralLike(node) ||
    ts.isNumericLiteral(node) ||
    ts.isIdentifier(node) ||
    ts.isPropertyAccessExpression(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword
  );
}
