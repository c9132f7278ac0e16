/**
 * Unsafe pins of a board are refused with the reason. Pins are the constants of a board file whose name ends with `_PIN`, `_PIN_2` (of the
 * second EVSE) or `_PINS` (a list, by EVSE); what stands before it is the role. -1 is no pin.
 */
import ts from "typescript";
import { HAZARDS, PADS, ROLES, type Use } from "./esp32-pins.ts";

type Report = (node: ts.Node, reason: string) => void;

const NAME = /^(\w+)_PIN(?:S|_[1-8])?$/;
/** Parameters of drivers that are pins. */
const PARAMETER = /^(pin|rx|tx|sda|scl)$|Pin$/;
/** Tag of a docblock: what is said behind it is why the board may use the pin all the same. */
const ACCEPTED = "acceptedPin";

interface PinConstant {
  node: ts.Node;
  name: string;
  use: Use;
  pin: number;
  accepted: boolean;
}

/** Checks the constants of `file`, the board's own file. */
export function checkPins(file: ts.SourceFile, report: Report): void {
  const pins = file.statements.filter(ts.isVariableStatement).flatMap((statement) => pinsOf(statement, report));
  for (const [i, constant] of pins.entries()) {
    const reason = whyNot(constant);
    const same = pins.slice(0, i).find(({ pin }) => pin === constant.pin);
    if (reason !== undefined) report(constant.node, `pin ${constant.pin} of ${constant.name} ${reason}`);
    if (same) report(constant.node, `pin ${constant.pin} of ${constant.name} is the pin of ${same.name} already`);
  }
}

/** A number in the place of a pin would be one that nobody checks. */
export function checkPinArgument(node: ts.Node, checker: ts.TypeChecker, report: Report): void {
  if (!ts.isCallExpression(node)) return;
  const parameters = checker.getResolvedSignature(node)?.getParameters() ?? [];
  for (const [i, argument] of node.arguments.entries())
    if (ts.isNumericLiteral(argument) && PARAMETER.test(parameters[i]?.name ?? ""))
      report(argument, `pin ${argument.text} is to be a constant of the board file with a name that ends with _PIN`);
}

function pinsOf(statement: ts.VariableStatement, report: Report): PinConstant[] {
  return statement.declarationList.declarations.flatMap((declaration) => {
    const name = declaration.name.getText();
    const role = NAME.exec(name)?.[1];
    if (role === undefined) return [];
    const use = Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
    if (!use) report(declaration, `${name}: ${role} is no role of a pin; roles are ${Object.keys(ROLES).join(", ")}`);
    const tag = ts.getJSDocTags(statement).find(({ tagName }) => tagName.text === ACCEPTED);
    if (tag && !ts.getTextOfJSDocComment(tag.comment)?.trim()) report(declaration, `${name}: @${ACCEPTED} is to say the reason`);
    const found = numbersOf(declaration.initializer);
    if (!found) report(declaration, `${name} is to be the number of a pin, or a list of numbers, without a calculation`);
    return (found ?? [])
      .filter((pin) => use && pin !== -1)
      .map((pin) => ({ node: declaration, name, use: use!, pin, accepted: tag !== undefined }));
  });
}

/** `26`, `-1`, `[26, 27]` or `"26,27"`; undefined for anything else. */
function numbersOf(node: ts.Expression | undefined): number[] | undefined {
  if (!node) return undefined;
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return numbersOf(node.expression);
  const texts = ts.isArrayLiteralExpression(node)
    ? node.elements.map((element) => element.getText())
    : ts.isStringLiteral(node)
      ? node.text.split(",")
      : [node.getText()];
  return texts.every((text) => /^ *-?\d+ *$/.test(text)) ? texts.map(Number) : undefined;
}

/** Why the pin cannot be what it is used for. */
function whyNot({ pin, use, accepted }: PinConstant): string | undefined {
  if (!PADS.includes(pin)) return "is no pin of an ESP32";
  const hazards = HAZARDS.filter(({ pins, against }) => pins.includes(pin) && against.includes(use));
  const final = hazards.find(({ acceptable }) => !acceptable || use === "switch");
  if (final) return final.reason;
  return hazards.length > 0 && !accepted
    ? `${hazards[0].reason} (if it is right on this board, its docblock says @${ACCEPTED} and why)`
    : undefined;
}
