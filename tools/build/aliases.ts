/**
 * A built-in function or module whose name makes up many bytes of the image gets a variable of the kernel: its short name takes the place
 * of the long one, and the engine finds it sooner. The built-ins below take no notice of what they are called on.
 */
import type { Linked } from "./link.ts";
import { parse, type Node, type Syntax } from "./syntax.ts";
import type { Edit } from "./traced.ts";

/** With the RAM that a variable for it takes, in variables of the engine. */
const BUILT_IN: Readonly<Record<string, number>> = {
  "String.fromCharCode": 2,
  "Math.floor": 2,
  parseInt: 2,
  "E.toString": 2,
  "E.toUint8Array": 2,
  "E.CRC32": 2,
  'require("Flash")': 1,
  'require("Storage")': 1,
};

/** Bytes that a variable of the engine has to save. */
const WORTH = 80;

/** A name of one or two letters. */
const SHORT = 1.5;

export function aliasBuiltIns(linked: Linked): Linked {
  const { code } = linked;
  const syntax = parse(code.text);
  const globals = new Set(syntax.top.through.map(({ identifier }) => identifier as unknown as Node));
  const found = new Map<string, Node[]>();
  for (const global of globals) {
    const node = whole(global, syntax);
    const text = node && code.text.slice(node.start, node.end).replaceAll("'", '"');
    if (text !== undefined && Object.hasOwn(BUILT_IN, text)) found.set(text, [...(found.get(text) ?? []), node!]);
  }
  const edits: Edit[] = [];
  const aliases: string[] = [];
  for (const [text, nodes] of found) {
    if (nodes.length * (text.length - SHORT) < BUILT_IN[text] * WORTH + text.length) continue;
    const name = `alias$$${aliases.length}`;
    aliases.push(`${name}=${text}`);
    for (const { start, end } of nodes) edits.push({ start, end, text: name });
  }
  if (aliases.length === 0) return linked;
  return { ...linked, code: code.join([`var ${aliases.join(",")};\n`, code.edit(edits)]) };
}

/** `floor` is reached as `Math.floor`, a module by `require("…")`. */
function whole(global: Node, syntax: Syntax): Node | undefined {
  if (global.type !== "Identifier") return undefined;
  const parent = syntax.parentOf(global);
  if (global.name === "require") return parent?.type === "CallExpression" && parent.callee === global ? parent : undefined;
  if (parent?.type === "MemberExpression" && parent.object === global && !parent.computed) return parent;
  return parent?.type === "CallExpression" && parent.callee === global ? global : undefined;
}
