/**
 * The official JSON schemas as a compact text that the device's validator reads in flash (OCPP 2.0.1 Part 3, OCPP 1.6; the schemas
 * come with `ocpp-rpc`). Only the messages asked for and the types that they use are in it.
 *
 * The text starts with `\n`. A line an object type: NAME `{` R then its fields and a `;`. R is the number of required fields,
 * one digit of base 36. A field is `;name:` with its index among the required ones (base 36) or `-`, then its type:
 * `s<max>` string, `i<min>,<max>` integer (either limit may be missing, both without comma), `n` number, `n1` of one decimal at most, `b` boolean,
 * `d` date-time, `*` anything, `e<Enum>` and `o<Object>` a named type, `a<min>,<max>,<type>` array (no max: unlimited).
 * A line an enum: `=` NAME then `,` and each value with a `,`. A request is named by its action, a response by the action and
 * `Response`; other types have one or two characters. `customData` is not listed: where a protocol has it, its line is `C!`. The text ends with `\n#`.
 */
import { createRequire } from "node:module";
import path from "node:path";

export type Version = "2.0.1" | "1.6";

interface Schema {
  $id?: string;
  $ref?: string;
  type?: string;
  format?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  required?: string[];
  definitions?: Record<string, Schema>;
  items?: Schema;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
}

/** All messages of OCPP `version`, by `Action` and `ActionResponse`. */
export function officialSchemas(version: Version = "2.0.1"): Map<string, Schema> {
  const require = createRequire(import.meta.url);
  const file = `lib/schemas/ocpp${version.replaceAll(".", "_")}.json`;
  const schemas = require(path.join(path.dirname(require.resolve("ocpp-rpc")), file)) as Schema[];
  return new Map(
    schemas.map((schema) => [
      schema
        .$id!.replace(/^urn:/, "")
        .replace(/\.req$/, "")
        .replace(/\.conf$/, "Response"),
      schema,
    ]),
  );
}

const NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const MAX_REQUIRED = 31;

/** The text for `messages` (names as in `officialSchemas`); an unknown name throws. */
export function compileSchemas(messages: readonly string[], schemas: ReadonlyMap<string, Schema> = officialSchemas()): string {
  const lines = new Map<string, string>();
  const names = new Map<string, string>();
  const pending: [name: string, schema: Schema][] = [];

  /** Equal types of different messages share one line. */
  const named = (schema: Schema): string => {
    const identity = JSON.stringify(schema, (key, value: unknown) =>
      key === "description" || key === "javaType" ? undefined : value,
    );
    const known = names.get(identity);
    if (known !== undefined) return known;
    const name = shortName(names.size);
    names.set(identity, name);
    pending.push([name, schema]);
    return name;
  };

  for (const message of messages) {
    const root = schemas.get(message);
    if (!root) throw new Error(`${message} is no message of OCPP`);
    lines.set(message, "");
    pending.push([message, root]);
    while (pending.length > 0) {
      const [name, schema] = pending.shift()!;
      lines.set(
        name,
        schema.enum ? `=${name},${schema.enum.join(",")},` : objectLine(name, schema, root.definitions ?? {}, named),
      );
    }
  }
  return [...lines.values()].map((line) => "\n" + line).join("") + "\n#";
}

function shortName(index: number): string {
  const last = NAMES[index % NAMES.length];
  return index < NAMES.length ? last : NAMES[Math.floor(index / NAMES.length) - 1] + last;
}

function objectLine(
  name: string,
  schema: Schema,
  definitions: Record<string, Schema>,
  named: (schema: Schema) => string,
): string {
  const required = (schema.required ?? []).filter((field) => field !== "customData");
  if (required.length >= MAX_REQUIRED)
    throw new Error(`${name} has ${required.length} required fields; the validator counts ${MAX_REQUIRED - 1}`);
  const fields = Object.entries(schema.properties ?? {})
    .filter(([field]) => field !== "customData")
    .map(([field, type]) => {
      const index = required.indexOf(field);
      return `;${field}:${index < 0 ? "-" : index.toString(36)}${typeText(type, definitions, named)}`;
    });
  return `${name}{${required.length.toString(36)}${fields.join("")};`;
}

function typeText(schema: Schema, definitions: Record<string, Schema>, named: (schema: Schema) => string): string {
  if (schema.$ref) {
    const definition = definitions[schema.$ref.replace("#/definitions/", "")];
    return definition.enum || definition.type === "object"
      ? nameText(definition, definitions, named)
      : typeText(definition, definitions, named);
  }
  switch (schema.type) {
    case "string":
      return schema.enum
        ? nameText(schema, definitions, named)
        : schema.format === "date-time"
          ? "d"
          : `s${schema.maxLength ?? ""}`;
    case "integer":
      return schema.minimum === undefined && schema.maximum === undefined
        ? "i"
        : `i${schema.minimum ?? ""},${schema.maximum ?? ""}`;
    case "number":
      return schema.multipleOf ? "n1" : "n";
    case "boolean":
      return "b";
    case "object":
      return nameText(schema, definitions, named);
    case "array":
      return `a${schema.minItems ?? 0},${schema.maxItems ?? ""},${typeText(schema.items!, definitions, named)}`;
    case undefined:
      return "*";
    default:
      throw new Error(`a ${schema.type} has no place in the schema text`);
  }
}

function nameText(definition: Schema, definitions: Record<string, Schema>, named: (schema: Schema) => string): string {
  return (definition.enum ? "e" : "o") + named(resolved(definition, definitions));
}

/** A type stands for itself whatever message it comes from: the definitions of OCPP 2.0.1 agree between messages. */
function resolved(definition: Schema, definitions: Record<string, Schema>): Schema {
  if (definition.enum) return definition;
  return {
    ...definition,
    definitions: undefined,
    $id: Object.keys(definitions).find((name) => definitions[name] === definition),
  };
}
