/** The drivers of board `esp32-devkit` at work. */
import { pinMode, readAnalog, readPin, writePin } from "../../src/kernel/engine/pins";
import { startPoll } from "../../src/kernel/engine/poll";
import { kickWatchdog, startWatchdog } from "../../src/kernel/engine/watchdog";
import { contactorOff, contactorPoll } from "../../src/drivers/contactor";
import { pilotPoll } from "../../src/drivers/control-pilot";
import { pilotOpen } from "../../src/drivers/control-pilot-states";
import { openHardware } from "../../src/drivers/hardware";
import { proximityPoll } from "../../src/drivers/proximity";
import { holdEnergy, mayClose, safetySecond } from "../../src/drivers/safety";
import { lockPoll } from "../../src/drivers/socket-lock";
import { evses } from "../../src/station/evse";
import {
  CONTACTOR_FEEDBACK_PIN,
  CONTACTOR_PIN,
  LOCK_CLOSE_PIN,
  LOCK_FEEDBACK_PIN,
  LOCK_OPEN_PIN,
  PILOT_PIN,
  PILOT_SENSE_HIGH_PIN,
  PILOT_SENSE_LOW_PIN,
  PILOT_SPAN,
  PILOT_ZERO,
  PROXIMITY_PIN,
  PROXIMITY_PULL_UP,
  RESTART_DELAY,
  WATCHDOG,
} from "./board";

/** Every 100 ms. */
function poll(): void {
  pilotPoll(
    0,
    readAnalog(PILOT_SENSE_HIGH_PIN) * PILOT_SPAN + PILOT_ZERO,
    readAnalog(PILOT_SENSE_LOW_PIN) * PILOT_SPAN + PILOT_ZERO,
  );
  if (!evses.fixed) {
    proximityPoll(0, readAnalog(PROXIMITY_PIN), PROXIMITY_PULL_UP);
    lockPoll(0, readPin(LOCK_FEEDBACK_PIN), LOCK_CLOSE_PIN, LOCK_OPEN_PIN);
  }
  contactorPoll(0, mayClose(0), readPin(CONTACTOR_FEEDBACK_PIN), CONTACTOR_PIN);
}

function second(): void {
  kickWatchdog();
  safetySecond(0, RESTART_DELAY);
}

/** Open every contactor, whatever the state says. */
export function allOff(): void {
  contactorOff(0, CONTACTOR_PIN);
  holdEnergy(0);
}

/** Outputs first, then the polls. */
export function startBoard(): void {
  openHardware();
  allOff();
  writePin(LOCK_CLOSE_PIN, 0);
  writePin(LOCK_OPEN_PIN, 0);
  pinMode(CONTACTOR_FEEDBACK_PIN, "input_pullup");
  pinMode(LOCK_FEEDBACK_PIN, "input_pullup");
  pilotOpen(0, PILOT_PIN);
  startWatchdog(WATCHDOG);
  startPoll(poll, second);
}
