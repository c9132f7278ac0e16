/**
 * Requests that make sense as they are: examples for the usual ones, made from the schema for the others. What is known of
 * the station is filled in. OCPP 2.0.1 Part 2, message chapters; OCPP 1.6, 6.
 */

/** As far as the official schemas go. */
export interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  enum?: string[];
  format?: string;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  default?: unknown;
  $ref?: string;
  definitions?: Record<string, Schema>;
}

/** What is known when a request is made up. */
export interface Known {
  /** Of the running transaction; null: none runs. */
  transactionId: string | null;
  /** A card that was seen, or one that the CSMS accepts. */
  idToken: string;
  evse: number;
  /** Present time of the CSMS, ms since 1970. */
  now: number;
  /** A number for requests, never given before. */
  number: number;
  /** Address of the CSMS for stations. */
  url: string;
}

type Payload = Record<string, unknown>;

const HOUR = 3_600_000;
const HEX = /^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$/i;
const NO_TRANSACTION = "no-transaction";
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** Shown first, in this order. */
export const USUAL = [
  "RequestStartTransaction",
  "RequestStopTransaction",
  "RemoteStartTransaction",
  "RemoteStopTransaction",
  "Reset",
  "GetVariables",
  "SetVariables",
  "GetConfiguration",
  "ChangeConfiguration",
  "TriggerMessage",
  "UnlockConnector",
  "ChangeAvailability",
  "GetBaseReport",
  "SetChargingProfile",
];

export function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function token({ idToken }: Known): Payload {
  return { idToken, type: HEX.test(idToken) ? "ISO14443" : "Central" };
}

const HEARTBEAT = { component: { name: "OCPPCommCtrlr" }, variable: { name: "HeartbeatInterval" } };

function chargingProfile(known: Known): Payload {
  const { transactionId, now } = known;
  return {
    id: 1,
    stackLevel: 0,
    chargingProfilePurpose: transactionId === null ? "TxDefaultProfile" : "TxProfile",
    chargingProfileKind: "Absolute",
    validTo: isoTime(now + HOUR),
    ...(transactionId !== null && { transactionId }),
    chargingSchedule: [
      {
        id: 1,
        startSchedule: isoTime(now),
        duration: 3600,
        chargingRateUnit: "A",
        chargingSchedulePeriod: [
          { startPeriod: 0, limit: 10 },
          { startPeriod: 1800, limit: 6 },
        ],
      },
    ],
  };
}

const EXAMPLES: Record<string, ((known: Known) => Payload)[]> = {
  CancelReservation: [({ number }) => ({ reservationId: Math.max(1, number - 1) })],
  ChangeAvailability: [
    ({ evse }) => ({ operationalStatus: "Inoperative", evse: { id: evse } }),
    ({ evse }) => ({ connectorId: evse, type: "Inoperative" }),
  ],
  ChangeConfiguration: [() => ({ key: "HeartbeatInterval", value: "300" })],
  ClearChargingProfile: [() => ({ chargingProfileId: 1 }), () => ({ id: 1 })],
  CustomerInformation: [(known) => ({ requestId: known.number, report: true, clear: false, idToken: token(known) })],
  DataTransfer: [() => ({ vendorId: "org.example", messageId: "hello", data: "world" })],
  GetBaseReport: [({ number }) => ({ requestId: number, reportBase: "FullInventory" })],
  GetCompositeSchedule: [
    ({ evse }) => ({ duration: 3600, evseId: evse, chargingRateUnit: "A" }),
    ({ evse }) => ({ duration: 3600, connectorId: evse, chargingRateUnit: "A" }),
  ],
  GetConfiguration: [() => ({})],
  GetLog: [
    ({ number }) => ({ logType: "DiagnosticsLog", requestId: number, log: { remoteLocation: "http://127.0.0.1:8000/logs" } }),
  ],
  GetTransactionStatus: [({ transactionId }) => ({ ...(transactionId !== null && { transactionId }) })],
  GetVariables: [() => ({ getVariableData: [HEARTBEAT] })],
  RemoteStartTransaction: [({ evse, idToken }) => ({ connectorId: evse, idTag: idToken.slice(0, 20) })],
  RequestStartTransaction: [(known) => ({ remoteStartId: known.number, evseId: known.evse, idToken: token(known) })],
  ReserveNow: [
    (known) => ({
      id: known.number,
      evseId: known.evse,
      expiryDateTime: isoTime(known.now + HOUR),
      idToken: token(known),
    }),
  ],
  Reset: [() => ({ type: "OnIdle" }), () => ({ type: "Soft" })],
  SendLocalList: [
    (known) => ({
      versionNumber: known.number,
      updateType: "Full",
      localAuthorizationList: [{ idToken: token(known), idTokenInfo: { status: "Accepted" } }],
    }),
  ],
  SetChargingProfile: [(known) => ({ evseId: known.evse, chargingProfile: chargingProfile(known) })],
  SetVariables: [() => ({ setVariableData: [{ ...HEARTBEAT, attributeValue: "300" }] })],
  TriggerMessage: [
    ({ evse }) => ({ requestedMessage: "StatusNotification", evse: { id: evse, connectorId: 1 } }),
    ({ evse }) => ({ requestedMessage: "StatusNotification", connectorId: evse }),
  ],
  UnlockConnector: [({ evse }) => ({ evseId: evse, connectorId: 1 }), ({ evse }) => ({ connectorId: evse })],
};

