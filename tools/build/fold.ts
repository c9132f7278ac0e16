/**
 * An operation with one call, in another operation, becomes code of its caller: that saves its entry in the index, and on the device the
 * RAM, stack and time of loading it. Nested functions would cost more than they save, so the body is written out as statements in front
 * of the statement that calls; a call that these would not precede in the order of things stays a call. So do calls by the kernel, except
 * of what is hardly longer than the call. An expression that is hardly longer than a call takes the place of every call. `@inline` in its docblock
 * asks for this whatever it costs in flash: for what lies on the longest paths.
 */
import type * as acorn from "acorn";
import { full } from "acorn-walk";
import { precedesUses } from "./hoist.ts";
import { NAME, type Linked } from "./link.ts";
import { canEnd, returnsIn, withoutReturns, type Parts } from "./returns.ts";
import { isFunction, parse, uses, type Node, type Scope, type Syntax, type Variable } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

/** Operations of more than this (in nodes of about two bytes) are not made longer: what is skipped in them takes time, too. */
const LONGEST = 1400;

/** Size of what the kernel takes in. */
const SMALL = 45;

/** Size of an expression that is written out at each call. */
const TINY = 7;

interface Replacement {
  start: number;
  end: number;
  parts: Parts;
}

export function foldOperations(linked: Linked): Linked {
  const folded = new Set<number>();
  const inlined = new Set(linked.slices.filter(({ isInlined }) => isInlined).map(({ id }) => id));
  let code = withOwnNames(linked.code);
  for (;;) {
    const round = new Round(code, linked.load, inlined).run();
    if (round.folded.length === 0) break;
    code = round.code;
    for (const id of round.folded) folded.add(id);
  }
  return { ...linked, code, slices: linked.slices.filter(({ id }) => !folded.has(id)) };
}

/** Every variable of a function gets a name that nothing else has: `list$$12`. */
function withOwnNames(code: Traced): Traced {
  const edits: Edit[] = [];
  const rename = (scope: Scope, id: string): void => {
    for (const variable of scope.variables) {
      const nodes = [...variable.defs.map(({ name }) => name as unknown as Node), ...uses(variable).map(({ node }) => node)];
      for (const end of new Set(nodes.map((node) => node.end))) edits.push({ start: end, end, text: `$$${id}` });
    }
    scope.childScopes.forEach((child, index) => rename(child, `${id}_${index}`));
  };
  for (const [index, scope] of parse(code.text).top.childScopes.entries()) {
    const block = scope.block as unknown as Node;
    if (block.type === "FunctionDeclaration") rename(scope, String(operationId(block) ?? `k${index}`));
  }
  return code.edit(edits);
}

function operationId(node: Node | undefined): number | undefined {
  const id = node?.type === "FunctionDeclaration" && node.id ? /^__op(\d+)$/.exec(node.id.name)?.[1] : undefined;
  return id === undefined ? undefined : Number(id);
}

/** Name of a new variable for what was operation `id` or, below 0, a function of the kernel. */
function ownName(name: string, id: number): string {
  return `${name}$$${id < 0 ? `f${-id}` : id}`;
}

/** A choice between the branch that calls and something else. */
interface Guard {
  whole: Node;
  test: Node;
  branch: Node;
  other: Node | "&&" | "||";
  isElse: boolean;
}

interface Site {
  id: number;
  /** Arguments of the call that are the callee's. */
  passed: acorn.CallExpression["arguments"];
  callee: acorn.FunctionDeclaration;
  caller: acorn.FunctionDeclaration;
  call: acorn.CallExpression;
  /** Is the operation called more than once, so that its variables may be there already? */
  isRepeated: boolean;
}

/** Folds what can be folded side by side. */
class Round {
  private readonly syntax: Syntax;
  private readonly scopes = new Map<Node, Scope>();

  constructor(
    private readonly code: Traced,
    private readonly load: string | undefined,
    private readonly inlined: ReadonlySet<number>,
  ) {
    this.syntax = parse(code.text);
    for (const scope of this.syntax.top.childScopes) this.scopes.set(scope.block as unknown as Node, scope);
  }

