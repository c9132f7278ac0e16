/**
 * @overlay
 * The variable table in flash: one line a variable (tools/image/variables.ts has the format).
 */
import { table, type VariableKey } from "../kernel/overlay";
import { find } from "../kernel/text";

/** Columns of a line; those at its end are undefined when they are empty. */
export const enum Column {
  Key,
  Variable,
  /** Scope (s, e, c), type and mutability, one letter each; a tab, form letter and key when OCPP 1.6 has it as a configuration key. */
  Kind,
  Default,
  /** Read by `limitsOf`. */
  Limits,
  Unit,
  Live,
  Instance,
}

/** The line of `key`, split into its columns; undefined when the table has none. */
export function line(key: VariableKey): string[] | undefined {
  const text = table("variables");
  const from = find(text, "\n" + key) + 1;
  return from ? text.substring(from, text.indexOf("\n", from)).split(";") : undefined;
}

/** Place of the tab before the configuration key `name`, in any case; -1 when there is none. */
export function configurationAt(name: string): number {
  const text = table("variables");
  const wanted = name.toLowerCase();
  let at = 0;
  do {
    at = text.indexOf("\t", at + 1);
  } while (at >= 0 && text.substring(at + 2, text.indexOf(";", at)).toLowerCase() !== wanted);
  return at;
}

/** Has the table a component: the letter of its scope, then its name, all in lower case? */
export function componentKnown(name: string): boolean {
  const text = table("variables");
  let at = 0;
  do {
    at = find(text, "\n:", at + 1);
  } while (at >= 0 && text.substring(at + 2, text.indexOf("\n", at + 2)).toLowerCase() !== name);
  return at >= 0;
}

/** Limits of the variable of `row`; those that others have, too, are in the line of the first one. */
export function limitsOf(row: string[]): string {
  const limits = row[Column.Limits] || "";
  return limits[0] === "=" ? line(limits.substr(1))![Column.Limits] : limits;
}

/** Key of a variable by its name in lower case, `component.variable[instance]`. */
export function keyOf(name: string): VariableKey {
  const crc = E.CRC32(name);
  return btoa(String.fromCharCode(crc & 255, (crc >> 8) & 255, (crc >> 16) & 255));
}

/** Upper (`end` 1) or lower (0) bound of limits `min..max`. */
function bound(limits: string, end: number): number {
  return parseInt(limits.substr(end ? find(limits, "..") + 2 : 0));
}

/** `text` as the value that is kept for the variable of `row`, undefined when its format or range forbids it (B-24, B-27, A-02). */
export function canonicalValue(row: string[], text: string): string | undefined {
  const type = row[Column.Kind][1];
  const limits = limitsOf(row);
  if (type === "i" || type === "d") {
    if (text.length > 10) {
      return undefined;
    }
    const dot = type === "d" ? text.indexOf(".") : -1;
    for (let i = text[0] === "-" && text.length > 1 ? 1 : 0; i < text.length || !i; i++) {
      const c = text.charCodeAt(i);
      if (!(c > 47 && c < 58) && (i !== dot || !i || i === text.length - 1)) {
        return undefined;
      }
    }
    const value = type === "d" ? parseFloat(text) : parseInt(text, 10);
    return limits && (value < bound(limits, 0) || value > bound(limits, 1)) ? undefined : "" + value;
  }
  if (type === "b") {
    const lower = text.toLowerCase();
    return lower === "true" || lower === "false" ? lower : undefined;
  }
  if (type === "s") {
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      const alphanumeric = (c > 47 && c < 59) || (c > 63 && c < 91) || (c > 96 && c < 123);
      // What can be written only is a passwordString: alphanumerics and *-_=:+|@.; other text is ASCII that can be read.
      if (!alphanumeric && (row[Column.Kind][2] === "o" ? find("*-_=+|.", text[i]) < 0 : c < 32 || c > 126)) {
        return undefined;
      }
    }
    return text.length < bound(limits, 0) || text.length > bound(limits, 1) ? undefined : text;
  }
  // Lists: every member known, none twice; only a MemberList may be empty.
  const members = text ? text.split(",") : [];
  let seen = ",";
  for (let i = 0; i < members.length; i++) {
    const framed = "," + members[i] + ",";
    if (find("," + limits + ",", framed) < 0 || find(seen, framed) >= 0) {
      return undefined;
    }
    seen += members[i] + ",";
  }
  return (type === "o" && members.length !== 1) || (type === "q" && !members.length) ? undefined : text;
}
