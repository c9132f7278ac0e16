/** The drivers of board `esp32-devkit` at work. */
import { pinMode, readAnalog, readPin, writePin } from "../../src/kernel/engine/pins";
import { openSerial } from "../../src/kernel/engine/serial";
import { startPoll } from "../../src/kernel/engine/poll";
import { kickWatchdog, startWatchdog } from "../../src/kernel/engine/watchdog";
import { contactorOff, contactorPoll } from "../../src/drivers/contactor";
import { pilotPoll } from "../../src/drivers/control-pilot";
import { pilotOpen } from "../../src/drivers/control-pilot-states";
import { modbusHeard, modbusPoll, modbusSecond } from "../../src/drivers/modbus";
import { meterLine, openMeters } from "../../src/drivers/modbus-meter";
import { pn532Heard, pn532Poll, pn532Second } from "../../src/drivers/pn532";
import { openReader } from "../../src/drivers/pn532-frames";
import { openHardware } from "../../src/drivers/hardware";
import { openRcd } from "../../src/drivers/open-rcd";
import { proximityPoll } from "../../src/drivers/proximity";
import { rcdPoll, rcdReady } from "../../src/drivers/rcd";
import { holdEnergy, mayClose, safetySecond } from "../../src/drivers/safety";
import { sntpSecond } from "../../src/drivers/sntp";
import { lockPoll } from "../../src/drivers/socket-lock";
import { temperatureSecond } from "../../src/drivers/temperature";
import { evses, Field } from "../../src/station/evse";
import { Context, journal } from "../../src/store/journal";
import { wifiSecond } from "../../src/drivers/wifi";
import { openWifi } from "../../src/drivers/wifi-steps";
import { setupPoll, setupSecond } from "../../src/setup/setup";
import { openSetup } from "../../src/setup/steps";
import {
  BUTTON_PIN,
  CONTACTOR_FEEDBACK_PIN,
  CONTACTOR_PIN,
  LOCK_CLOSE_PIN,
  LOCK_FEEDBACK_PIN,
  LOCK_OPEN_PIN,
  METER_BAUD,
  METER_PORT,
  METER_RX_PIN,
  METER_TX_PIN,
  METERS,
  PILOT_PIN,
  PILOT_SENSE_HIGH_PIN,
  PILOT_SENSE_LOW_PIN,
  PILOT_SPAN,
  PILOT_ZERO,
  PROXIMITY_PIN,
  PROXIMITY_PULL_UP,
  RCD_PIN,
  RCD_TEST_PIN,
  READER_PORT,
  READER_RX_PIN,
  READER_TX_PIN,
  RESTART_DELAY,
  TEMPERATURE_PIN,
  TEMPERATURE_SENSOR,
  WATCHDOG,
} from "./board";

/** Baud of a PN532; a pin that there is not. */
const READER_BAUD = 115200;
const NONE = 255;

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
  rcdPoll(0, RCD_PIN, RCD_TEST_PIN);
  modbusPoll();
  pn532Poll();
  contactorPoll(0, rcdReady(0, mayClose(0)), readPin(CONTACTOR_FEEDBACK_PIN), CONTACTOR_PIN);
  setupPoll(1 - readPin(BUTTON_PIN));
}

function second(): void {
  modbusSecond();
  pn532Second();
  safetySecond(0, RESTART_DELAY);
  temperatureSecond(TEMPERATURE_PIN, TEMPERATURE_SENSOR);
  wifiSecond();
  sntpSecond();
  setupSecond();
  kickWatchdog(); // last: a second that is aborted each time ends with a reset
}

/** Open every contactor, whatever the state says. */
export function allOff(): void {
  contactorOff(0, CONTACTOR_PIN);
  holdEnergy(0);
}

/** A transaction that runs has a register already; the meter's first answer comes later than the first tick may. */
function resumeRegister(): void {
  if (journal.context[Context.Begin]) {
    evses.v[Field.WattHours] = journal.context[Context.WattHours];
  }
}

/** Outputs first, then the polls, then the network: without one the page for its configuration. */
export function startBoard(): void {
  openHardware();
  allOff();
  writePin(LOCK_CLOSE_PIN, 0);
  writePin(LOCK_OPEN_PIN, 0);
  pinMode(CONTACTOR_FEEDBACK_PIN, "input_pullup");
  pinMode(LOCK_FEEDBACK_PIN, "input_pullup");
  openRcd(0, RCD_PIN, RCD_TEST_PIN);
  pinMode(BUTTON_PIN, "input_pullup");
  pilotOpen(0, PILOT_PIN);
  openSerial(METER_PORT, METER_BAUD, METER_RX_PIN, METER_TX_PIN, "", modbusHeard);
  openMeters(meterLine(METER_PORT, METER_BAUD, NONE) + METERS);
  openSerial(READER_PORT, READER_BAUD, READER_RX_PIN, READER_TX_PIN, "", pn532Heard);
  openReader(READER_PORT, NONE, -1);
  resumeRegister();
  modbusSecond();
  startWatchdog(WATCHDOG);
  startPoll(poll, second);
  if (!openWifi()) {
    openSetup();
  }
}
