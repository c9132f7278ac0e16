/**
 * Contactor with a mirror contact (IEC 60947-4-1, annex F): a contact that is open while any main contact is closed, to ground, so that the input
 * reads 1 while the contactor is closed, and so it does when its wire is open.
 *
 * The coil is switched by the rules of `safety.ts` (`mayClose`) alone, at every poll. When the contact says otherwise for five polls the contactor is welded or
 * does not close; a weld is over when the contact has said so for a minute, the other fault when the car has gone.
 *
 * To be checked on a bench: that the coil falls off when the chip is in reset, its time to open (IEC 61851-1:2017, annex A, table A.6: 100 ms from
 * the pilot's change), and the mirror contact with the main contacts held closed by hand.
 */
import { writePin } from "../kernel/engine/pins";
import { CLOSING, contactorOpened } from "./closings";
import { fault, Source } from "./faults";
import { Hardware, hardware } from "./hardware";

/** Polls in which the feedback contradicts before that is believed, and in a row in which it must not before a weld is over. */
const BELIEVED = 5;
const MENDED = 600;

/** Close the contactor of EVSE `evse` (0-based) when `on` is 1, and look at its feedback: `live` 1 = closed. Every 100 ms. */
export function contactorPoll(evse: number, on: number, live: number, coilPin: number): void {
  const v = hardware.v;
  const at = evse * Hardware.Size;
  if (on !== v[at + Hardware.Coil]) {
    v[at + Hardware.Coil] = on;
    v[at + Hardware.Differs] = 0;
    writePin(coilPin, on);
    v[at + Hardware.Closings] += on * CLOSING;
  }
  if (v[at + Hardware.Was] > on) {
    contactorOpened(evse);
  }
  v[at + Hardware.Was] = on;
  v[at + Hardware.Live] = live;
  if (live === on) {
    if (v[at + Hardware.Differs]) {
      v[at + Hardware.Differs]--;
    }
    if (v[at + Hardware.Welded] && !--v[at + Hardware.Welded]) {
      fault(evse, Source.Weld, 0);
    }
  } else {
    if (v[at + Hardware.Differs] < BELIEVED && ++v[at + Hardware.Differs] === BELIEVED) {
      v[at + Hardware.Welded] = on ? 0 : MENDED;
      fault(evse, on ? Source.Contactor : Source.Weld, 1);
    }
    if (v[at + Hardware.Welded]) {
      v[at + Hardware.Welded] = MENDED;
    }
  }
}

/** Open the contactor of EVSE `evse` now. */
export function contactorOff(evse: number, coilPin: number): void {
  hardware.v[evse * Hardware.Size + Hardware.Coil] = 0;
  writePin(coilPin, 0);
}
