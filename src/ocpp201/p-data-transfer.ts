/**
 * @overlay
 * OCPP 2.0.1 Part 2, P. DataTransfer: P01, P02.
 */
import { answer } from "../kernel/call";

/** DataTransfer: no vendor's extension is known (P-01). */
export function dataTransfer(): void {
  answer("UnknownVendorId");
}
