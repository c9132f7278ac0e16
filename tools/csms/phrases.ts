/**
 * The vocabulary of `words.ts`: for each action the essentials of request and answer. What is not here is told by
 * `fallback`: the values with their names. OCPP 2.0.1 Part 2, message chapters; the transaction messages of 1.6.
 */
import { readMeterValues } from "./meter.ts";
import { asObject, type Payload } from "./schema.ts";
import { variableName } from "./station-record.ts";

/** What a phrase may ask about the frames before. */
export interface Speech {
  /** Energy of a transaction up to these values; null when they hold no register. */
  energy(transactionId: string, meterValue: unknown): string | null;
  begin(transactionId: string, startWh: number | null): void;
  end(transactionId: string): void;
}

type RequestPhrase = (request: Payload, speech: Speech) => string;
type AnswerPhrase = (answer: Payload, request: Payload, speech: Speech) => string;

/** Any JSON value as short text. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function join(...parts: (string | null | undefined | false)[]): string {
  return parts.filter(Boolean).join(", ");
}

/** `name value` when the value is there. */
function named(name: string, value: unknown): string | null {
  return value === undefined ? null : `${name} ${text(value)}`;
}

function object(value: unknown): Payload {
  return asObject(value) ?? {};
}

function list(value: unknown): Payload[] {
  return Array.isArray(value) ? value.map(object) : [];
}

/** `name value` of all fields, nested ones in brackets. */
export function fallback(payload: Payload): string {
  const inner = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(inner).join("; ")}]`;
    const fields = asObject(value);
    return fields ? `(${fallback(fields)})` : text(value);
  };
  return Object.entries(payload)
    .filter(([name]) => name !== "customData")
    .map(([name, value]) => `${name} ${inner(value)}`)
    .join(", ");
}

function card(token: unknown): string | null {
  const { idToken, type } = object(token);
  if (idToken === undefined) return null;
  if (type === "NoAuthorization") return "no card";
  return type === "Central" ? `token ${text(idToken)}` : `card ${text(idToken)}`;
}

function power(meterValue: unknown): string {
  const { powerW, currentA, soc } = readMeterValues(meterValue);
  return join(
    powerW !== null && `${(powerW / 1000).toFixed(2)} kW`,
    currentA.length > 0 && `${currentA.map((ampere) => ampere.toFixed(1)).join("/")} A`,
    soc !== null && `${soc} %`,
  );
}

function evse(value: unknown): string | null {
  const { id, connectorId } = object(value);
  if (id === undefined) return null;
  return connectorId === undefined ? `EVSE ${text(id)}` : `EVSE ${text(id)}/${text(connectorId)}`;
}

function status(answer: Payload): string {
  return join(text(answer.status), text(object(answer.statusInfo).reasonCode ?? ""), named("transaction", answer.transactionId));
}

function tokenInfo(info: unknown): string {
  const { status: verdict, groupIdToken, cacheExpiryDateTime } = object(info);
  if (verdict === undefined) return "";
  return join(text(verdict), named("group", object(groupIdToken).idToken), named("until", cacheExpiryDateTime));
}

function transactionEvent(request: Payload, speech: Speech): string {
  const info = object(request.transactionInfo);
  const id = text(info.transactionId);
  if (request.eventType === "Started") speech.begin(id, readMeterValues(request.meterValue).firstRegisterWh);
  const said = join(
    `${text(request.eventType)} #${text(request.seqNo)} ${text(request.triggerReason)}`,
    info.chargingState !== undefined && text(info.chargingState),
    speech.energy(id, request.meterValue),
    power(request.meterValue),
    card(request.idToken),
    evse(request.evse),
    named("stopped by", info.stoppedReason),
    named("remote start", info.remoteStartId),
    request.offline === true && "offline",
    request.eventType === "Started" && `transaction ${id}`,
  );
  if (request.eventType === "Ended") speech.end(id);
  return said;
}

function meterValues(request: Payload, speech: Speech): string {
  const energy = speech.energy(text(request.transactionId ?? ""), request.meterValue);
  const place = request.evseId === undefined ? named("connector", request.connectorId) : `EVSE ${text(request.evseId)}`;
  return join(place, energy, power(request.meterValue), readMeterValues(request.meterValue).contexts.join("+"));
}

function reportData(request: Payload): string {
  const data = list(request.reportData);
  const first = data[0] ? variableName(data[0]) : "nothing";
  const size = data.length > 1 ? `${first} and ${data.length - 1} more` : first;
  return join(`#${text(request.seqNo)} ${size}`, request.tbc === true && "to be continued");
}

