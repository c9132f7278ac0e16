/**
 * The official OCPP schemas, compiled with ajv: judges the payload of any request or response of 1.6 and 2.0.1.
 * OCPP 2.0.1 Part 3 (schemas) and Part 4, 4.3 (error codes); OCPP-J 1.6, 4.2.3 with its errata.
 */
import { createRequire } from "node:module";
import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { createRPCError, type createValidator } from "ocpp-rpc";

export type Protocol = "ocpp1.6" | "ocpp2.0.1";
export type Payload = Record<string, unknown>;
/** Request or response side of an action. */
export type Side = "req" | "conf";
/** What is wrong with a payload: the error code that OCPP gives to it, and a sentence. */
export interface Fault {
  code: string;
  text: string;
}

const SCHEMA_FILES: Record<Protocol, string> = {
  "ocpp1.6": "ocpp-rpc/lib/schemas/ocpp1_6.json",
  "ocpp2.0.1": "ocpp-rpc/lib/schemas/ocpp2_0_1.json",
};

export const PROTOCOLS = Object.keys(SCHEMA_FILES) as Protocol[];

/** Codes that a CALLERROR may carry; those of 1.6 as its first edition spells them, mistakes included. */
export const ERROR_CODES: Record<Protocol, string[]> = {
  "ocpp1.6": [
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
  ],
  "ocpp2.0.1": [
    "FormatViolation",
    "GenericError",
    "InternalError",
    "MessageTypeNotSupported",
    "NotImplemented",
    "NotSupported",
    "OccurrenceConstraintViolation",
    "PropertyConstraintViolation",
    "ProtocolError",
    "RpcFrameworkError",
    "SecurityError",
    "TypeConstraintViolation",
  ],
};

/** Codes of 2.0.1 that 1.6 spells otherwise. */
const SPELT_16: Record<string, string> = {
  FormatViolation: "FormationViolation",
  OccurrenceConstraintViolation: "OccurenceConstraintViolation",
};

/** ajv keyword -> error code; the rest (extra fields, a payload that is no object) is a FormatViolation. */
const CODE_OF_KEYWORD: Record<string, string> = {
  required: "OccurrenceConstraintViolation",
  minItems: "OccurrenceConstraintViolation",
  maxItems: "OccurrenceConstraintViolation",
  type: "TypeConstraintViolation",
  enum: "PropertyConstraintViolation",
  maxLength: "PropertyConstraintViolation",
  minimum: "PropertyConstraintViolation",
  maximum: "PropertyConstraintViolation",
  multipleOf: "PropertyConstraintViolation",
  format: "PropertyConstraintViolation",
};

interface Schemas {
  /** `Action.req`, `Action.conf` -> the schema. */
  files: Map<string, AnySchemaObject>;
  /** The same, compiled; made on first use. */
  compiled: Map<string, ValidateFunction>;
  actions: Set<string>;
  ajv: Ajv;
}

const loaded = new Map<Protocol, Schemas>();

function schemasOf(protocol: Protocol): Schemas {
  const known = loaded.get(protocol);
  if (known) return known;
  // Read with require: an import would make the compiler infer half a megabyte of literal types.
  const list = createRequire(import.meta.url)(SCHEMA_FILES[protocol]) as AnySchemaObject[];
  const files = new Map<string, AnySchemaObject>();
  // The ids are "urn:Action.req", which ajv refuses as a URN of its own; all references stay inside their schema.
  for (const { $id, ...schema } of list) files.set(String($id).slice("urn:".length), schema);
  // The limits of 1.6 are multiples of 0.1, which no binary fraction hits exactly.
  const ajv = new Ajv({ strictSchema: false, validateSchema: false, multipleOfPrecision: 6 });
  addFormats(ajv);
  const actions = new Set([...files.keys()].map((name) => name.slice(0, name.lastIndexOf("."))));
  const result = { files, compiled: new Map<string, ValidateFunction>(), actions, ajv };
  loaded.set(protocol, result);
  return result;
}

function validatorOf({ files, compiled, ajv }: Schemas, name: string): ValidateFunction {
  let validate = compiled.get(name);
  if (!validate) {
    validate = ajv.compile(files.get(name)!);
    compiled.set(name, validate);
  }
  return validate;
}

/** Names of all actions that the protocol version knows. */
export function actionsOf(protocol: Protocol): ReadonlySet<string> {
  return schemasOf(protocol).actions;
}

/** The official schema of a request; `action` must be one of `actionsOf`. */
export function requestSchema(protocol: Protocol, action: string): object {
  return schemasOf(protocol).files.get(`${action}.req`)!;
}

/** What is wrong with a payload, or null. An unknown action is `NotImplemented`. */
export function payloadFault(protocol: Protocol, action: string, side: Side, payload: unknown): Fault | null {
  const schemas = schemasOf(protocol);
  if (!schemas.actions.has(action)) return { code: "NotImplemented", text: `"${action}" is no action of ${protocol}` };
  const validate = validatorOf(schemas, `${action}.${side}`);
  if (validate(payload)) return null;
  const first = (validate.errors as ErrorObject[])[0]!;
  const root = first.instancePath === "" && first.keyword === "type";
  const code201 = root ? "FormatViolation" : (CODE_OF_KEYWORD[first.keyword] ?? "FormatViolation");
  const code = protocol === "ocpp1.6" ? (SPELT_16[code201] ?? code201) : code201;
  return { code, text: `${action}.${side}${first.instancePath} ${detail(first)}` };
}

function detail(error: ErrorObject): string {
  const params = error.params as { additionalProperty?: string; allowedValues?: unknown[] };
  if (params.additionalProperty !== undefined) return `${error.message}: "${params.additionalProperty}"`;
  if (params.allowedValues) return `${error.message}: ${params.allowedValues.join(", ").slice(0, 120)}`;
  return error.message ?? error.keyword;
}

type Validator = ReturnType<typeof createValidator>;

/**
 * The judge for the strict mode of ocpp-rpc. The one that the library brings misspells OccurrenceConstraintViolation in
 * 2.0.1, too, and echoes the whole payload in the error's details; this one judges with the same schema files.
 */
export function strictValidator(protocol: Protocol): Validator {
  const judge = {
    subprotocol: protocol,
    validate(urn: string, payload: unknown): boolean {
      const dot = urn.lastIndexOf(".");
      const fault = payloadFault(protocol, urn.slice("urn:".length, dot), urn.slice(dot + 1) as Side, payload);
      if (fault) throw createRPCError(fault.code, fault.text.slice(0, 255), {});
      return true;
    },
  };
  return judge as unknown as Validator;
}

/** The value when it is a JSON object, else null. */
export function asObject(value: unknown): Payload | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Payload) : null;
}
