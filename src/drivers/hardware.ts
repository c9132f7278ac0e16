/** What the drivers of a charging point remember of its hardware: one flat array, `Hardware.Size` numbers an EVSE, as the station's own. */
import { evses } from "../station/evse";

export const enum Hardware {
  /** Control pilot that the station knows (`Pilot`), the one that is seen, and polls until that is believed. */
  Pilot,
  Seen,
  SeenPolls,
  /** Current that the pilot offers, mA; polls in which its negative peak is not looked at yet. */
  Offer,
  Blank,
  /** Level of the proximity contact, thousandths of its supply; polls until it is believed, and its moves without a rest in between. */
  CableLevel,
  CablePolls,
  CableMoves,
  /** Polls that the lock's motor still runs, and that it is then left to rest; polls in which it was seen closed; tries in a row. */
  LockRun,
  LockRest,
  LockPolls,
  LockTries,
  /** 1 = the contactor's coil is on; 1 = its feedback says that it is closed; polls that these two differ. */
  Coil,
  Live,
  Differs,
  /** Seconds of too much current. */
  Over,
  /** Seconds until energy may flow after a restart (`Flag.Held`); -1: to be drawn. */
  Hold,
  /** Step of the residual current monitor's self-test (`RcdStep`). */
  Rcd,
  /** Bits of the sources of faults (`Source`). */
  Faults,
  Size,
}

export const hardware = {
  v: undefined as unknown as Int32Array,
};

/** Nothing is known of any EVSE. */
export function openHardware(): void {
  hardware.v = new Int32Array(evses.tokens.length * Hardware.Size);
}
