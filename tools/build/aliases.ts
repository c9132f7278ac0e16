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
  "Math.min": 2,
  "Math.max": 2,
  parseInt: 2,
  parseFloat: 2,
  "E.toString": 2,
  "E.toUint8Array": 2,
  "E.CRC32": 2,
  'require("Flash").read': 2,
  'require("Flash")': 1,
  'require("Storage")': 1,
};

/** Bytes that a variable of the engine has to save. */
const WORTH = 40;

/** A name of one or two letters. */
const SHORT = 1.5;

export function aliasBuiltIns(linked: Linked): Linked {
  const { code } = linked;
  const syntax = parse(code.text);
  const globals = new Set(syntax.top.through.map(({ identifier }) => identifier as unknown as Node));
  const found = new Map<string, Node[]>();
  for (const global of globals) {
    for (const node of wholes(global, syntax)) {
      const text = code.text.slice(node.start, node.end).replaceAll("'", '"');
      if (!Object.hasOwn(BUILT_IN, text)) continue;
      found.set(text, [...(found.get(text) ?? []), node]);
      break;
    }
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

/** `floor` is reached as `Math.floor`, a module by `require("…")`, and its function as a member of that: the longest first. */
function wholes(global: Node, syntax: Syntax): Node[] {
  if (global.type !== "Identifier") return [];
  const parent = syntax.parentOf(global);
  if (global.name === "require") {
    if (parent?.type !== "CallExpression" || parent.callee !== global) return [];
    const member = syntax.parentOf(parent);
    return member?.type === "MemberExpression" && member.object === parent && !member.computed ? [member, parent] : [parent];
  }
  if (parent?.type === "MemberExpression" && parent.object === global && !parent.computed) return [parent];
  return parent?.type === "CallExpression" && parent.callee === global ? [global] : [];
}