  run(): { code: Traced; folded: number[] } {
    const folded: number[] = [];
    const replacements: Replacement[] = [];
    const callers = new Set<Node>();
    const callees = new Set<Node>();
    for (const sites of this.candidates()) {
      const [{ id, callee }] = sites;
      if (callers.has(callee) || sites.some(({ caller }) => callees.has(caller))) continue;
      const found = sites.flatMap((site) => (this.isWorthwhile(site, sites.length) && this.fold(site)) || []);
      const all = [...replacements, ...found, { start: callee.start, end: callee.end, parts: [] }];
      if (found.length < sites.length || overlap(all)) continue;
      replacements.splice(0, replacements.length, ...all);
      for (const { caller } of sites) callers.add(caller);
      callees.add(callee);
      folded.push(id);
    }
    return { code: splice(this.code, 0, this.code.text.length, replacements), folded };
  }

  /** The calls of each operation that is only called, never by itself. */
  private candidates(): Site[][] {
    const named = new Map<string, acorn.Identifier[]>();
    this.syntax.each((node) => {
      if (node.type === "Identifier" && /^__n\d+$/.test(node.name)) named.set(node.name, [...(named.get(node.name) ?? []), node]);
    });
    return this.syntax.program.body.flatMap((callee, index) => {
      const id = operationId(callee);
      if (id === undefined) return this.kernelSite(callee, -1 - index);
      const names = named.get(NAME.number(id)) ?? [];
      const sites = names.flatMap((name) => this.siteOf(name, id, callee as acorn.FunctionDeclaration) ?? []);
      for (const site of sites) site.isRepeated = sites.length > 1;
      return sites.length > 0 && sites.length === names.length ? [sites] : [];
    });
  }

  /** The one call of a function of the kernel: without the function there is a call less, and its RAM is free. */
  private kernelSite(callee: Node, id: number): Site[][] {
    if (callee.type !== "FunctionDeclaration" || !callee.id) return [];
    const [use, ...others] = uses(this.syntax.top.set.get(callee.id.name)!);
    const call = use && others.length === 0 ? this.syntax.parentOf(use.node) : undefined;
    if (call?.type !== "CallExpression" || call.callee !== use.node) return [];
    const caller = this.callerOf(call, callee);
    // What is written out at each call would come several times with it.
    return caller && !this.inlined.has(operationId(caller) ?? id)
      ? [[{ id, call, passed: call.arguments, caller, callee, isRepeated: false }]]
      : [];
  }

  private callerOf(call: Node, callee: Node): acorn.FunctionDeclaration | undefined {
    let caller = this.syntax.parentOf(call);
    while (caller && !isFunction(caller)) caller = this.syntax.parentOf(caller);
    // The variables of the loader stay while the operation runs.
    const isKnown =
      caller?.type === "FunctionDeclaration" && caller !== callee && this.scopes.has(caller) && caller.id?.name !== this.load;
    return isKnown ? (caller as acorn.FunctionDeclaration) : undefined;
  }

  private siteOf(name: acorn.Identifier, id: number, callee: acorn.FunctionDeclaration): Site | undefined {
    const call = this.syntax.parentOf(name);
    if (call?.type !== "CallExpression" || call.arguments[0] !== name) return undefined;
    if (call.callee.type !== "Identifier" || call.callee.name !== this.load) return undefined;
    const caller = this.callerOf(call, callee);
    return caller && { id, call, passed: call.arguments.slice(1), caller, callee, isRepeated: false };
  }

  private isWorthwhile({ id, callee, caller }: Site, count: number): boolean {
    const [first, ...more] = callee.body.body;
    if (this.inlined.has(id)) return true;
    const isTiny = more.length === 0 && first?.type === "ReturnStatement" && size(first) - 1 <= TINY;
    if (count > 1) return isTiny;
    if (operationId(caller) !== undefined) return size(caller) + size(callee) <= LONGEST;
    if (id < 0) return true;
    return size(callee) <= SMALL;
  }

