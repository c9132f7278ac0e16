/** Scenarios of OCPP 1.6: their options, and the CALLs of the station told in one line each. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import type { Bench, BenchOptions } from "./harness.ts";
import { call, calls } from "./steps.ts";

/** Station and CSMS speak 1.6. */
export function on16(options: BenchOptions = {}): BenchOptions {
  return {
    ...options,
    station: { protocol: "ocpp1.6", ...options.station },
    csms: { protocols: ["ocpp1.6"], ...options.csms },
  };
}

/**
 * The station's CALLs after `since`, a line each: `Boot`, `Status 1 Preparing`, `Authorize 04A1B2C3`, `Start 1 04A1B2C3 0`,
 * `Values 1 7 Sample.Periodic`, `Stop 7 Local 1200 04A1B2C3 Transaction.Begin Transaction.End`.
 */
export function told16(bench: Bench, since = 0): string[] {
  return calls(bench, since).map(({ action, payload }) => line(action, payload));
}

/** Statuses of `connector` that were told after `since`. */
export function statuses16(bench: Bench, connector: number, since = 0): unknown[] {
  return calls(bench, since, "StatusNotification")
    .filter(({ payload }) => payload.connectorId === connector)
    .map(({ payload }) => payload.status);
}

/** The transactionId that the CSMS gave the transaction that began last on `connector`. */
export function idGiven(bench: Bench, connector = 1): number {
  const last = calls(bench, 0, "StartTransaction")
    .filter(({ payload }) => payload.connectorId === connector)
    .at(-1);
  assert.ok(last, `no StartTransaction of connector ${connector}`);
  const answer = bench.station
    .frames()
    .filter(({ dir, text }) => dir === "in" && text.startsWith("[3") && text.includes(`"${last.id}"`))
    .map(({ text }) => (JSON.parse(text) as [number, string, Payload])[2]);
  return Number(answer[0].transactionId);
}

/** The status that `action` is answered with; all that comes of it is out. */
export async function status16(bench: Bench, action: string, payload: Payload = {}): Promise<unknown> {
  const { status } = await call(bench, action, payload);
  await bench.settled();
  return status;
}

function line(action: string, p: Payload): string {
  switch (action) {
    case "BootNotification":
      return "Boot";
    case "StatusNotification":
      return words("Status", p.connectorId, p.status, p.errorCode === "NoError" ? undefined : p.errorCode, p.info);
    case "Authorize":
      return words(action, p.idTag);
    case "StartTransaction":
      return words("Start", p.connectorId, p.idTag, p.meterStart, p.reservationId);
    case "MeterValues":
      return words("Values", p.connectorId, p.transactionId, ...contexts(p.meterValue));
    case "StopTransaction":
      return words("Stop", p.transactionId, p.reason, p.meterStop, p.idTag, ...contexts(p.transactionData));
    default:
      return action;
  }
}

function words(...parts: unknown[]): string {
  return parts.filter((part) => part !== undefined).join(" ");
}

function contexts(values: unknown): string[] {
  return ((values ?? []) as { sampledValue: { context?: string }[] }[]).map(
    ({ sampledValue }) => sampledValue[0].context ?? "Sample.Periodic",
  );
}
