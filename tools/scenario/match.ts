/**
 * Partial match of JSON values, as scenario files state them. An object matches when its members do, further ones are
 * allowed; a list matches element by element, further ones are allowed. Besides plain values:
 *
 *   $any               anything that is there              $none            nothing is there
 *   $name              the first time: any value, kept under this name; from then on the same value
 *   {$from: 1, $to: 5} a number in this range (either end may be missing)
 *   {$like: "^T\\d"}   a text that matches the regular expression
 */

/** Values that `$name` stands for. */
export type Bindings = Map<string, unknown>;

const NAME = /^\$([A-Za-z]\w*)$/;

/** Where and how `actual` differs, as a phrase, or null when it matches. Keeps new names in `bindings` only on a match. */
export function mismatch(pattern: unknown, actual: unknown, bindings: Bindings): string | null {
  const trial = new Map(bindings);
  const difference = differ(pattern, actual, "", trial);
  if (difference === null) for (const [name, value] of trial) bindings.set(name, value);
  return difference;
}

function differ(pattern: unknown, actual: unknown, place: string, bindings: Bindings): string | null {
  const wrong = (wanted: string): string => `${place || "it"} is ${shown(actual)}, not ${wanted}`;
  if (typeof pattern === "string") {
    if (pattern === "$any") return actual === undefined ? `${place} is missing` : null;
    if (pattern === "$none") return actual === undefined ? null : `${place} is there: ${shown(actual)}`;
    const name = NAME.exec(pattern)?.[1];
    if (name !== undefined) {
      if (actual === undefined) return `${place} is missing`;
      if (!bindings.has(name)) bindings.set(name, actual);
      return bindings.get(name) === actual ? null : wrong(`${shown(bindings.get(name))} (${pattern})`);
    }
  }
  if (pattern === null || typeof pattern !== "object") {
    if (pattern === actual) return null;
    return actual === undefined ? `${place} is missing` : wrong(shown(pattern));
  }
  if (Array.isArray(pattern)) {
    if (!Array.isArray(actual)) return wrong("a list");
    for (const [index, part] of pattern.entries()) {
      const difference = differ(part, actual[index], `${place}[${index}]`, bindings);
      if (difference !== null) return difference;
    }
    return null;
  }
  const wanted = pattern as Record<string, unknown>;
  if ("$from" in wanted || "$to" in wanted) return range(wanted, actual) ? null : wrong(`in ${shown(pattern)}`);
  if (typeof wanted.$like === "string") {
    return typeof actual === "string" && new RegExp(wanted.$like, "u").test(actual) ? null : wrong(`like ${wanted.$like}`);
  }
  if (actual === null || typeof actual !== "object" || Array.isArray(actual)) {
    return actual === undefined ? `${place} is missing` : wrong("an object");
  }
  for (const [name, part] of Object.entries(wanted)) {
    const difference = differ(part, (actual as Record<string, unknown>)[name], place ? `${place}.${name}` : name, bindings);
    if (difference !== null) return difference;
  }
  return null;
}

function range({ $from = -Infinity, $to = Infinity }: Record<string, unknown>, actual: unknown): boolean {
  return typeof actual === "number" && actual >= Number($from) && actual <= Number($to);
}

/** Thrown for a `$name` that nothing has given a value. */
export class Unbound extends Error {}

/** The value with every `$name` replaced. */
export function filled(value: unknown, bindings: Bindings): unknown {
  if (typeof value === "string") {
    const name = NAME.exec(value)?.[1];
    if (name === undefined) return value;
    if (!bindings.has(name)) throw new Unbound(`${value} has no value yet`);
    return bindings.get(name);
  }
  if (Array.isArray(value)) return value.map((part) => filled(part, bindings));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, filled(part, bindings)]));
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