/** A payload for the request with that schema. */
export function sample(action: string, schema: Schema, known: Known): Payload {
  // Names that both protocol versions have stand for different requests: the schema tells which one is meant.
  const example = (EXAMPLES[action] ?? []).map((make) => make(known)).find((payload) => fits(payload, schema, schema));
  return example ?? (fromSchema(schema, schema, "", known) as Payload);
}

/** Members and enums are those of the schema. */
function fits(value: unknown, schema: Schema, root: Schema): boolean {
  const { properties, enum: values, items, required = [] } = resolved(schema, root);
  if (values) return values.includes(value as string);
  if (Array.isArray(value)) return value.every((part) => items !== undefined && fits(part, items, root));
  if (typeof value !== "object" || value === null) return true;
  const members = value as Payload;
  if (!required.every((name) => name in members)) return false;
  return Object.entries(members).every(([name, part]) => properties?.[name] !== undefined && fits(part, properties[name], root));
}

export function resolved(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.replace("#/definitions/", "");
  if (name === undefined) return schema;
  const target = root.definitions?.[name] ?? {};
  return { ...target, description: schema.description ?? target.description };
}

/** The smallest sensible value: what is required, no more. */
export function fromSchema(schema: Schema, root: Schema, name: string, known: Known): unknown {
  const {
    type,
    enum: values,
    properties = {},
    required = [],
    items,
    minItems = 0,
    default: usual,
    ...rest
  } = resolved(schema, root);
  if (values) return usual ?? chosen(name, values, known);
  if (usual !== undefined) return usual;
  switch (type) {
    case "object":
      return Object.fromEntries(required.map((member) => [member, fromSchema(properties[member] ?? {}, root, member, known)]));
    case "array":
      return items ? Array.from({ length: Math.max(1, minItems) }, () => fromSchema(items, root, singular(name), known)) : [];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return numberFor(name, rest, known);
    case "string":
      return textFor(name, rest, known);
    default:
      return "";
  }
}

function chosen(name: string, values: string[], { idToken }: Known): string {
  const wanted: Record<string, string> = {
    type: HEX.test(idToken) ? "ISO14443" : "Central",
    hashAlgorithm: "SHA256",
    ocppInterface: "Wired0",
    ocppVersion: "OCPP20",
    ocppTransport: "JSON",
    monitoringBase: "All",
    certificateType: "CSMSRootCertificate",
  };
  const value = Object.hasOwn(wanted, name) ? wanted[name] : undefined;
  return value !== undefined && values.includes(value) ? value : values[0];
}

function numberFor(name: string, { minimum = -Infinity, maximum = Infinity }: Schema, known: Known): number {
  const wanted: Record<string, number> = {
    connectorId: 1,
    evseId: known.evse,
    remoteStartId: known.number,
    requestId: known.number,
    severity: 5,
    configurationSlot: 2,
    messageTimeout: 30,
    securityProfile: 1,
    interval: 300,
    duration: 3600,
    totalCost: 1.5,
    listVersion: known.number,
    transactionId: Number(known.transactionId) || 1,
  };
  const value = Object.hasOwn(wanted, name) ? wanted[name] : /id$/i.test(name) ? 1 : 0;
  return Math.min(maximum, Math.max(minimum, value));
}

function textFor(name: string, { format, maxLength = Infinity }: Schema, known: Known): string {
  if (format === "date-time") return isoTime(/^(retrieve|start|validFrom|effective)/.test(name) ? known.now : known.now + HOUR);
  if (format === "uri") return "http://127.0.0.1:8000/file";
  const wanted: Record<string, string> = {
    transactionId: known.transactionId ?? NO_TRANSACTION,
    idToken: known.idToken,
    idTag: known.idToken,
    ocppCsmsUrl: known.url,
    location: "http://127.0.0.1:8000/firmware.bin",
    remoteLocation: "http://127.0.0.1:8000/logs",
    certificate: PEM,
    certificateChain: PEM,
    checksum: "0".repeat(32),
    serialNumber: "1",
    issuerNameHash: "0".repeat(64),
    issuerKeyHash: "0".repeat(64),
    content: "Hello",
    vendorId: "org.example",
    key: "HeartbeatInterval",
  };
  return (Object.hasOwn(wanted, name) ? wanted[name] : "text").slice(0, maxLength);
}

function singular(name: string): string {
  return name.endsWith("s") ? name.slice(0, -1) : name;
}
