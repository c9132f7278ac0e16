/**
 * Payloads made from the official schemas: for an action one that fills every field, and every single fault that the schemas can tell
 * (2.0.1: RPC-08 f … j; 1.6: R-05). The judge of what is wrong is ajv, not the firmware.
 */
import { payloadFault, requestSchema, type Payload, type Protocol } from "../csms/schema.ts";

/** Bytes of a payload that fits the station's BytesPerMessage with its head. */
const LONGEST = 3800;

interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  additionalProperties?: boolean;
  definitions?: Record<string, Schema>;
}

function resolve(root: Schema, schema: Schema): Schema {
  return schema.$ref ? root.definitions![schema.$ref.slice("#/definitions/".length)] : schema;
}

/** A valid value with everything in it. */
function example(root: Schema, reference: Schema): unknown {
  const schema = resolve(root, reference);
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, example(root, property)]),
      );
    case "array":
      return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () => example(root, schema.items!));
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    default:
      if (schema.enum) return schema.enum[0];
      if (schema.format === "uri") return "http://127.0.0.1/x";
      return schema.format === "date-time" ? "2026-11-20T06:00:00Z" : "text";
  }
}

/** The payload of `action` with every field of its schema, `customData` everywhere. */
export function fullPayload(action: string, protocol: Protocol = "ocpp2.0.1"): Payload {
  const root = requestSchema(protocol, action) as Schema;
  return example(root, root) as Payload;
}

export interface Fault {
  what: string;
  payload: unknown;
  /** The code that the schema's judge gives. */
  code: string;
}

/** Values that are not of `type`. */
const STRANGERS: Record<string, unknown[]> = {
  object: [[], "x", 1, true, null],
  array: [{}, "x", 1, false, null],
  string: [1, true, null, {}, ["x"]],
  integer: ["1", 1.5, true, null, {}, [1]],
  number: ["1", true, null, {}, [1]],
  boolean: ["true", 0, null, {}, [true]],
};

/**
 * Every single fault of `value`, which is valid by `reference`; `put` gives the whole payload with another value in its place. */
function* faults(
  root: Schema,
  reference: Schema,
  value: unknown,
  path: string,
  put: (other: unknown) => unknown,
): Generator<[string, unknown]> {
  const schema = resolve(root, reference);
  if (schema.type === undefined && !schema.enum) return; // anything is right
  const type = schema.type ?? "string";
  for (const stranger of STRANGERS[type]) yield [`${path} = ${JSON.stringify(stranger)}`, put(stranger)];
  if (type === "object") {
    const object = value as Payload;
    for (const name of schema.required ?? []) {
      yield [`${path} without ${name}`, put(Object.fromEntries(Object.entries(object).filter(([key]) => key !== name)))];
    }
    if (schema.additionalProperties === false) yield [`${path} with a field more`, put({ ...object, extraField: 1 })];
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      yield* faults(root, property, object[name], `${path}.${name}`, (other) => put({ ...object, [name]: other }));
    }
  } else if (type === "array") {
    const list = value as unknown[];
    if (schema.minItems) yield [`${path} with ${schema.minItems - 1} items`, put(list.slice(0, schema.minItems - 1))];
    if (schema.maxItems)
      yield [`${path} with ${schema.maxItems + 1} items`, put(Array.from({ length: schema.maxItems + 1 }, () => list[0]))];
    yield* faults(root, schema.items!, list[0], `${path}[0]`, (other) => put([other, ...list.slice(1)]));
    yield [`${path}[1] is no item`, put([list[0], resolve(root, schema.items!).type === "string" ? 1 : "x"])];
  } else {
    if (schema.enum)
      for (const other of ["NoSuch", "", schema.enum[0].toLowerCase(), `${schema.enum[0]},${schema.enum[1] ?? ""}`]) {
        yield [`${path} = "${other}"`, put(other)];
      }
    if (schema.maxLength) {
      yield [`${path} of ${schema.maxLength + 1} characters`, put("x".repeat(schema.maxLength + 1))];
      if (schema.maxLength < 500)
        yield [`${path} of ${schema.maxLength + 1} long characters`, put("\u20ac".repeat(schema.maxLength + 1))];
    }
    if (schema.format === "date-time") {
      for (const other of [
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-20",
        "2026-11-20T25:00:00Z",
        "2026-11-20T06:00:00",
      ]) {
        yield [`${path} = "${other}"`, put(other)];
      }
    }
    if (schema.minimum !== undefined) yield [`${path} below its minimum`, put(schema.minimum - 1)];
    if (schema.maximum !== undefined) yield [`${path} above its maximum`, put(schema.maximum + 1)];
    if (schema.multipleOf !== undefined) yield [`${path} is no multiple`, put(schema.multipleOf * 1.5)];
  }
}

/** Every payload of `action` with one fault. */
export function faultyPayloads(action: string, protocol: Protocol = "ocpp2.0.1"): Fault[] {
  const root = requestSchema(protocol, action) as Schema;
  const list: Fault[] = [];
  for (const [what, payload] of faults(root, root, fullPayload(action, protocol), action, (other) => other)) {
    // A longer message is refused for its length (RPC-12).
    if (JSON.stringify(payload).length > LONGEST) continue;
    const fault = payloadFault(protocol, action, "req", payload);
    if (!fault) throw new Error(`${what} is no fault`);
    list.push({ what, payload, code: fault.code });
  }
  return list;
}

/** The longest text that each limited field takes, all at once one by one: payloads that are valid. */
export function longestPayloads(action: string, protocol: Protocol = "ocpp2.0.1"): Payload[] {
  const root = requestSchema(protocol, action) as Schema;
  const list: Payload[] = [];
  const walk = (reference: Schema, value: unknown, put: (other: unknown) => unknown): void => {
    const schema = resolve(root, reference);
    if (schema.type === "object") {
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        walk(property, (value as Payload)[name], (other) => put({ ...(value as Payload), [name]: other }));
      }
    } else if (schema.type === "array") walk(schema.items!, (value as unknown[])[0], (other) => put([other]));
    else if (schema.maxLength && !schema.enum && schema.format !== "date-time") {
      list.push(put("y".repeat(schema.maxLength)) as Payload);
      if (schema.maxLength <= 300) list.push(put("\u{1F600}".repeat(schema.maxLength)) as Payload);
    }
  };
  walk(root, fullPayload(action, protocol), (other) => other);
  return list;
}

/** What R-05 allows for a fault that has this code by the schema's judge. */
export function codes16(code: string, what: string): string[] {
  const others: Record<string, string[]> = {
    FormationViolation: what.endsWith("a field more") ? ["PropertyConstraintViolation"] : [],
    OccurenceConstraintViolation: ["ProtocolError", "FormationViolation"],
    TypeConstraintViolation: ["FormationViolation"],
    PropertyConstraintViolation: ["FormationViolation"],
  };
  return [code, ...others[code]];
}
