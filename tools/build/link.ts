/**
 * From the flat bundle to the program that the minifier sees: constants are put in the place of their names, the members of
 * state objects become variables, and each function of an overlay module becomes an operation, reached by its number through
 * the loader. Kernel and operations stay one program here, so that their global names agree.
 */
import type * as acorn from "acorn";
import type { VariableEntry } from "../image/variables.ts";
import { LOADER_MARK, MARK, OVERLAY_MODULE, type Bundle } from "./bundle.ts";
import { constantValue, constantText, type Constant } from "./constants.ts";
import { BuildFailure, type Finding } from "./findings.ts";
import { parse, unresolved, uses, type Node, type Syntax, type Variable } from "./syntax.ts";
import { isTable } from "./tables.ts";
import type { Edit, Traced } from "./traced.ts";

/** Names between linking and cutting; the minifier leaves them alone. */
export const NAME = {
  /** Function of an operation: `__op3`. */
  operation: (id: number): string => `__op${id}`,
  /** Stands for the number of slice `id`: `__n3`. */
  number: (id: number): string => `__n${id}`,
  /** Its value, opaque to the minifier. */
  numberOf: "__numberOf",
  /** Keeps the operations alive. */
  keep: "__keep",
  /** Stands for the build id wherever it appears in the image. */
  buildId: "@@@@@@",
} as const;

/** The names that the loader gives to the arguments of every operation. */
export const PARAMETERS = ["w", "x", "y", "z"];

/** Arguments that an operation whose number was chosen at run time gets at most, whatever it takes. */
export const CHOSEN_ARGUMENTS = 2;

/** A slice of the image: an operation, or a table. */
export interface SliceName {
  /** Number in the names above; the final number is given when unused slices are dropped. */
  id: number;
  /** Source name of the operation or name of the table. */
  name: string;
  /** Source file of the operation, "" for a table. */
  module: string;
  isTable: boolean;
  /** Asked to be written out at each call. */
  isInlined: boolean;
  /** `opNumber` tells its number, so it may be given more arguments than it takes. */
  isChosen: boolean;
}

export interface Linked {
  code: Traced;
  slices: SliceName[];
  /** What the loader is called; undefined when there is none. */
  load: string | undefined;
}

type Declarator = acorn.VariableDeclarator & { id: acorn.Identifier };

/** @param variableNamed looks up a variable of the project's table */
export function link(bundle: Bundle, variableNamed: (name: string) => VariableEntry | undefined): Linked {
  return new Linker(bundle, variableNamed).run();
}

/** The program as the minifier sees it: it knows nothing of the numbers, and drops no operation. */
export function withMarks({ code, slices }: Linked): Traced {
  const numbers = slices.map(({ id }) => `${NAME.number(id)}=${NAME.numberOf}(${id})`);
  const kept = slices.filter((slice) => !slice.isTable).map(({ id }) => NAME.operation(id));
  const head = numbers.length > 0 ? `var ${numbers.join(",")};\n` : "";
  // Named inside a function of its own, so that no operation counts as used once and moves to its use.
  const tail = kept.length > 0 ? `\n${NAME.keep}(function(){${NAME.keep}(${kept.join(",")})});\n` : "";
  return code.join([head, code, tail]);
}

class Linker {
  private readonly syntax: Syntax;
  private readonly edits: Edit[] = [];
  private readonly findings: Finding[] = [];
  private readonly slices: SliceName[] = [];
  private readonly constants = new Map<Variable, Constant>();
  private readonly operations = new Map<Variable, SliceName>();

  constructor(
    private readonly bundle: Bundle,
    private readonly variableNamed: (name: string) => VariableEntry | undefined,
  ) {
    this.syntax = parse(bundle.code.text);
  }

  run(): Linked {
    const code = this.bundle.code;
    const loader = this.takeLoader();
    const variables = this.syntax.top.variables;
    for (const variable of variables) this.takeConstant(variable);
    for (const variable of variables) this.takeOperation(variable);
    for (const variable of variables) {
      if (!this.constants.has(variable)) this.flattenState(variable);
    }
    this.replaceConstants();
    this.replaceBuildNames();
    for (const variable of variables) this.replaceMarked(variable, loader);
    for (const [variable, slice] of this.operations) this.replaceCalls(variable, slice, loader);
    if (loader) this.checkLoader(loader.load);
    for (const variable of variables) this.refuseOverlayState(variable);
    if (this.findings.length > 0) throw new BuildFailure(this.findings);

    return { code: code.edit(this.edits), slices: this.slices, load: loader?.load };
  }

  private report(node: Node, reason: string): void {
    this.findings.push(this.bundle.code.finding(node.start, reason));
  }

  private replace(node: { start: number; end: number }, text: string): void {
    this.edits.push({ start: node.start, end: node.end, text });
  }

