/**
 * @overlay
 * OCPP 1.6: not offered yet.
 */
import type { Cursor } from "../kernel/json";
import { rpc } from "../kernel/rpc";

export function reserveNow(p: Cursor): void {
  rpc.error = p < 0 ? "" : "NotSupported";
}

export function cancelReservation(p: Cursor): void {
  rpc.error = p < 0 ? "" : "NotSupported";
}
