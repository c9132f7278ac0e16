/**
 * A text, a number or the name of a member that is written out many times gets a variable of the kernel, when that saves enough flash
 * for the RAM that it takes: `a.length` becomes `a[n]`. The minifier would undo this, so it comes behind it, and before the names are
 * given. What the kernel's state begins with, `""` above all, is one text for all of it then, which gives back most of that RAM.
 */
import { NAME } from "./link.ts";
import { parse, type Node, type Syntax } from "./syntax.ts";
import type { Edit, Traced } from "./traced.ts";

/** Bytes that a variable of the engine has to save. */
const WORTH = 30;

/** A name of one or two letters. */
const SHORT = 1.2;

/** Members of texts and arrays, which the engine finds by a computed name as well. */
const MEMBERS = new Set("charCodeAt indexOf length push split substr substring toLowerCase".split(" "));

/** Longer texts stand in the image behind two bytes, and without quotes. */
const QUOTED = 10;

/** Numbers up to this are kept in the variable of their name. */
const SMALL = 8191;

interface Place {
  start: number;
  end: number;
  isMember: boolean;
}

export function shareConstants(code: Traced): Traced {
  const edits: Edit[] = [];
  const shared: (Traced | string)[] = [];
  for (const [text, places] of placesOf(code)) {
    const value = JSON.parse(text) as string | number;
    const isSmall = typeof value === "number" && value <= SMALL;
    if (saved(value, places) < WORTH * (isSmall ? 1 : 2)) continue;
    const name = `shared$$${shared.length}`;
    for (const { start, end, isMember } of places) {
      const gap = /\w/.test(code.text.charAt(start - 1)) ? " " : "";
      edits.push({ start, end, text: isMember ? `[${name}]` : gap + name });
    }
    shared.push(shared.length > 0 ? "," : "var ", declared(code, places, `${name}=${text}`));
  }
  return shared.length > 0 ? code.join([...shared, ";", code.edit(edits)]) : code;
}

/** Where each constant stands, the most frequent first. */
function placesOf(code: Traced): [text: string, places: Place[]][] {
  const found = new Map<string, Place[]>();
  const syntax = parse(code.text);
  const add = (value: string | number, { start, end }: Node, isMember: boolean): void => {
    const text = JSON.stringify(value);
    const place = { start: isMember ? code.text.lastIndexOf(".", start) : start, end, isMember };
    found.set(text, [...(found.get(text) ?? []), place]);
  };
  syntax.each((node) => {
    if (node.type === "Literal") {
      const { value } = node;
      if ((typeof value === "string" || typeof value === "number") && !isFixed(node, syntax)) add(value, node, false);
    } else if (node.type === "MemberExpression" && !node.computed && node.property.type === "Identifier") {
      if (MEMBERS.has(node.property.name)) add(node.property.name, node.property, true);
    }
  });
  return [...found].sort(([, a], [, b]) => b.length - a.length);
}

/** Names of properties and modules, and what later passes look for. */
function isFixed(node: Node, syntax: Syntax): boolean {
  const parent = syntax.parentOf(node);
  if (parent?.type === "Property") return parent.key === node;
  if (parent?.type !== "CallExpression" || parent.callee.type !== "Identifier") return false;
  return [NAME.numberOf, "require"].includes(parent.callee.name);
}

/** Bytes that are saved when each place names a variable. */
function saved(value: string | number, places: readonly Place[]): number {
  const size = typeof value === "string" ? textSize(value) : numberSize(value);
  const each = places.map(({ start, end, isMember }) => (isMember ? end - start - 2 : size) - SHORT);
  return each.reduce((sum, bytes) => sum + bytes, -size - SHORT - 2);
}

function textSize(text: string): number {
  return text.length > QUOTED ? text.length + 2 : JSON.stringify(text).replaceAll('\\"', '"').length;
}

function numberSize(value: number): number {
  const { length } = String(value);
  return value < 1 << 15 ? Math.min(length, value < 1 << 7 ? 2 : 3) : length;
}

/** The declaration, counted for the first module of the firmware that uses it; the simulator's link is gone on a board. */
function declared(code: Traced, places: readonly Place[], text: string): Traced {
  const { start } = places.find((place) => code.place(place.start).file.startsWith("src/")) ?? places[0];
  return code.part(start, start + 1).edit([{ start: 0, end: 1, text }]);
}