  /** `__loader(load, slice)` tells what the two functions are called in the bundle. */
  private takeLoader(): { load: string; slice: string } | undefined {
    for (const statement of this.syntax.program.body) {
      const call = statement.type === "ExpressionStatement" ? statement.expression : undefined;
      if (call?.type !== "CallExpression" || call.callee.type !== "Identifier" || call.callee.name !== LOADER_MARK) continue;
      this.replace(statement, "");
      const [load, slice] = call.arguments as acorn.Identifier[];
      return { load: load.name, slice: slice.name };
    }
    return undefined;
  }

  private declaratorOf(variable: Variable): Declarator | undefined {
    const node = variable.defs[0]?.node as Node | undefined;
    return variable.defs.length === 1 && node?.type === "VariableDeclarator" && node.id.type === "Identifier"
      ? (node as Declarator)
      : undefined;
  }

  private takeConstant(variable: Variable): void {
    const declarator = this.declaratorOf(variable);
    if (!declarator?.init || uses(variable).some((use) => use.writes && !use.initialises)) return;
    const value = constantValue(declarator.init, (name) => this.constants.get(this.syntax.top.set.get(name)!));
    if (value === undefined) return;
    this.constants.set(variable, value);
    this.replace(declarator, `$gone${this.constants.size}`);
  }

  private replaceConstants(): void {
    for (const [variable, value] of this.constants) {
      const declarator = this.declaratorOf(variable)!;
      for (const { node, initialises } of uses(variable)) {
        if (!initialises && !this.insideConstant(node, declarator)) this.replace(node, constantText(value));
      }
    }
  }

  /** A use inside the text of another constant leaves with it. */
  private insideConstant(node: Node, own: Node): boolean {
    for (let at: Node | undefined = node; at; at = this.syntax.parentOf(at)) {
      if (at === own) return true;
      if (at.type === "VariableDeclarator" && [...this.constants.keys()].some((other) => this.declaratorOf(other) === at))
        return true;
    }
    return false;
  }

  private takeOperation(variable: Variable): void {
    const node = variable.defs[0]?.node as Node | undefined;
    if (node?.type !== "FunctionDeclaration" || !node.id) return;
    const { file } = this.bundle.code.place(node.start);
    if (!this.bundle.overlays.has(file)) return;
    const id = this.slices.length;
    const name = variable.name.replace(/\$\d+$/, "");
    const slice = {
      id,
      name,
      module: file,
      isTable: false,
      isInlined: this.bundle.inlined.has(`${file}#${name}`),
      isChosen: false,
    };
    this.slices.push(slice);
    this.operations.set(variable, slice);
    this.replace(node.id, NAME.operation(id));
  }

  private replaceCalls(variable: Variable, slice: SliceName, loader: { load: string } | undefined): void {
    for (const { node } of uses(variable)) {
      const parent = this.syntax.parentOf(node);
      if (parent?.type === "CallExpression" && parent.callee === node) {
        if (!loader)
          this.report(node, `operation ${slice.name} is called, but there is no ${OVERLAY_MODULE} with load and slice`);
        else if (parent.arguments.length > 4) this.report(node, `operation ${slice.name} is called with more than 4 arguments`);
        else {
          const open = this.bundle.code.text.indexOf("(", node.end);
          const comma = parent.arguments.length > 0 ? "," : "";
          // The loader written out at each call would cost a hundred times its size.
          this.edits.push({
            start: node.start,
            end: open + 1,
            text: `/*@__NOINLINE__*/${loader.load}(${NAME.number(slice.id)}${comma}`,
          });
        }
      } else if (!this.isMarkedCall(parent, MARK.opNumber)) {
        this.report(
          node,
          `operation ${slice.name} is used otherwise than by a direct call; opNumber(${slice.name}) gives its number`,
        );
      }
    }
  }

  /** The loader names the parameters, and a chosen operation has variables in the places of arguments that it never gets. */
  private checkLoader(load: string): void {
    const variable = this.syntax.top.set.get(load)!;
    const { start, end } = variable.defs[0].node as unknown as Node;
    const names = PARAMETERS.map((name) => JSON.stringify(name)).join(", ");
    if (!this.bundle.code.text.slice(start, end).includes(`Function(${names}, `))
      this.report(variable.defs[0].node as unknown as Node, `load has to name the parameters of operations ${names}`);
    for (const { node } of uses(variable)) {
      const call = this.syntax.parentOf(node);
      if (call?.type === "CallExpression" && call.arguments.length > CHOSEN_ARGUMENTS + 1)
        this.report(node, `an operation chosen at run time gets at most ${CHOSEN_ARGUMENTS} arguments`);
    }
  }

  /** Is this the call of a function that the build replaces (`opNumber`, `table`)? */
  private isMarkedCall(node: Node | undefined, mark: string): node is acorn.CallExpression {
    if (node?.type !== "CallExpression" || node.callee.type !== "Identifier") return false;
    const variable = this.syntax.top.set.get(node.callee.name);
    return variable !== undefined && this.markOf(variable) === mark;
  }

