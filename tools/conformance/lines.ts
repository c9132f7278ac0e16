/**
 * CALLs of the station told in one line each, and the patterns that a case states for them.
 *
 * A line: `BootNotification PowerUp`, `SN 1 Available` (evse, `1.2` for a second connector), `Authorize 04A1B2C3`, for transaction events
 * `Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin`: type, trigger reason, then what is there of charging state, stopped
 * reason, `offline`, evse, token, remote start id, reservation and the contexts of the meter values; `#2 ` before it from the second
 * transaction on. Sequence numbers are judged by the CSMS for every case.
 *
 * A pattern: the line, where `A|B` is one of several words, `[word]` may be absent, `[#]` is the number of a transaction or nothing, `tx=*` has any
 * value, and `*` is any rest.
 */
import type { Payload } from "../csms/csms.ts";
import { asObject } from "../csms/schema.ts";

/** A CALL of the station. */
export interface Told {
  /** Number of its frame. */
  k: number;
  /** Simulated ms since 1970. */
  t: number;
  id: string;
  action: string;
  payload: Payload;
  line: string;
}

/** `transactions`: ids in order of appearance; a new one is added. */
export function lineOf(action: string, payload: Payload, transactions: string[]): string {
  switch (action) {
    case "BootNotification":
      return `BootNotification ${payload.reason}`;
    case "StatusNotification":
      return `SN ${place(payload.evseId, payload.connectorId)} ${payload.connectorStatus}`;
    case "Authorize":
      return `Authorize ${asObject(payload.idToken)?.idToken}`;
    case "TransactionEvent":
      return eventLine(payload, transactions);
    case "MeterValues":
      return `MeterValues ${payload.evseId} ${contexts(payload).join(" ")}`;
    case "NotifyReport":
    case "NotifyCustomerInformation":
    case "ReportChargingProfiles":
      return `${action} ${payload.requestId}`;
    case "SecurityEventNotification":
      return `SEN ${payload.type}`;
    case "FirmwareStatusNotification":
      return `FSN ${payload.status}${payload.requestId === undefined ? "" : ` ${payload.requestId}`}`;
    case "LogStatusNotification":
      return `LSN ${payload.status}${payload.requestId === undefined ? "" : ` ${payload.requestId}`}`;
    case "ReservationStatusUpdate":
      return `ReservationStatusUpdate ${payload.reservationId} ${payload.reservationUpdateStatus}`;
    case "NotifyEvent":
      return `NotifyEvent ${(payload.eventData as Payload[]).map(eventData).join(" ")}`;
    default:
      return action;
  }
}

/** Contexts of all values of a message, each once, in order. */
export function contexts(payload: Payload): string[] {
  const values = (payload.meterValue ?? []) as { sampledValue: { context?: string }[] }[];
  return [...new Set(values.flatMap(({ sampledValue }) => sampledValue.map(({ context }) => context ?? "Sample.Periodic")))];
}

function place(evse: unknown, connector: unknown): string {
  return connector === 1 || connector === undefined ? String(evse) : `${evse}.${connector}`;
}

function eventData({ component, variable, actualValue, trigger }: Payload): string {
  return `${asObject(component)?.name}.${asObject(variable)?.name}=${actualValue} ${trigger}`;
}

function eventLine(event: Payload, transactions: string[]): string {
  const info = asObject(event.transactionInfo) ?? {};
  const id = String(info.transactionId);
  if (!transactions.includes(id)) transactions.push(id);
  const number = transactions.indexOf(id) + 1;
  const evse = asObject(event.evse);
  const token = asObject(event.idToken);
  const words = [
    ...(number > 1 ? [`#${number}`] : []),
    event.eventType,
    event.triggerReason,
    info.chargingState,
    info.stoppedReason,
    event.offline === true ? "offline" : undefined,
    evse ? `evse=${place(evse.id, evse.connectorId)}` : undefined,
    token ? `token=${token.idToken}` : undefined,
    info.remoteStartId === undefined ? undefined : `remote=${info.remoteStartId}`,
    event.reservationId === undefined ? undefined : `reservation=${event.reservationId}`,
    ...contexts(event),
  ];
  return words.filter((word) => word !== undefined).join(" ");
}

/** What a case expects: a pattern, one that may be absent, or several in any order. */
export type Pattern = string | { optional: string } | { anyOrder: Pattern[] };

export const optional = (pattern: string): Pattern => ({ optional: pattern });
export const anyOrder = (...patterns: Pattern[]): Pattern => ({ anyOrder: patterns });

const compiled = new Map<string, RegExp>();

export function fits(pattern: string, line: string): boolean {
  let regex = compiled.get(pattern);
  if (!regex) {
    const words = pattern.split(" ").map((word) => {
      if (word === "*") return "(?: .*)?";
      if (word === "[#]") return "(?: #\\d+)?";
      const bare = word.startsWith("[") && word.endsWith("]") ? word.slice(1, -1) : null;
      const choices = (bare ?? word)
        .split("|")
        .map((part) => part.replace(/[.*+?^${}()\\[\]]/g, "\\$&").replace(/=\\\*$/, "=\\S+"));
      return `(?: (?:${choices.join("|")}))${bare === null ? "" : "?"}`;
    });
    compiled.set(pattern, (regex = new RegExp(`^${words.join("")}$`)));
  }
  return regex.test(` ${line}`);
}

/** How `lines` stand to `patterns`: all there, the beginning is there, or something else is there. */
export function judge(patterns: readonly Pattern[], lines: readonly string[]): "all" | "begun" | "other" {
  if (patterns.length === 0) return lines.length === 0 ? "all" : "other";
  const [first, ...rest] = patterns;
  if (typeof first === "string") {
    if (lines.length === 0) return "begun";
    return fits(first, lines[0]) ? judge(rest, lines.slice(1)) : "other";
  }
  if ("optional" in first)
    return best([judge(rest, lines), ...(lines.length > 0 ? [judge([first.optional, ...rest], lines)] : [])]);
  const choices = first.anyOrder;
  if (choices.length === 0) return judge(rest, lines);
  if (lines.length === 0)
    return choices.every((choice) => typeof choice !== "string" && "optional" in choice) ? judge(rest, lines) : "begun";
  const without = choices.every((choice) => typeof choice !== "string" && "optional" in choice) ? [judge(rest, lines)] : [];
  return best([
    ...without,
    ...choices.map((choice, i) => {
      const taken = typeof choice === "string" ? choice : "optional" in choice ? choice.optional : null;
      const others = anyOrder(...choices.filter((_, j) => j !== i));
      return taken !== null && fits(taken, lines[0]) ? judge([others, ...rest], lines.slice(1)) : "other";
    }),
  ]);
}

function best(verdicts: ("all" | "begun" | "other")[]): "all" | "begun" | "other" {
  return verdicts.includes("all") ? "all" : verdicts.includes("begun") ? "begun" : "other";
}

/** Patterns as text, for messages. */
export function patternText(patterns: readonly Pattern[]): string {
  return patterns
    .map((pattern) =>
      typeof pattern === "string"
        ? pattern
        : "optional" in pattern
          ? `(maybe) ${pattern.optional}`
          : `(any order) ${patternText(pattern.anyOrder).replace(/\n {4}/g, " / ")}`,
    )
    .join("\n    ");
}
