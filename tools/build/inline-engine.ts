/**
 * Each engine service is reached through one small function, so that another engine or board is another set of files. On the
 * device such a function would only cost RAM: one whose body is a single expression goes into its callers, when that leaves
 * the order in which things happen as it was.
 */
import type * as acorn from "acorn";
import type { Bundle } from "./bundle.ts";
import { parse, uses, type Node, type Scope, type Syntax, type Variable } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

/** Rooms whose functions are looked at. */
const ROOMS = /^(src\/kernel\/engine\/|boards\/)/;

/** Calls of such functions are replaced until none is left; the functions themselves stay for the minifier to drop. */
export function inlineEngine(bundle: Bundle): Bundle {
  let code = bundle.code;
  for (let next = inlineOnce(code); next !== code; next = inlineOnce(code)) code = next;
  return { ...bundle, code };
}

interface Template {
  parameters: string[];
  body: acorn.Expression;
}

function inlineOnce(code: Traced): Traced {
  const syntax = parse(code.text);
  const locals = localNames(syntax.top);
  const edits: Edit[] = [];
  for (const variable of syntax.top.variables) {
    const node = variable.defs[0]?.node as Node | undefined;
    const template =
      node?.type === "FunctionDeclaration" && ROOMS.test(code.place(node.start).file) ? templateOf(node) : undefined;
    if (!template || namesIn(template.body).some((name) => !template.parameters.includes(name) && locals.has(name))) continue;
    for (const call of callsOf(syntax, variable)) {
      const text = expand(code, template, call);
      // Calls inside calls wait for the next round.
      if (text !== undefined && !edits.some((edit) => edit.start < call.end && call.start < edit.end))
        edits.push({ start: call.start, end: call.end, text });
    }
  }
  return edits.length > 0 ? code.edit(edits) : code;
}

/** A function whose body is one expression that does nothing but call the engine. */
function templateOf(node: acorn.FunctionDeclaration | acorn.AnonymousFunctionDeclaration): Template | undefined {
  const [statement, ...rest] = node.body.body;
  const body =
    statement?.type === "ReturnStatement"
      ? statement.argument
      : statement?.type === "ExpressionStatement"
        ? statement.expression
        : undefined;
  const parameters = node.params.map((parameter) => (parameter.type === "Identifier" ? parameter.name : ""));
  if (!body || rest.length > 0 || parameters.includes("") || !isPlain(body)) return undefined;
  if (node.id && namesIn(body).includes(node.id.name)) return undefined;
  return { parameters, body };
}

/** Calls, members, literals, names and sums of them: no assignment, no function, no choice. */
function isPlain(node: Node): boolean {
  switch (node.type) {
    case "CallExpression":
      return isPlain(node.callee) && node.arguments.every(isPlain);
    case "MemberExpression":
      return isPlain(node.object) && (!node.computed || isPlain(node.property));
    case "BinaryExpression":
      return isPlain(node.left) && isPlain(node.right);
    case "UnaryExpression":
      return node.operator !== "delete" && isPlain(node.argument);
    case "ObjectExpression":
      return node.properties.every((property) => property.type === "Property" && !property.computed && isPlain(property.value));
    case "Identifier":
    case "Literal":
      return true;
    default:
      return false;
  }
}

/** The body with the arguments in place; undefined when an argument would be evaluated twice, never, or out of order. */
function expand(code: Traced, { parameters, body }: Template, call: acorn.CallExpression): string | undefined {
  if (call.arguments.length !== parameters.length) return undefined;
  const found = identifiersIn(body).filter((node) => parameters.includes(node.name));
  const active = call.arguments.filter((argument) => !isPassive(argument));
  if (active.length > 1) return undefined;
  const isOnce = (name: string): boolean => found.filter((node) => node.name === name).length === 1;
  if (active.some((argument) => !isOnce(parameters[call.arguments.indexOf(argument)]))) return undefined;
  // An active argument may change what the others read.
  if (active.length === 1 && call.arguments.some((argument) => argument !== active[0] && argument.type !== "Literal"))
    return undefined;
  let text = "";
  let at = body.start;
  for (const node of found) {
    const argument = call.arguments[parameters.indexOf(node.name)];
    text += code.text.slice(at, node.start) + `(${code.text.slice(argument.start, argument.end)})`;
    at = node.end;
  }
  return `(${text}${code.text.slice(at, body.end)})`;
}

/** Reads only, cheap enough to be read again. */
function isPassive(node: Node): boolean {
  if (node.type === "BinaryExpression") return isPassive(node.left) && isPassive(node.right);
  if (node.type === "MemberExpression") return isPassive(node.object) && (!node.computed || isPassive(node.property));
  return node.type === "Identifier" || node.type === "Literal";
}

function callsOf(syntax: Syntax, variable: Variable): acorn.CallExpression[] {
  return uses(variable).flatMap(({ node }) => {
    const parent = syntax.parentOf(node);
    return parent?.type === "CallExpression" && parent.callee === node ? [parent] : [];
  });
}

function identifiersIn(node: Node): acorn.Identifier[] {
  const found: acorn.Identifier[] = [];
  const visit = (at: Node): void => {
    if (at.type === "Identifier") found.push(at);
    else if (at.type === "MemberExpression") [at.object, ...(at.computed ? [at.property] : [])].forEach(visit);
    else if (at.type === "ObjectExpression")
      at.properties.forEach((property) => property.type === "Property" && visit(property.value));
    else {
      for (const value of Object.values(at)) {
        for (const child of Array.isArray(value) ? value : [value])
          if (child && typeof child.type === "string") visit(child as Node);
      }
    }
  };
  visit(node);
  return found.sort((a, b) => a.start - b.start);
}

function namesIn(node: Node): string[] {
  return identifiersIn(node).map(({ name }) => name);
}

/** Names declared anywhere but at the top level: a body that uses one of them stays out of their reach. */
function localNames(top: Scope): Set<string> {
  const names = new Set<string>();
  const visit = (scope: Scope): void => {
    for (const variable of scope.variables) if (variable.defs.length > 0) names.add(variable.name);
    scope.childScopes.forEach(visit);
  };
  top.childScopes.forEach(visit);
  return names;
}