  private fold(site: Site): Replacement | undefined {
    const { call, callee, caller } = site;
    if (holds(callee.body, /Function/) || this.isShadowed(callee, caller)) return undefined;
    const statement = this.statementOf(call);
    const isWhole = statement.type === "ExpressionStatement" && statement.expression === call;
    const isReturned = statement.type === "ReturnStatement" && statement.argument === call;
    const list = callee.body.body;
    const given = this.parameters(site);
    const textOf = (node: { start: number; end: number }): Traced => splice(this.code, node.start, node.end, given.replacements);
    const body = (): Parts => [textOf({ start: callee.body.start + 1, end: callee.body.end - 1 })];
    const returns = returnsIn(callee);
    const [only] = returns;

    let flags = 0;
    const isAsked = this.inlined.has(site.id);
    const newName = (): string | undefined => (isAsked ? ownName(`returned${flags++}`, site.id) : undefined);

    // One expression, wherever it is called.
    if (list.length === 1 && only && only === list[0] && only.argument && given.head.length === 0)
      return { start: call.start, end: call.end, parts: ["(", textOf(only.argument), ")"] };
    const guard = this.guardOf(call, statement);
    if (guard && (isWhole || isReturned)) return undefined;
    const isFirst = guard
      ? this.comesFirst(call, caller, guard.branch) && this.comesFirst(guard.whole, caller, statement)
      : this.comesFirst(call, caller, statement);
    if (!isFirst) return undefined;
    const head = [...given.head, ...this.freshVariables(site)];

    if (isReturned) return this.statements(site, statement, [...head, ...body(), canEnd(list) ? "return;" : ""]);
    if (isWhole) {
      const isVoid = !returnsIn(caller).some(({ argument }) => argument);
      if (returns.length === 0 || (this.isLast(statement, caller) && (isVoid || returns.every(({ argument }) => !argument))))
        return this.statements(site, statement, [...head, ...body()]);
      const result = (value?: acorn.Expression): Parts =>
        value && !isHarmless(value, () => true) ? ["(", textOf(value), ");"] : [];
      const parts = withoutReturns(list, { textOf, result, end: () => [], newName });
      return parts && this.statements(site, statement, [...head, ...parts]);
    }
    // The value of a last `return` takes the place of the call.
    if (returns.length === 1 && only.argument && list[list.length - 1] === only) {
      const before = textOf({ start: callee.body.start + 1, end: only.start });
      return this.statements(site, statement, [...head, before], ["(", textOf(only.argument), ")"]);
    }
    const name = ownName("result", site.id);
    const result = (value?: acorn.Expression): Parts => [`${name}=`, value ? textOf(value) : "void 0", ";"];
    const parts = withoutReturns(list, { textOf, result, end: result, newName });
    return parts && this.statements(site, statement, [...head, `var ${name};`, ...parts], [name]);
  }

  /** Nearest statement in a list of statements, or the one that is the whole body of another. */
  private statementOf(node: Node): Node {
    let at: Node = node;
    while (!/Statement$/.test(at.type) && at.type !== "VariableDeclaration") at = this.syntax.parentOf(at)!;
    return at;
  }

  /** `parts`, then the statement with its call replaced; or `parts` in the place of the statement. */
  private statements({ call, id }: Site, statement: Node, parts: Parts, value?: Parts): Replacement {
    const { start, end } = statement;
    const parent = this.syntax.parentOf(statement)!;
    const isListed = parent.type === "BlockStatement" || parent.type === "SwitchCase";
    const placed = (all: Parts): Replacement => ({ start, end, parts: isListed ? all : ["{", ...all, "}"] });
    if (!value) return placed(parts);
    const around = (whole: Node, at: Node, replacement: Parts): Parts => [
      this.code.part(whole.start, at.start),
      ...replacement,
      this.code.part(at.end, whole.end),
    ];
    const guard = this.guardOf(call, statement);
    if (!guard) return placed([...parts, ...around(statement, call, value)]);
    const { test, branch, other } = guard;
    // `if(a&&f())…` is `if(a)if(f())…`.
    if (statement.type === "IfStatement" && statement.test === guard.whole && other === "&&" && !statement.alternate) {
      const rest = this.code.part(statement.consequent.start, end);
      return placed(["if(", this.textOf(test), "){", ...parts, "if(", ...around(branch, call, value), ")", rest, "}"]);
    }
    // `x=a?f():b` is `if(a)x=f();else x=b`, and `x=a&&f()` is `x=a;if(x)x=f()`.
    const name = ownName("chosen", id);
    const taken = ["{", ...parts, `${name}=`, ...around(branch, call, value), ";}"];
    const head: Parts =
      typeof other === "string"
        ? [`var ${name}=`, this.textOf(test), ";if(", other === "&&" ? name : `!${name}`, ")", ...taken]
        : [`var ${name};if(`, ...(guard.isElse ? ["!(", this.textOf(test), ")"] : [this.textOf(test)]), ")"].concat(
            taken as string[],
          );
    if (typeof other !== "string") head.push("else ", `${name}=`, this.textOf(other), ";");
    return placed([...head, ...around(statement, guard.whole, [name])]);
  }

