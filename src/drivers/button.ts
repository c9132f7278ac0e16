/**
 * Push button between a pin and ground, with the pin's pull-up. A press that began before the firmware is none: a stuck button does nothing.
 * To be checked on a bench: that its lines, near the contactor's coil, bring no presses when that switches; if they do, 100 nF at the pin.
 */
import { readPin } from "../kernel/engine/pins";

/** What a poll has found. */
export const enum Press {
  None,
  /** Let go within 2 s. */
  Short,
  /** Let go after 2 s, before 5 s. */
  Long,
  /** Held for 5 s: told once, while it is held. */
  Hold,
}

/** Polls of 100 ms: the least that is no bounce, the begin of a long press, of a hold. */
const BOUNCE = 2;
const LONG = 20;
const HOLD = 50;

export const button = {
  /** Polls for which it is pressed; -1 = pressed since the boot. */
  polls: -1,
};

/** Every 100 ms: the button at `pin` (opened with `pinMode(pin, "input_pullup")`). */
export function buttonPoll(pin: number): Press {
  const polls = button.polls;
  if (readPin(pin)) {
    button.polls = 0;
    return polls < BOUNCE || polls >= HOLD ? Press.None : polls < LONG ? Press.Short : Press.Long;
  }
  if (polls >= 0 && polls < HOLD) {
    button.polls = polls + 1;
    return polls + 1 === HOLD ? Press.Hold : Press.None;
  }
  return Press.None;
}
