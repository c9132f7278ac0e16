/**
 * Reads what Espruino's `trace()` prints: every variable that is in use, below the global or the hidden root that holds it. So each one is
 * counted once, with its owner, and the question costs nothing itself.
 */

export type Kind = "function" | "socket" | "text" | "array" | "value";

/** A name of the engine's root and all that hangs on it. */
export interface Holding {
  name: string;
  kind: Kind;
  variables: number;
}

export interface Heap {
  holdings: Holding[];
  /** Variables in use, the lines typed at the console not counted. */
  total: number;
}

const NODE = /#(\d+)\[r\d+,l\d+\](?: (?:Name |Native|Flash|Flat)?\w+(?:\([^)]*\))?(?: \[(\d+) blocks\])?)?( \.\.\.)?/g;
const TEXT = /"(?:[^"\\]|\\.)*"/g;
/** The hidden root's list of typed lines. */
const HISTORY = "history";

export function parseHeap(lines: readonly string[]): Heap {
  const seen = new Set<string>();
  const holdings: Holding[] = [];
  let owner: Holding | undefined;
  let total = 0;
  /** Indent of the name that is left out with everything below it. */
  let skipped = Infinity;
  /** Indent of a `__proto__`: what is below it is the class, which all objects of it share. */
  let shared = Infinity;
  for (const line of lines) {
    const indent = line.search(/\S/);
    if (indent < 0) continue;
    const names = line.match(TEXT) ?? [];
    // Texts may hold whatever the program does.
    const bare = line.replace(TEXT, "");
    if (indent <= skipped) skipped = bare.includes("#") && names[0] === `"${HISTORY}"` ? indent : Infinity;
    if (indent <= shared) shared = Infinity;
    if (indent === 2 && bare.includes("#")) {
      owner = { name: names[0]?.slice(1, -1) ?? "", kind: "value", variables: 0 };
      holdings.push(owner);
    }
    for (const [, id, blocks, elsewhere] of bare.matchAll(NODE)) {
      if (elsewhere || seen.has(id)) continue;
      seen.add(id);
      if (skipped < Infinity) continue;
      const size = Number(blocks ?? 1);
      total += size;
      if (owner && shared === Infinity) owner.variables += size;
      if (names[0] === '"__proto__"' && shared === Infinity) shared = indent;
    }
    if (owner && skipped === Infinity) owner.kind = kindOf(owner.kind, indent, bare, names);
  }
  return { holdings, total };
}

function kindOf(known: Kind, indent: number, bare: string, names: readonly string[]): Kind {
  if (indent === 2) {
    if (/\] (Native)?Function\b/.test(bare)) return "function";
    if (/\] \w+Array \(|\] Array\(/.test(bare)) return "array";
    if (names.length > 1) return "text";
  }
  return indent === 6 && names[0] === '"sckt"' ? "socket" : known;
}
