/**
 * @overlay
 * What board `openevse` drives: the next poll tells the controller what the EVSE's fields say.
 */
import { rapi } from "../../src/drivers/openevse";

/** Switch EVSE `evse` (0-based) as its fields say. */
export function drive(evse: number): void {
  rapi.may = 1 + evse;
}
