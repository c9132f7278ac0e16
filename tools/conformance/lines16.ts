/**
 * CALLs of a station with OCPP 1.6 told in one line each; patterns as in `lines.ts`.
 *
 * `BootNotification`, `SN 1 Available` (then the error code unless it is NoError), `Authorize 04A1B2C3`, `Start 1 04A1B2C3 reservation=7`,
 * `MeterValues 1 tx=1 Sample.Periodic`, `Stop tx=1 Local token=04A1B2C3 Transaction.Begin Transaction.End`: ids of transactions as the CSMS has given
 * them, 1, 2 … by default; a reason, a token and contexts are there when the message has them.
 */
import type { Payload } from "../csms/csms.ts";
import { contexts } from "./lines.ts";

export function lineOf16(action: string, payload: Payload): string {
  switch (action) {
    case "StatusNotification":
      return words("SN", payload.connectorId, payload.status, payload.errorCode === "NoError" ? undefined : payload.errorCode);
    case "Authorize":
      return words("Authorize", payload.idTag);
    case "StartTransaction":
      return words("Start", payload.connectorId, payload.idTag, named("reservation", payload.reservationId));
    case "StopTransaction": {
      const values = contexts({ meterValue: payload.transactionData });
      return words("Stop", named("tx", payload.transactionId), payload.reason, named("token", payload.idTag), ...values);
    }
    case "MeterValues":
      return words("MeterValues", payload.connectorId, named("tx", payload.transactionId), ...contexts(payload));
    case "DiagnosticsStatusNotification":
      return words("DSN", payload.status);
    case "FirmwareStatusNotification":
      return words("FSN", payload.status);
    case "SecurityEventNotification":
      return words("SEN", payload.type);
    default:
      return action;
  }
}

function words(...list: unknown[]): string {
  return list.filter((word) => word !== undefined).join(" ");
}

function named(name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : `${name}=${String(value)}`;
}
