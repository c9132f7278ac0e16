/**
 * @overlay
 * What board `esp32-dual` drives. The closing of a contactor follows with the next poll, behind the self-test of its residual current monitor.
 */
import { contactorOff } from "../../src/drivers/contactor";
import { pilotOffer } from "../../src/drivers/control-pilot-states";
import { evses, Field } from "../../src/station/evse";
import { CONTACTOR_PIN_1, CONTACTOR_PIN_2, PILOT_PIN_1, PILOT_PIN_2 } from "./board";

/** Switch EVSE `evse` (0-based) as its fields say. */
export function drive(evse: number): void {
  const at = evse * Field.Size;
  if (!evses.v[at + Field.Contactor]) {
    contactorOff(evse, evse ? CONTACTOR_PIN_2 : CONTACTOR_PIN_1);
  }
  pilotOffer(evse, evse ? PILOT_PIN_2 : PILOT_PIN_1, evses.v[at + Field.Limit]);
}
