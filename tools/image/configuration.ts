/**
 * Configuration keys of OCPP 1.6 (5.3 ChangeConfiguration, 9) in the variable table: a key is another name for a variable, and a letter says how
 * it may be used and in which form 1.6 has the value. `src/ocpp16/configuration.ts` is the same on the device.
 */
import { valueError } from "./variable-values.ts";
import type { VariableEntry } from "./variables.ts";

/** Mutability and form, as the source names them. */
export const FORMS = {
  RO: "r",
  RW: "w",
  /** The bytes of the text as hexadecimal digits. */
  "WO hex": "o",
  /** The upper one of the limits. */
  "RO most": "m",
  /** `Current` for A, `Power` for W. */
  "RO unit": "u",
  /** Of connectors: `0.Unknown,1.RST`. */
  "RW rotation": "p",
} as const;

export interface Configuration {
  key: string;
  form: keyof typeof FORMS;
}

const ROTATIONS = ["NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR"];
const UNITS: Readonly<Record<string, string>> = { Current: "A", Power: "W" };

/** `Key RW`, as the source has it; undefined when it is none. */
export function readConfiguration(text: string): Configuration | undefined {
  const [, key, form] = /^([A-Za-z0-9]{1,50}) (.+)$/.exec(text) ?? [];
  return key !== undefined && isForm(form) ? { key, form } : undefined;
}

function isForm(form: string): form is keyof typeof FORMS {
  return Object.hasOwn(FORMS, form);
}

/** As a compiled line has it: a tab, letter, key. */
export function writeConfiguration({ key, form }: Configuration): string {
  return "\t" + FORMS[form] + key;
}

/** What `writeConfiguration` wrote; undefined when it is none. */
export function parseConfiguration(text: string): Configuration | undefined {
  const form = Object.keys(FORMS).find((name) => FORMS[name as keyof typeof FORMS] === text[1]);
  return text.startsWith("\t") && form !== undefined ? readConfiguration(`${text.slice(2)} ${form}`) : undefined;
}

/** Makes `value` (bytes, in the form of 1.6) the default of `entry`, or its limit; what is wrong with it as the end of a sentence. */
export function configure(entry: VariableEntry, value: string): string | undefined {
  let text = value;
  switch (entry.configuration!.form) {
    case "RO most":
      if (!/^\d{1,9}$/.test(value)) return "is not an integer";
      entry.limits = entry.limits.replace(/\d*$/, value);
      return undefined;
    case "WO hex":
      if (!/^([0-9a-f]{2}){16,20}$/i.test(value)) return "is not 32 to 40 hexadecimal digits, a pair a byte";
      text = Buffer.from(value, "hex").toString("latin1");
      break;
    case "RO unit":
      text = value.replaceAll(/[^,]+/g, (name) => UNITS[name] ?? name);
      break;
    case "RW rotation":
      if (value.split(",").some((item) => !/^\d\./.test(item) || !ROTATIONS.includes(item.slice(2))))
        return `is not a list of connectors and ${ROTATIONS.join(", ")}, like 1.RST`;
      break;
    default:
      if (entry.type.endsWith("List")) text = value.replaceAll(" ", "");
  }
  const error = valueError(entry, text);
  if (error === undefined) entry.default = text;
  return error;
}
