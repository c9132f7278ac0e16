/**
 * The gate on the sources: what the engine cannot run, or runs differently, and what needs types to be seen. Missing built-ins
 * are type errors already (types/lib.espruino.d.ts). What only the minified text shows is the business of `output-gate.ts`.
 */
import path from "node:path";
import ts from "typescript";
import { BOOT_SOURCE } from "./boot-file.ts";
import { checkEngineFiles } from "./engine-files.ts";
import { layersOf, type Target } from "./boards.ts";
import type { Finding } from "./findings.ts";
import { checkOverlay, inlinedIn, isOverlay } from "./overlay-rules.ts";
import { checkPinArgument, checkPins } from "./pins.ts";
import { checkSearch } from "./search-rules.ts";
import { trapReason, type Trap } from "./traps.ts";

export interface GateContext {
  root: string;
  target: Target;
  findings: Finding[];
  /** Gets the overlay modules, relative to the project. */
  overlays: Set<string>;
  /** Operations, as `file#name`, that are asked to be written out at each call. */
  inlined: Set<string>;
}

export type Refuse = (node: ts.Node, trap: Trap, detail?: string) => void;

/** Checks all device code of the program; the sources themselves stay as they are. */
export function sourceGate(program: ts.Program, context: GateContext): ts.TransformerFactory<ts.SourceFile> {
  const checker = program.getTypeChecker();
  const rooms = ["src/", ...[context.target.board, ...layersOf(context.target)].map((name) => `boards/${name}/`)];
  for (const file of program.getSourceFiles()) {
    const name = path.relative(context.root, file.fileName).split(path.sep).join("/");
    const isDevice = rooms.some((room) => name.startsWith(room));
    if (file.isDeclarationFile || !isDevice) continue;
    const report = (node: ts.Node, reason: string): void => {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      context.findings.push({ file: name, line, reason });
    };
    if (isOverlay(file)) {
      context.overlays.add(name);
      checkOverlay(file, report);
      for (const operation of inlinedIn(file)) context.inlined.add(`${name}#${operation}`);
    }
    const isBoard = path.posix.dirname(name) === `boards/${context.target.board}`;
    if (name === `boards/${context.target.board}/board.ts`) checkPins(file, report);
    const refuse: Refuse = (node, trap, detail) => report(node, trapReason(trap, detail));
    const visit = (node: ts.Node): void => {
      checkSyntax(node, refuse);
      checkFunction(node, checker, refuse);
      checkCall(node, checker, name, refuse);
      if (isBoard) checkPinArgument(node, checker, report);
      ts.forEachChild(node, visit);
    };
    ts.forEachChild(file, visit);
  }
  checkEngineFiles(program, context);
  return () => (file) => file;
}

/** Nodes that are refused wherever they stand. */
const REFUSED: ReadonlyMap<ts.SyntaxKind, Trap> = new Map<ts.SyntaxKind, Trap>([
  [ts.SyntaxKind.AnyKeyword, "any"],
  [ts.SyntaxKind.AsyncKeyword, "async"],
  [ts.SyntaxKind.AwaitExpression, "async"],
  [ts.SyntaxKind.YieldExpression, "async"],
  [ts.SyntaxKind.BigIntLiteral, "bigint"],
  [ts.SyntaxKind.ClassDeclaration, "class"],
  [ts.SyntaxKind.ClassExpression, "class"],
  [ts.SyntaxKind.ComputedPropertyName, "computed-key"],
  [ts.SyntaxKind.DebuggerStatement, "debugger"],
  [ts.SyntaxKind.Decorator, "class"],
  [ts.SyntaxKind.GetAccessor, "getter"],
  [ts.SyntaxKind.SetAccessor, "getter"],
  [ts.SyntaxKind.LabeledStatement, "label"],
  [ts.SyntaxKind.MetaProperty, "this"],
  [ts.SyntaxKind.ModuleDeclaration, "enum"],
  [ts.SyntaxKind.OmittedExpression, "array-hole"],
  [ts.SyntaxKind.RegularExpressionLiteral, "regexp"],
  [ts.SyntaxKind.SpreadAssignment, "spread"],
  [ts.SyntaxKind.SpreadElement, "spread"],
  [ts.SyntaxKind.TaggedTemplateExpression, "tagged-template"],
  [ts.SyntaxKind.ThisKeyword, "this"],
  [ts.SyntaxKind.WithStatement, "syntax"],
]);

