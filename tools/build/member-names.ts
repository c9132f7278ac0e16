/**
 * The members that a handler reads, and the actions that a dispatch knows, are named by literals in the sources and by numbers in the
 * image (name-codes.ts). The build makes one from the other wherever a name can reach `member` or is compared with an action, and knows
 * that no two members of an object of the official schemas, and no two actions, have the same number.
 */
import type * as acorn from "acorn";
import { createRequire } from "node:module";
import path from "node:path";
import type { Bundle } from "./bundle.ts";
import { BuildFailure, type Finding } from "./findings.ts";
import { memberCode } from "./name-codes.ts";
import { isFunction, parse, unresolved, uses, type Node, type Syntax, type Variable } from "./syntax.ts";
import type { Edit } from "./traced.ts";

/** Its second parameter is a name. */
const MEMBER = { file: "src/kernel/json.ts", name: "member", parameter: 1 };

/** The first parameter of each is an action. */
const REQUEST = { file: /^src\/ocpp\w+\/dispatch\.ts$/, name: /^request(\$\d+)?$/ };

/** What the kernel asks for the number of a name that has come. */
const CODE = "memberCode";

export function codeMembers(bundle: Bundle): Bundle {
  const { code } = bundle;
  const syntax = parse(code.text);
  const start = syntax.top.variables.find(
    ({ name, defs }) => name === MEMBER.name && code.place((defs[0]?.node as unknown as Node).start).file === MEMBER.file,
  );
  if (!start) return bundle;
  const { known, actions, findings } = knownNames();
  const edits: Edit[] = [];
  const report = (node: Node, reason: string): void => void findings.push(code.finding(node.start, reason));
  const pending = [{ variable: start, index: MEMBER.parameter }];
  const seen = new Set(pending.map(({ variable, index }) => `${variable.name}#${index}`));

  /** Parameters that are names, where they are passed on and everywhere. */
  const passed = new Set<Node>();
  const parameters = new Map<Node, string>();

  const take = (argument: Node | undefined, call: Node): void => {
    if (argument?.type === "Literal" && typeof argument.value === "string") {
      if (!known.has(argument.value)) report(argument, `no message has a member ${argument.value}`);
      edits.push({ start: argument.start, end: argument.end, text: String(memberCode(argument.value)) });
    } else if (argument?.type === "ConditionalExpression") {
      take(argument.consequent, call);
      take(argument.alternate, call);
    } else {
      const parameter = argument?.type === "Identifier" ? parameterOf(argument, syntax) : undefined;
      if (!parameter) return report(argument ?? call, "a member is named by a literal");
      const { variable, index, others } = parameter;
      if (!seen.has(`${variable.name}#${index}`)) pending.push({ variable, index });
      seen.add(`${variable.name}#${index}`);
      passed.add(argument as acorn.Identifier);
      for (const use of others) parameters.set(use, variable.name);
    }
  };
  const takeActions = (dispatch: acorn.FunctionDeclaration | acorn.AnonymousFunctionDeclaration): void => {
    const scope = syntax.top.childScopes.find(({ block }) => (block as unknown) === dispatch)!;
    const codes = new Map<number, string>();
    for (const { node } of uses(scope.set.get((dispatch.params[0] as acorn.Identifier).name)!)) {
      const test = syntax.parentOf(node);
      const action = test?.type === "BinaryExpression" && /^[!=]==$/.test(test.operator) ? test.right : undefined;
      if (action?.type !== "Literal" || typeof action.value !== "string") {
        report(node, "an action can only be compared with a literal");
        continue;
      }
      const number = memberCode(action.value);
      if (!actions.has(action.value)) report(action, `there is no action ${action.value}`);
      if ((codes.get(number) ?? action.value) !== action.value) report(action, `${codes.get(number)} has the same number`);
      codes.set(number, action.value);
      edits.push({ start: action.start, end: action.end, text: String(number) });
    }
  };
  for (const { variable, index } of pending) {
    for (const { node } of uses(variable)) {
      const call = syntax.parentOf(node);
      if (call?.type === "CallExpression" && call.callee === node) take(call.arguments[index] as Node | undefined, call);
      else report(node, `${variable.name} takes the name of a member and can only be called`);
    }
  }
  for (const [use, name] of parameters) {
    if (!passed.has(use)) report(use, `the name that ${name} takes is a number on the device and good for nothing but member`);
  }
  for (const variable of syntax.top.variables) {
    const dispatch = variable.defs[0]?.node as Node | undefined;
    if (dispatch?.type !== "FunctionDeclaration" || !REQUEST.name.test(variable.name)) continue;
    if (REQUEST.file.test(code.place(dispatch.start).file)) takeActions(dispatch);
  }
  for (const node of unresolved(syntax.top)) {
    const call = syntax.parentOf(node);
    if (node.name !== CODE || call?.type !== "CallExpression") continue;
    edits.push({ start: node.start, end: node.end, text: "(E.CRC32" }, { start: call.end, end: call.end, text: "&32767)" });
  }
  if (findings.length > 0) throw new BuildFailure(findings);
  return { ...bundle, code: code.edit(edits) };
}

/** The function of the program that has it as a parameter, which it does not change. */
function parameterOf(node: acorn.Identifier, syntax: Syntax): { variable: Variable; index: number; others: Node[] } | undefined {
  let at = syntax.parentOf(node);
  while (at && !isFunction(at)) at = syntax.parentOf(at);
  if (at?.type !== "FunctionDeclaration" || !at.id) return undefined;
  const index = at.params.findIndex((parameter) => parameter.type === "Identifier" && parameter.name === node.name);
  const variable = syntax.top.set.get(at.id.name);
  const scope = syntax.top.childScopes.find(({ block }) => (block as unknown) === at);
  const all = scope?.set.get(node.name);
  if (index < 0 || !variable || !all || uses(all).some(({ writes }) => writes)) return undefined;
  return { variable, index, others: uses(all).map(({ node: use }) => use) };
}

interface Schema {
  properties?: Record<string, unknown>;
}

/** Names of all actions, and of the members of all messages. */
function knownNames(): { known: ReadonlySet<string>; actions: ReadonlySet<string>; findings: Finding[] } {
  const require = createRequire(import.meta.url);
  const directory = path.join(path.dirname(require.resolve("ocpp-rpc")), "lib/schemas");
  const known = new Set<string>();
  const actions = new Set<string>();
  const findings = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { properties } = value as Schema;
    if (properties && !Array.isArray(value)) {
      const codes = new Map<number, string>();
      for (const name of Object.keys(properties)) {
        const other = codes.get(memberCode(name));
        if (other !== undefined) findings.add(`${other} and ${name} of the same object have the same number`);
        codes.set(memberCode(name), name);
        known.add(name);
      }
    }
    Object.values(value).forEach(visit);
  };
  for (const version of ["ocpp1_6", "ocpp2_0_1"]) {
    const messages = require(path.join(directory, `${version}.json`)) as { $id: string }[];
    visit(messages);
    for (const { $id } of messages) actions.add($id.replace(/^urn:/, "").replace(/\.req$/, ""));
  }
  return { known, actions, findings: [...findings].map((reason) => ({ file: MEMBER.file, line: 1, reason })) };
}