  private markOf(variable: Variable): string | undefined {
    const init = this.declaratorOf(variable)?.init;
    return init?.type === "Identifier" && (Object.values(MARK) as string[]).includes(init.name) ? init.name : undefined;
  }

  /** Calls of `opNumber`, `table`, `tableNumber` and `variable` become what they stand for. */
  private replaceMarked(variable: Variable, loader: { slice: string } | undefined): void {
    const mark = this.markOf(variable);
    if (!mark) return;
    for (const { node, initialises } of uses(variable)) {
      if (initialises) continue;
      const call = this.syntax.parentOf(node);
      const argument =
        call?.type === "CallExpression" && call.callee === node && call.arguments.length === 1 ? call.arguments[0] : undefined;
      if (!argument) this.report(node, `${variable.name} is for the build and can only be called, with one argument`);
      const text = argument && this.meaningOf(mark, argument, loader!.slice);
      if (text !== undefined) this.replace(call!, text);
    }
    this.replace(this.declaratorOf(variable)!, `$gone_${variable.name}`);
  }

  private meaningOf(mark: string, argument: Node, slice: string): string | undefined {
    if (mark === MARK.opNumber) {
      const operation = argument.type === "Identifier" ? this.operations.get(this.syntax.top.set.get(argument.name)!) : undefined;
      if (!operation) this.report(argument, "opNumber takes the name of one operation of an overlay module");
      else operation.isChosen = true;
      return operation && NAME.number(operation.id);
    }
    const name = argument.type === "Literal" && typeof argument.value === "string" ? argument.value : undefined;
    if (name === undefined) this.report(argument, "a table or variable is named by a literal");
    else if (mark === MARK.variable) {
      const entry = this.variableNamed(name);
      if (!entry) this.report(argument, `there is no variable ${name} in the variable table`);
      return entry && JSON.stringify(entry.key);
    } else if (!isTable(name)) this.report(argument, `there is no table "${name}"`);
    else {
      const number = NAME.number(this.tableSlice(name).id);
      return mark === MARK.tableNumber ? number : `/*@__NOINLINE__*/${slice}(${number})`;
    }
    return undefined;
  }

  private tableSlice(name: string): SliceName {
    const known = this.slices.find((slice) => slice.isTable && slice.name === name);
    if (known) return known;
    const slice = { id: this.slices.length, name, module: "", isTable: true, isInlined: false, isChosen: false };
    this.slices.push(slice);
    return slice;
  }

  /** What was declared a constant in an overlay module, but is none, would become a global of the kernel. */
  private refuseOverlayState(variable: Variable): void {
    const declarator = this.declaratorOf(variable);
    if (declarator && !this.constants.has(variable) && this.bundle.overlays.has(this.bundle.code.place(declarator.start).file))
      this.report(declarator, `${variable.name} is not known while building, so it would need a place in RAM`);
  }

  /** `var X = {a: 0, b: ""}` becomes `var X$a = 0, X$b = ""` when every use is `X.member`. */
  private flattenState(variable: Variable): void {
    const declarator = this.declaratorOf(variable);
    if (declarator?.init?.type !== "ObjectExpression") return;
    const members = new Map<string, acorn.Property>();
    for (const property of declarator.init.properties) {
      const key =
        property.type === "Property" && !property.computed && property.key.type === "Identifier" ? property.key.name : undefined;
      if (key === undefined) this.report(property, `member of state object ${variable.name} has no plain name`);
      else members.set(key, property as acorn.Property);
    }
    for (const { node, initialises } of uses(variable)) {
      if (initialises) continue;
      const parent = this.syntax.parentOf(node);
      const name =
        parent?.type === "MemberExpression" && !parent.computed && parent.object === node ? memberName(parent) : undefined;
      const outer = parent && this.syntax.parentOf(parent);
      if (name === undefined || (outer?.type === "UnaryExpression" && outer.operator === "delete"))
        this.report(
          node,
          `state object ${variable.name} is used otherwise than by ${variable.name}.member; its members are variables on the device`,
        );
      else if (!members.has(name)) this.report(node, `state object ${variable.name} has no member ${name}`);
      else this.replace(parent!, `${variable.name}$${name}`);
    }
    if (members.size === 0) return;
    // The values may hold edits of their own, so only the text between them is replaced.
    let at = declarator.start;
    let separator = "";
    for (const [name, property] of members) {
      // In two, so that the new name is traced to the line of its member.
      this.edits.push({ start: at, end: property.start, text: separator });
      this.edits.push({ start: property.start, end: property.value.start, text: `${variable.name}$${name}=` });
      at = property.value.end;
      separator = ",";
    }
    this.edits.push({ start: at, end: declarator.end, text: "" });
  }

  private replaceBuildNames(): void {
    for (const node of unresolved(this.syntax.top)) {
      if (node.name === "BUILD_ID") this.replace(node, JSON.stringify(NAME.buildId));
    }
  }
}

function memberName(node: acorn.MemberExpression): string | undefined {
  return node.property.type === "Identifier" ? node.property.name : undefined;
}