function checkSyntax(node: ts.Node, refuse: Refuse): void {
  const trap = REFUSED.get(node.kind);
  // A hole in a pattern is lowered to an index that is not read.
  if (trap && !(ts.isOmittedExpression(node) && ts.isArrayBindingPattern(node.parent))) refuse(node, trap);
  if (ts.isEnumDeclaration(node) && !ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.ConstKeyword))
    refuse(node, "enum");
  if (ts.isFunctionLike(node) && "asteriskToken" in node && node.asteriskToken) refuse(node, "async");
  if ((ts.isParameter(node) || ts.isBindingElement(node)) && node.dotDotDotToken && !isTypeOnly(node)) refuse(node, "rest");
  if (ts.isIdentifier(node) && /[^\x00-\x7f]/.test(node.text)) refuse(node, "name-ascii", node.text);
  if (ts.isIdentifier(node) && node.text === "arguments") refuse(node, "arguments");
  if ((ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) && !isTypeOnly(node) && /[^\x00-\xff]/.test(node.text))
    refuse(node, "wide-character");
  if ((ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) && /[^\x00-\x7f]/.test(node.getText()))
    refuse(node, "raw-character");
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) refuse(node, "instanceof");
  if (ts.isDeleteExpression(node) && isInside(node, ts.isForInStatement)) refuse(node, "delete-in-loop");
  if (ts.isDefaultClause(node) && node.parent.clauses[node.parent.clauses.length - 1] !== node) refuse(node, "default-not-last");
}

/** Part of a type, or of a declaration without code? */
function isTypeOnly(node: ts.Node): boolean {
  return isInside(node, (outer) => ts.isTypeNode(outer) || (ts.isFunctionLike(outer) && !("body" in outer && outer.body)));
}

function isInside(node: ts.Node, test: (outer: ts.Node) => boolean): boolean {
  for (let outer = node.parent; outer && !ts.isSourceFile(outer); outer = outer.parent) if (test(outer)) return true;
  return false;
}

function checkFunction(node: ts.Node, checker: ts.TypeChecker, refuse: Refuse): void {
  const isNested =
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    ts.isMethodDeclaration(node) ||
    (ts.isFunctionDeclaration(node) && !ts.isSourceFile(node.parent));
  if (!isNested) return;
  const isArgument = ts.isCallExpression(node.parent) && node.parent.arguments.some((argument) => argument === node);
  if (!isArgument) refuse(node, "nested-function");
  const loop = ts.findAncestor(node.parent, (outer) =>
    ts.isFunctionLike(outer) ? "quit" : ts.isIterationStatement(outer, false),
  );
  const captured = loop && loopVariable(node, loop, checker);
  if (captured) refuse(node, "loop-closure", captured);
}

/** Name of a variable of the loop that the function inside it reads. */
function loopVariable(inner: ts.Node, loop: ts.Node, checker: ts.TypeChecker): string | undefined {
  const isWithin = (node: ts.Node, outer: ts.Node): boolean => node.pos >= outer.pos && node.end <= outer.end;
  const visit = (node: ts.Node): string | undefined => {
    const declaration = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node)?.valueDeclaration : undefined;
    const isScoped = declaration && ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped;
    if (
      isScoped &&
      declaration.getSourceFile() === node.getSourceFile() &&
      isWithin(declaration, loop) &&
      !isWithin(declaration, inner)
    )
      return (node as ts.Identifier).text;
    return ts.forEachChild(node, visit);
  };
  return visit(inner);
}

/** What one function alone may use, for it knows how. */
const RESERVED_FOR: Record<string, { trap: Trap; module: string; user?: string }> = {
  eval: { trap: "eval", module: BOOT_SOURCE },
  Function: { trap: "function-of-text", module: "src/kernel/overlay.ts", user: "load" },
  JSON: { trap: "json", module: "src/kernel/text.ts", user: "plain" },
  encodeURIComponent: { trap: "encode-uri", module: "src/kernel/connect.ts", user: "connect" },
};

function checkCall(node: ts.Node, checker: ts.TypeChecker, file: string, refuse: Refuse): void {
  if (
    ts.isPrefixUnaryExpression(node) &&
    node.operator === ts.SyntaxKind.PlusToken &&
    isText(checker.getTypeAtLocation(node.operand))
  )
    refuse(node, "octal");
  if (ts.isIdentifier(node) && Object.hasOwn(RESERVED_FOR, node.text) && !ts.isTypeReferenceNode(node.parent)) {
    const { trap, module, user } = RESERVED_FOR[node.text];
    if (ts.findAncestor(node, ts.isFunctionDeclaration)?.name?.text !== user || file !== module) refuse(node, trap);
  }
  if (!ts.isCallExpression(node)) return;
  if (ts.isIdentifier(node.expression) && /^clear(Timeout|Interval)$/.test(node.expression.text)) {
    const argument = node.arguments[0];
    if (argument && (ts.isNonNullExpression(argument) || ts.isAsExpression(argument) || ts.isTypeAssertionExpression(argument)))
      refuse(node, "clear-undefined");
  }
  if (ts.isPropertyAccessExpression(node.expression) && isText(checker.getTypeAtLocation(node.expression.expression)))
    checkSearch(node, node.expression.name.text, checker, file, refuse);
}

/** Can a value of the type be a text? */
export function isText(type: ts.Type): boolean {
  return type.isUnionOrIntersection() ? type.types.some(isText) : (type.flags & ts.TypeFlags.StringLike) !== 0;
}
