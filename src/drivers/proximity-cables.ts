/**
 * @overlay
 * What the resistor of a cable means: IEC 61851-1:2017, table B.2 (13, 20, 32, 63 A for 1500, 680, 220, 100 Ohm), with the interpretation
 * ranges of an EVSE drawn together at their middle.
 */
import { charging } from "../station/charging";
import { evses, Field } from "../station/evse";
import { input } from "../station/inputs";
import { fault, Source } from "./faults";
import { Hardware, hardware } from "./hardware";

/** Ohm: below the first there is a short circuit, above the last no plug, between the last two nothing that makes sense. */
const SHORT = 60;
const CABLE_63 = 150;
const CABLE_32 = 340;
const CABLE_20 = 960;
const CABLE_13 = 2700;
const NO_PLUG = 4500;

/** The socket of EVSE `evse` has come to rest. */
export function cableSettled(evse: number, pullUp: number): void {
  const level = hardware.v[evse * Hardware.Size + Hardware.CableLevel];
  const ohms = (pullUp * level) / (1000.5 - level);
  const rating = ohms < CABLE_63 ? 63000 : ohms < CABLE_32 ? 32000 : ohms < CABLE_20 ? 20000 : 13000;
  if (ohms > NO_PLUG) {
    socket(evse, 0, 0);
  } else {
    socket(evse, rating, ohms < SHORT || ohms > CABLE_13 ? 1 : 0);
  }
}

/** The level does not stand still. */
export function cableNoisy(evse: number): void {
  socket(evse, evses.v[evse * Field.Size + Field.Cable], 1);
}

/** A cable for `milliamps` (0: none) is in the socket of EVSE `evse`; `bad` 1: one that nothing can be said of. */
function socket(evse: number, milliamps: number, bad: number): void {
  evses.v[evse * Field.Size + Field.Cable] = milliamps;
  charging.left = 1; // the limits are looked at anew
  fault(evse, Source.Proximity, bad);
  if (!bad) {
    input(evse, Field.Plug, milliamps ? 1 : 0);
  }
}