  private textOf({ start, end }: Node): Traced {
    return this.code.part(start, end);
  }

  /** The choice that decides whether the call is made: nearest `&&`, `||` or `?:` that has it behind the first operand. */
  private guardOf(call: Node, statement: Node): Guard | undefined {
    for (let at = call; at !== statement;) {
      const parent = this.syntax.parentOf(at)!;
      if (parent.type === "LogicalExpression" && parent.right === at && parent.operator !== "??")
        return { whole: parent, test: parent.left, branch: at, other: parent.operator, isElse: false };
      if (parent.type === "ConditionalExpression" && parent.test !== at) {
        const isElse = parent.alternate === at;
        return { whole: parent, test: parent.test, branch: at, other: isElse ? parent.consequent : parent.alternate, isElse };
      }
      at = parent;
    }
    return undefined;
  }

  /** A variable of the caller can be read in the place of a parameter; any other argument is evaluated into one. */
  private parameters({ passed, callee, caller }: Site): { head: Parts; replacements: Replacement[] } {
    const head: Parts = [];
    const replacements: Replacement[] = [];
    const writes = passed.some((argument) => holds(argument, /^(Assignment|Update)Expression$/));
    callee.params.forEach((parameter, index) => {
      const { name } = parameter as acorn.Identifier;
      const variable = this.scopes.get(callee)!.set.get(name)!;
      const argument = passed[index] as acorn.Expression | undefined;
      const used = uses(variable);
      const isConstant = !used.some((use) => use.writes);
      const isKnown = argument?.type === "Literal" || (argument?.type === "Identifier" && this.isLocal(argument, caller));
      if (isKnown && isConstant && !writes) {
        const { start, end } = argument;
        for (const { node } of used) replacements.push({ start: node.start, end: node.end, parts: [this.code.part(start, end)] });
      } else if (used.length > 0 || (argument && !isHarmless(argument, () => true)))
        head.push(`var ${name}=`, argument ? this.code.part(argument.start, argument.end) : "void 0", ";");
    });
    for (const argument of passed.slice(callee.params.length)) head.push(this.code.part(argument.start, argument.end), ";");
    return { head, replacements };
  }

  /** In a loop the variables of the body have to begin anew. */
  private freshVariables({ call, callee, caller, isRepeated }: Site): Parts {
    for (let at = this.syntax.parentOf(call); at && at !== caller; at = this.syntax.parentOf(at))
      if (/^(For|ForIn|While|DoWhile)Statement$/.test(at.type)) isRepeated = true;
    if (!isRepeated) return [];
    return this.scopes
      .get(callee)!
      .variables.filter((variable) => variable.defs.length > 0 && variable.defs.every(({ type }) => type === "Variable"))
      .filter((variable) => !this.isSetFirst(variable))
      .map(({ name }) => `var ${name}=void 0;`);
  }

  private isSetFirst(variable: Variable): boolean {
    const [first] = variable.defs
      .map(({ node }) => node as unknown as acorn.VariableDeclarator)
      .sort((a, b) => a.start - b.start);
    return Boolean(first.init) && precedesUses(this.syntax, variable);
  }

  /** Does the caller, as one of the kernel's may, call something of its own what the body knows as something else? */
  private isShadowed(callee: Node, caller: Node): boolean {
    const own = this.scopes.get(caller)!.variables.filter(({ defs }) => defs.length > 0);
    return this.scopes.get(callee)!.through.some(({ identifier }) => own.some(({ name }) => name === identifier.name));
  }

  /** A name that the program does not declare stays what it is. */
  private isBuiltIn(node: acorn.Identifier): boolean {
    return !this.syntax.top.set.has(node.name);
  }

