/** Forms and limits of variable values: OCPP 2.0.1 Part 2, DataEnumType and VariableCharacteristicsType. */
import type { VariableEntry } from "./variables.ts";

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** What is wrong with a value (bytes, one a character), as the end of a sentence; undefined when it can be held. */
export function valueError({ type, limits }: Pick<VariableEntry, "type" | "limits">, value: string): string | undefined {
  if (/[;\x00-\x1f]/.test(value)) return "holds a semicolon or a control character";
  switch (type) {
    case "string":
      return outside(limits, value.length) ? `has ${value.length} bytes; the limits are ${limits}` : undefined;
    case "integer":
      return /^-?\d{1,15}$/.test(value) ? numberError(limits, value) : "is not an integer";
    case "decimal":
      return /^-?\d{1,15}(\.\d+)?$/.test(value) ? numberError(limits, value) : "is not a decimal number";
    case "boolean":
      return value === "true" || value === "false" ? undefined : "is not true or false";
    case "dateTime":
      return DATE_TIME.test(value) && !Number.isNaN(Date.parse(value))
        ? undefined
        : "is not a date and time as RFC 3339 writes it";
    case "OptionList":
      return limits === "" || limits.split(",").includes(value) ? undefined : `is not one of ${limits}`;
    case "MemberList":
    case "SequenceList":
      return listError(limits, value);
  }
}

function numberError(limits: string, value: string): string | undefined {
  return outside(limits, Number(value)) ? `is outside ${limits}` : undefined;
}

/** `min..max`; either may be left out, and so may both. */
function outside(limits: string, value: number): boolean {
  const [min, max] = limits.split("..");
  return (min !== "" && value < Number(min)) || (max !== undefined && max !== "" && value > Number(max));
}

function listError(limits: string, value: string): string | undefined {
  if (value === "") return undefined;
  const members = value.split(",");
  if (new Set(members).size !== members.length) return "names a member twice";
  const unknown = limits === "" ? undefined : members.find((member) => !limits.split(",").includes(member));
  return unknown === undefined ? undefined : `holds "${unknown}", which is not one of ${limits}`;
}
