/**
 * @overlay
 * Control pilot of IEC 61851-1:2017, annex A: what its peaks mean (tables A.2 to A.4), and the duty cycle for a current (table A.7).
 */
import { writePwm } from "../kernel/engine/pins";
import { evses, Field, Pilot } from "../station/evse";
import { input } from "../station/inputs";
import { carOpened } from "./closings";
import { DIODE, STATE_A, STEP } from "./control-pilot";
import { fault, Source } from "./faults";
import { Hardware, hardware } from "./hardware";

/** Polls in which a state is seen before it is believed. */
const BELIEVED = 3;
/** Polls that the peak detectors have to follow a signal that begins. */
const FOLLOW = 2;
/** Hz. */
const FREQUENCY = 1000;

/**
 * The state whose nominal level is nearest; what is no level of any of them is E, as if the pilot were shorted, and so is a car without a diode.
 * `suspect`: the negative peak counts; without a signal there is none, so a car that was found faulty stays so until it has gone.
 */
function stateOf(high: number, low: number, suspect: number): Pilot {
  const state = Math.floor((STATE_A + STEP / 2 - high) / STEP);
  if (high < DIODE) {
    return Pilot.F;
  }
  return state < Pilot.A || state > Pilot.E || (state && suspect && low > DIODE) ? Pilot.E : state;
}

/** The pilot of EVSE `evse` has left the state that was seen last. */
export function pilotSeen(evse: number, high: number, low: number): void {
  const v = hardware.v;
  const at = evse * Hardware.Size;
  const state = stateOf(high, low, v[at + Hardware.Offer] || v[at + Hardware.Faults] & (1 << Source.Pilot));
  if (state !== v[at + Hardware.Seen]) {
    v[at + Hardware.Seen] = state;
    v[at + Hardware.SeenPolls] = BELIEVED; // whatever it will be: until then the contactor is open (`mayClose`)
  }
}

/** The state that is seen is believed. D asks for ventilation, which there is none of; the station refuses it as it does E and F. */
export function pilotSettled(evse: number): void {
  const v = hardware.v;
  const at = evse * Hardware.Size;
  const state = v[at + Hardware.Seen];
  if (v[at + Hardware.Left]) {
    v[at + Hardware.Left] = 0;
    carOpened(evse, state);
  }
  fault(evse, Source.Pilot, state > Pilot.D ? 1 : 0);
  input(evse, Field.Pilot, state);
  if (evses.fixed) {
    input(evse, Field.Plug, state === Pilot.A ? 0 : 1);
  }
  if (state === Pilot.A) {
    // The next car has not earned them.
    fault(evse, Source.Overcurrent, 0);
    if (!v[at + Hardware.Rest]) {
      fault(evse, Source.Contactor, 0);
    }
  }
}

/** Let the pilot of EVSE `evse` rest: the first thing at a start. */
export function pilotOpen(evse: number, pilotPin: number): void {
  hardware.v[evse * Hardware.Size + Hardware.Offer] = -1;
  pilotOffer(evse, pilotPin, 0);
}

/**
 * Offer `milliamps` (0, or 6000 to 80000) to the car at EVSE `evse`; without an offer the pilot rests at +12 V. Table A.7: 10 % to 85 % are
 * 0.6 A a percent, above that it is 2.5 A a percent over 64 %.
 */
export function pilotOffer(evse: number, pilotPin: number, milliamps: number): void {
  const at = evse * Hardware.Size;
  if (milliamps !== hardware.v[at + Hardware.Offer]) {
    hardware.v[at + Hardware.Offer] = milliamps;
    hardware.v[at + Hardware.Blank] = milliamps > 0 ? FOLLOW : 0;
    writePwm(pilotPin, !milliamps ? 1 : milliamps > 51000 ? milliamps / 250000 + 0.64 : milliamps / 60000, FREQUENCY);
  }
}
