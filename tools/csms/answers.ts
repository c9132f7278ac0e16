/**
 * What the CSMS answers of its own accord: a lenient one that accepts all stations and most cards.
 * OCPP 2.0.1 Part 2, B01, C01, E, G, J, N; OCPP 1.6, 4.
 *
 * Cards, by the beginning of their number (upper or lower case):
 *   DEAD… Invalid   B10C… Blocked   E1… Expired   C0C0… ConcurrentTx
 *   AA…   Accepted, member of group GROUP-AA      all others Accepted
 */
import { asObject, type Payload, type Protocol } from "./schema.ts";

/** What an answer may depend on beside the request. */
export interface AnswerContext {
  /** Present time of the CSMS, ms since 1970. */
  now: number;
  /** Heartbeat interval in s, for BootNotification. */
  interval: number;
  /** A transaction id never given before (1.6). */
  nextTransactionId(): number;
}

type Answer = (request: Payload, context: AnswerContext) => Payload;

const VERDICTS: [prefix: string, status: string][] = [
  ["DEAD", "Invalid"],
  ["B10C", "Blocked"],
  ["E1", "Expired"],
  ["C0C0", "ConcurrentTx"],
];

const GROUPS: [prefix: string, group: string][] = [["AA", "GROUP-AA"]];

function byPrefix(table: [string, string][], idToken: string): string | undefined {
  return table.find(([prefix]) => idToken.toUpperCase().startsWith(prefix))?.[1];
}

function idTokenInfo(token: unknown): Payload {
  const idToken = String(asObject(token)?.idToken ?? "");
  const info: Payload = { status: byPrefix(VERDICTS, idToken) ?? "Accepted" };
  const group = byPrefix(GROUPS, idToken);
  if (group) info.groupIdToken = { idToken: group, type: "Central" };
  return info;
}

function idTagInfo(idTag: unknown): Payload {
  const tag = String(idTag);
  const info: Payload = { status: byPrefix(VERDICTS, tag) ?? "Accepted" };
  const group = byPrefix(GROUPS, tag);
  if (group) info.parentIdTag = group;
  return info;
}

const nothing: Answer = () => ({});
const currentTime: Answer = (_request, { now }) => ({ currentTime: new Date(now).toISOString() });
const boot: Answer = (_request, { now, interval }) => ({
  currentTime: new Date(now).toISOString(),
  interval,
  status: "Accepted",
});

const ANSWERS: Record<Protocol, Record<string, Answer>> = {
  "ocpp2.0.1": {
    BootNotification: boot,
    Heartbeat: currentTime,
    Authorize: (request) => ({ idTokenInfo: idTokenInfo(request.idToken) }),
    TransactionEvent: (request) => (request.idToken === undefined ? {} : { idTokenInfo: idTokenInfo(request.idToken) }),
    DataTransfer: () => ({ status: "UnknownVendorId" }),
    SignCertificate: () => ({ status: "Rejected" }),
    Get15118EVCertificate: () => ({ status: "Failed", exiResponse: "" }),
    GetCertificateStatus: () => ({ status: "Failed" }),
    NotifyEVChargingNeeds: () => ({ status: "Rejected" }),
    NotifyEVChargingSchedule: () => ({ status: "Accepted" }),
    ClearedChargingLimit: nothing,
    FirmwareStatusNotification: nothing,
    LogStatusNotification: nothing,
    MeterValues: nothing,
    NotifyChargingLimit: nothing,
    NotifyCustomerInformation: nothing,
    NotifyDisplayMessages: nothing,
    NotifyEvent: nothing,
    NotifyMonitoringReport: nothing,
    NotifyReport: nothing,
    PublishFirmwareStatusNotification: nothing,
    ReportChargingProfiles: nothing,
    ReservationStatusUpdate: nothing,
    SecurityEventNotification: nothing,
    StatusNotification: nothing,
  },
  "ocpp1.6": {
    BootNotification: boot,
    Heartbeat: currentTime,
    Authorize: (request) => ({ idTagInfo: idTagInfo(request.idTag) }),
    StartTransaction: (request, { nextTransactionId }) => ({
      transactionId: nextTransactionId(),
      idTagInfo: idTagInfo(request.idTag),
    }),
    StopTransaction: (request) => (request.idTag === undefined ? {} : { idTagInfo: idTagInfo(request.idTag) }),
    DataTransfer: () => ({ status: "UnknownVendorId" }),
    SignCertificate: () => ({ status: "Rejected" }),
    DiagnosticsStatusNotification: nothing,
    FirmwareStatusNotification: nothing,
    LogStatusNotification: nothing,
    MeterValues: nothing,
    SecurityEventNotification: nothing,
    SignedFirmwareStatusNotification: nothing,
    StatusNotification: nothing,
  },
};

/** The actions that are answered without a handler of the caller: all that a station may send. */
export function answeredActions(protocol: Protocol): string[] {
  return Object.keys(ANSWERS[protocol]);
}

/** The default answer, or null when the action has none. */
export function defaultAnswer(protocol: Protocol, action: string, request: Payload, context: AnswerContext): Payload | null {
  return ANSWERS[protocol][action]?.(request, context) ?? null;
}