  private isLocal(node: acorn.Identifier, caller: Node): boolean {
    return this.scopes.get(caller)!.set.has(node.name);
  }

  /** Is the call what its statement does first, and always does? */
  private comesFirst(call: Node, caller: Node, statement: Node): boolean {
    const harmless = (node: Node): boolean =>
      isHarmless(node, (identifier) => this.isLocal(identifier, caller) || this.isBuiltIn(identifier));
    const isFunctionName = (node: Node): boolean =>
      node.type === "Identifier" &&
      (this.isLocal(node, caller) || this.isBuiltIn(node) || isDeclaredFunction(this.syntax, node.name));
    for (let at = call; at !== statement;) {
      const parent = this.syntax.parentOf(at)!;
      const before = ((): boolean => {
        switch (parent.type) {
          case "CallExpression": {
            if (parent.callee === at) return true;
            const { callee } = parent;
            const isKnown =
              callee.type === "MemberExpression" ? harmless(callee.object) && !callee.computed : isFunctionName(callee);
            return isKnown && parent.arguments.slice(0, parent.arguments.indexOf(at as acorn.Expression)).every(harmless);
          }
          case "MemberExpression":
            return parent.object === at || harmless(parent.object);
          case "BinaryExpression":
            return parent.left === at || harmless(parent.left);
          case "LogicalExpression":
            return parent.left === at;
          case "ConditionalExpression":
            return parent.test === at;
          case "UnaryExpression":
            return true;
          case "AssignmentExpression":
            return parent.right === at && parent.left.type === "Identifier" && (parent.operator === "=" || harmless(parent.left));
          case "VariableDeclarator":
            return true;
          case "VariableDeclaration":
            return parent.declarations[0] === at;
          case "ExpressionStatement":
          case "ReturnStatement":
          case "ThrowStatement":
            return true;
          case "IfStatement":
            return parent.test === at;
          case "SwitchStatement":
            return parent.discriminant === at;
          default:
            return false;
        }
      })();
      if (!before) return false;
      at = parent;
    }
    return statement.type !== "VariableDeclaration" || !/^For/.test(this.syntax.parentOf(statement)!.type);
  }

  /** Does the function do nothing after the statement? */
  private isLast(statement: Node, caller: acorn.FunctionDeclaration): boolean {
    for (let at = statement; at !== caller.body;) {
      const parent = this.syntax.parentOf(at)!;
      if (parent.type === "BlockStatement") {
        if (parent.body[parent.body.length - 1] !== at) return false;
      } else if (parent.type !== "IfStatement") return false;
      at = parent;
    }
    return true;
  }
}

function isDeclaredFunction(syntax: Syntax, name: string): boolean {
  return syntax.top.set.get(name)?.defs[0]?.type === "FunctionName";
}

/** Does evaluating it do nothing, and give the same before and after a call of another function? */
function isHarmless(node: Node, isKnown: (node: acorn.Identifier) => boolean): boolean {
  if (node.type === "BinaryExpression") return isHarmless(node.left, isKnown) && isHarmless(node.right, isKnown);
  if (node.type === "UnaryExpression") return node.operator !== "delete" && isHarmless(node.argument, isKnown);
  return node.type === "Literal" || (node.type === "Identifier" && isKnown(node));
}

function holds(node: Node, type: RegExp): boolean {
  let found = false;
  full(node, (inner) => {
    if (type.test(inner.type)) found = true;
  });
  return found;
}

function overlap(replacements: readonly Replacement[]): boolean {
  const sorted = [...replacements].sort((a, b) => a.start - b.start);
  return sorted.some(({ end }, index) => index + 1 < sorted.length && sorted[index + 1].start < end);
}

function size(node: Node): number {
  let count = 0;
  full(node, () => void count++);
  return count;
}

/** A part of the text with some of its parts replaced. */
function splice(code: Traced, start: number, end: number, replacements: readonly Replacement[]): Traced {
  const parts: Parts = [];
  let at = start;
  for (const replacement of [...replacements].sort((a, b) => a.start - b.start)) {
    if (replacement.start < start || replacement.end > end) continue;
    parts.push(code.part(at, replacement.start), ...replacement.parts);
    at = replacement.end;
  }
  return code.join([...parts, code.part(at, end)]);
}
