/** Scenarios of OCPP 1.6: their options, and the CALLs of the station told in one line each. */
import type { Payload } from "../../tools/csms/csms.ts";
import type { Bench, BenchOptions } from "./harness.ts";
import { calls } from "./steps.ts";

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
