/**
 * Residual current monitor with a test input, as in IEC 62955 (RDC-DD) and IEC 61851-1:2017, 8.5: 6 mA d.c., 30 mA a.c. Examples: Western
 * Automation RCM14, Bender RCMB. Its contact to ground is closed while all is well and opens at a residual current, so that a torn wire
 * is a fault; the pin has a pull-up. A high level at the test input makes a residual current of its own for as long as it lasts.
 *
 * Before each charge the monitor has to open its contact under test current and to close it again without: only then `rcdReady` lets the
 * contactor close. An opened contact at any other time, or a test that fails, is a ground failure at the next poll, kept until the car has gone and
 * a new test has passed. A contact that is stuck in either position fails the test.
 *
 * To be checked on a bench: the monitor's times under test current (`TRIP`, `RELEASE`), that the contactor also opens by the monitor's own
 * hardware, without firmware, and that a real residual current of 6 mA d.c. opens it.
 */
import { readPin, writePin } from "../kernel/engine/pins";
import { evses, Field } from "../station/evse";
import { fault, Source } from "./faults";
import { Hardware, hardware } from "./hardware";

/** Polls of 100 ms that the contact may take to open under test current, and to close again. */
const TRIP = 10;
const RELEASE = 30;
/** Polls after which a new test is tried when there is no car. */
const RETRY = 300;

export const enum RcdStep {
  Untested,
  /** The next poll begins a test. */
  Wanted,
  /** The monitor has just got its supply: its contact may still be open; this and how many polls. */
  Starting = 50,
  /** Test current flows. */
  Testing = 100,
  /** Test current is off again. */
  Releasing = 200,
  Passed = 300,
  /** Ground failure. */
  Failed = 400,
}

/** May the contactor of EVSE `evse` (0-based) close, which is `wanted` (0 or 1, `mayClose` of `safety.ts`)? Asked at every poll; a test comes first. */
export function rcdReady(evse: number, wanted: number): number {
  const at = evse * Hardware.Size + Hardware.Rcd;
  const step = hardware.v[at];
  if (wanted && step === RcdStep.Untested) {
    hardware.v[at] = RcdStep.Wanted;
  } else if (!wanted && step === RcdStep.Passed) {
    hardware.v[at] = RcdStep.Untested; // each charge has its own test
  }
  return wanted && step === RcdStep.Passed ? 1 : 0;
}

/** Every 100 ms: the monitor at `pin`, its test input at `testPin`. */
export function rcdPoll(evse: number, pin: number, testPin: number): void {
  const at = evse * Hardware.Size + Hardware.Rcd;
  const step = hardware.v[at];
  const open = readPin(pin);
  let next = step;
  if (step >= RcdStep.Failed) {
    next =
      step < RcdStep.Failed + RETRY ? step + 1 : open || evses.v[evse * Field.Size + Field.Connected] ? step : RcdStep.Wanted;
  } else if (step >= RcdStep.Releasing && step < RcdStep.Passed) {
    next = !open ? RcdStep.Passed : step < RcdStep.Releasing + RELEASE ? step + 1 : RcdStep.Failed;
  } else if (step >= RcdStep.Testing && step < RcdStep.Releasing) {
    next = open ? RcdStep.Releasing : step < RcdStep.Testing + TRIP ? step + 1 : RcdStep.Failed;
    if (next !== step + 1) {
      writePin(testPin, 0);
    }
  } else if (step >= RcdStep.Starting && step < RcdStep.Testing) {
    next = !open ? RcdStep.Wanted : step < RcdStep.Starting + RELEASE ? step + 1 : RcdStep.Failed;
  } else if (open) {
    next = RcdStep.Failed;
  } else if (step === RcdStep.Wanted) {
    writePin(testPin, 1);
    next = RcdStep.Testing;
  }
  hardware.v[at] = next;
  if (next === RcdStep.Failed && step < next) {
    fault(evse, Source.Rcd, 1);
  } else if (next === RcdStep.Passed && step < next) {
    fault(evse, Source.Rcd, 0);
  }
}
