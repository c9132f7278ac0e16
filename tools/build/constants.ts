/** Values that are known while building: literals and expressions of them. */
import type { Node } from "./syntax.ts";

export type Constant = string | number | boolean | null;

/** Value of an expression when it is a constant one; `named` looks up constants by name. */
export function constantValue(node: Node, named: (name: string) => Constant | undefined): Constant | undefined {
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" ||
        typeof node.value === "number" ||
        typeof node.value === "boolean" ||
        node.raw === "null"
        ? (node.value as Constant)
        : undefined;
    case "Identifier":
      return named(node.name);
    case "UnaryExpression": {
      const value = constantValue(node.argument, named);
      if (value === undefined) return undefined;
      if (node.operator === "-" && typeof value === "number") return -value;
      if (node.operator === "~" && typeof value === "number") return ~value;
      return node.operator === "!" ? !value : undefined;
    }
    case "BinaryExpression": {
      if (node.left.type === "PrivateIdentifier") return undefined;
      const left = constantValue(node.left, named);
      const right = constantValue(node.right, named);
      if (typeof left === "number" && typeof right === "number") {
        const value = arithmetic(node.operator, left, right);
        return Number.isFinite(value) ? value : undefined;
      }
      const isText = typeof left === "string" || typeof right === "string";
      const isPlain = (value: unknown): boolean => typeof value === "string" || typeof value === "number";
      return node.operator === "+" && isText && isPlain(left) && isPlain(right) ? String(left) + String(right) : undefined;
    }
    default:
      return undefined;
  }
}

function arithmetic(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "<<":
      return left << right;
    case ">>":
      return left >> right;
    case ">>>":
      return left >>> right;
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    default:
      return undefined;
  }
}

/** The constant as source text that can stand in any expression. */
export function constantText(value: Constant): string {
  return typeof value === "number" && (value < 0 || Object.is(value, -0)) ? `(${value})` : JSON.stringify(value);
}