const requests: Record<string, RequestPhrase> = {
  Authorize: (request) => card(request.idToken) ?? `card ${text(request.idTag)}`,
  BootNotification: (request) => {
    const station = object(request.chargingStation);
    const vendor = text(station.vendorName ?? request.chargePointVendor ?? "");
    const model = text(station.model ?? request.chargePointModel ?? "");
    const firmware = station.firmwareVersion ?? request.firmwareVersion;
    return join(request.reason !== undefined && text(request.reason), `${vendor} ${model}`, named("firmware", firmware));
  },
  ChangeAvailability: (request) => join(text(request.operationalStatus ?? request.type), evse(request.evse) ?? "station"),
  DataTransfer: (request) => join(text(request.vendorId), named("message", request.messageId), named("data", request.data)),
  GetBaseReport: (request) => join(text(request.reportBase), named("request", request.requestId)),
  GetTransactionStatus: (request) => (request.transactionId === undefined ? "" : text(request.transactionId)),
  GetVariables: (request) => list(request.getVariableData).map(variableName).join(", "),
  Heartbeat: () => "",
  MeterValues: meterValues,
  NotifyEvent: (request) =>
    list(request.eventData)
      .map((event) => `${variableName(event)} = ${text(event.actualValue)}`)
      .join(", "),
  NotifyReport: reportData,
  RemoteStartTransaction: (request) => join(`token ${text(request.idTag)}`, named("connector", request.connectorId)),
  RemoteStopTransaction: (request) => `transaction ${text(request.transactionId)}`,
  RequestStartTransaction: (request) =>
    join(card(request.idToken), named("EVSE", request.evseId), named("remote start", request.remoteStartId)),
  RequestStopTransaction: (request) => `transaction ${text(request.transactionId)}`,
  Reset: (request) => join(text(request.type), named("EVSE", request.evseId)),
  SecurityEventNotification: (request) => join(text(request.type), named("info", request.techInfo)),
  SetVariables: (request) =>
    list(request.setVariableData)
      .map((item) => `${variableName(item)} = ${text(item.attributeValue)}`)
      .join(", "),
  StartTransaction: (request) =>
    join(`connector ${text(request.connectorId)}`, `card ${text(request.idTag)}`, `register ${text(request.meterStart)} Wh`),
  StatusNotification: (request) =>
    request.connectorStatus === undefined
      ? join(
          `connector ${text(request.connectorId)} ${text(request.status)}`,
          request.errorCode !== "NoError" && text(request.errorCode),
        )
      : `EVSE ${text(request.evseId)}/${text(request.connectorId)} ${text(request.connectorStatus)}`,
  StopTransaction: (request) =>
    join(
      `transaction ${text(request.transactionId)}`,
      `register ${text(request.meterStop)} Wh`,
      named("stopped by", request.reason),
    ),
  TransactionEvent: transactionEvent,
  TriggerMessage: (request) => join(text(request.requestedMessage), evse(request.evse)),
  UnlockConnector: (request) =>
    request.evseId === undefined ? `connector ${text(request.connectorId)}` : `EVSE ${text(request.evseId)}`,
};

const answers: Record<string, AnswerPhrase> = {
  Authorize: (answer) => tokenInfo(answer.idTokenInfo ?? answer.idTagInfo),
  BootNotification: (answer) => join(text(answer.status), `interval ${text(answer.interval)} s`, text(answer.currentTime)),
  ChangeAvailability: status,
  ClearCache: status,
  DataTransfer: status,
  GetBaseReport: status,
  GetTransactionStatus: (answer) =>
    join(
      answer.ongoingIndicator !== undefined && (answer.ongoingIndicator === true ? "ongoing" : "not ongoing"),
      answer.messagesInQueue === true ? "messages in the queue" : "nothing in the queue",
    ),
  GetVariables: (answer) =>
    list(answer.getVariableResult)
      .map((item) => {
        const accepted = item.attributeStatus === "Accepted";
        return accepted
          ? `${variableName(item)} = ${text(item.attributeValue)}`
          : `${variableName(item)} ${text(item.attributeStatus)}`;
      })
      .join(", "),
  Heartbeat: (answer) => text(answer.currentTime),
  RequestStartTransaction: status,
  RequestStopTransaction: status,
  Reset: status,
  SetVariables: (answer) =>
    list(answer.setVariableResult)
      .map((item) => `${variableName(item)} ${text(item.attributeStatus)}`)
      .join(", "),
  StartTransaction: (answer, request, speech) => {
    speech.begin(text(answer.transactionId), Number(request.meterStart));
    return join(`transaction ${text(answer.transactionId)}`, tokenInfo(answer.idTagInfo));
  },
  StopTransaction: (answer) => tokenInfo(answer.idTagInfo),
  TransactionEvent: (answer) => join(tokenInfo(answer.idTokenInfo), named("cost", answer.totalCost)),
  TriggerMessage: status,
  UnlockConnector: status,
};

// Maps, because a station may call an action "constructor".
export const REQUESTS: ReadonlyMap<string, RequestPhrase> = new Map(Object.entries(requests));
export const ANSWERS: ReadonlyMap<string, AnswerPhrase> = new Map(Object.entries(answers));
