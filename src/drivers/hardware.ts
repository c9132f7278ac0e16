/** What the drivers of a charging point remember of its hardware: one flat array, `Hardware.Size` numbers an EVSE, as the station's own. */
import { evses } from "../station/evse";

export const enum Hardware {
  /** Control pilot that is seen (`Pilot`), and polls until it is believed; 1 = the contactor has opened meanwhile. */
  Seen,
  SeenPolls,
  Left,
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
  /** 1 = the contactor's coil is on; 1 = it was at the last poll; 1 = its feedback says that it is closed; polls that coil and feedback differ. */
  Coil,
  Was,
  Live,
  Differs,
  /** Polls that the feedback of a contactor that is welded must still say otherwise. */
  Welded,
  /** Seconds of rest that the contactor owes for its closings (`closings.ts`), and seconds until a fault of too many may end. */
  Closings,
  Rest,
  /** Seconds of too much current. */
  Over,
  /** Seconds until energy may flow (`Flag.Held`); -1: to be drawn. */
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
