/**
 * @overlay
 * What many requests of OCPP 2.0.1 have in common: an EVSEType in them.
 */
import { type Cursor, member, scalar } from "../kernel/json";
import { evses } from "../station/evse";

/** The EVSE (0-based) of the EVSEType at `p`: -1 when there is none, -2 when the station has no such EVSE or connector. */
export function evseAt(p: Cursor): number {
  const connector = member(p, "connectorId");
  const evse = parseInt(scalar(member(p, "id"))) - 1;
  return p < 0 ? -1 : evse >= 0 && evse < evses.tokens.length && (connector < 0 || scalar(connector) === "1") ? evse : -2;
}
