/**
 * @overlay
 * OCPP 1.6: not offered yet.
 */
import type { Cursor } from "../kernel/json";
import { rpc } from "../kernel/rpc";

export function setChargingProfile(p: Cursor): void {
  rpc.error = p < 0 ? "" : "NotSupported";
}

export function clearChargingProfile(p: Cursor): void {
  rpc.error = p < 0 ? "" : "NotSupported";
}

export function getCompositeSchedule(p: Cursor): void {
  rpc.error = p < 0 ? "" : "NotSupported";
}
