/**
 * @overlay
 * What board `esp32-devkit` drives. The lock and the closing of the contactor follow with the next poll.
 */
import { contactorOff } from "../../src/drivers/contactor";
import { pilotOffer } from "../../src/drivers/control-pilot-states";
import { Hardware, hardware } from "../../src/drivers/hardware";
import { evses, Field } from "../../src/station/evse";
import { CONTACTOR_PIN, PILOT_PIN } from "./board";

/** Switch EVSE `evse` (0-based) as its fields say: never more than the cable carries. */
export function drive(evse: number): void {
  const at = evse * Field.Size;
  const limit = evses.v[at + Field.Limit];
  const cable = evses.v[at + Field.Cable];
  if (!evses.v[at + Field.Contactor] && hardware.v[evse * Hardware.Size + Hardware.Coil]) {
    contactorOff(evse, CONTACTOR_PIN);
  }
  pilotOffer(evse, PILOT_PIN, cable && cable < limit ? cable : limit);
}
