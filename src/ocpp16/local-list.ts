/**
 * @overlay
 * OCPP 1.6: not offered yet.
 */
import type { Cursor } from "../kernel/json";
import { rpc } from "../kernel/rpc";

export function getLocalListVersion(): void {
  rpc.error = "NotSupported";
}

export function sendLocalList(p: Cursor): void {
  rpc.error = p < 0 ? "" : "NotSupported";
}
