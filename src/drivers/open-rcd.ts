/**
 * @overlay
 * Residual current monitor: its pins (`rcd.ts`).
 */
import { pinMode, writePin } from "../kernel/engine/pins";
import { Hardware, hardware } from "./hardware";
import { RcdStep } from "./rcd";

/** Open the monitor of EVSE `evse` (0-based) at `pin`, its test input at `testPin`; a first test follows. */
export function openRcd(evse: number, pin: number, testPin: number): void {
  writePin(testPin, 0);
  pinMode(testPin, "output");
  pinMode(pin, "input_pullup");
  hardware.v[evse * Hardware.Size + Hardware.Rcd] = RcdStep.Starting;
}
