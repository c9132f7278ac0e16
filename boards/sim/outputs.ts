/** What board `sim` drives: a line of the link for each EVSE. */
import { evses, Field } from "../../src/station/evse";
import { say } from "./link";

/** Switch EVSE `evse` (0-based) as its fields say. */
export function drive(evse: number): void {
  const at = evse * Field.Size;
  say("o" + (evse + 1) + evses.v[at + Field.Contactor] + evses.v[at + Field.LockWanted] + "," + evses.v[at + Field.Limit]);
}

/** Open every contactor, whatever the state says. */
export function allOff(): void {
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    evses.v[evse * Field.Size + Field.Contactor] = 0;
    drive(evse);
  }
}
