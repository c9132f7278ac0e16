/**
 * Proximity contact of IEC 61851-1:2017, annex B.2: a resistor in the cable's plug tells what the cable carries. It is the lower half of a
 * divider whose upper half is on the board; the ADC reads the part of the supply that is left over it.
 *
 * A cable is believed when its level has stood still for three polls; one that does not come to rest is refused.
 *
 * To be checked on a bench: the readings with 100, 220, 680 and 1500 Ohm and without a plug.
 */
import { Hardware, hardware } from "./hardware";
import { cableNoisy, cableSettled } from "./proximity-cables";

/** Polls in which a cable is seen before it is believed; moves without a rest in between that make it a bad one. */
const BELIEVED = 3;
const RESTLESS = 20;
/** Thousandths of the supply that a level that stands still may move. */
const STILL = 30;

/** Look at the socket of EVSE `evse` (0-based): `level` is the part of the supply over the plug's resistor, 0 … 1; `pullUp` the board's one, Ohm. Every 100 ms. */
export function proximityPoll(evse: number, level: number, pullUp: number): void {
  const v = hardware.v;
  const at = evse * Hardware.Size;
  const off = level * 1000 - v[at + Hardware.CableLevel];
  if (off > STILL || off < -STILL) {
    v[at + Hardware.CableLevel] = level * 1000;
    v[at + Hardware.CablePolls] = BELIEVED;
    if (++v[at + Hardware.CableMoves] === RESTLESS) {
      cableNoisy(evse);
    }
  } else if (v[at + Hardware.CablePolls] && !--v[at + Hardware.CablePolls]) {
    v[at + Hardware.CableMoves] = 0;
    cableSettled(evse, pullUp);
  }
}
