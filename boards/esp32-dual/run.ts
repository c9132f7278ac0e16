/** The drivers of board `esp32-dual` at work. */
import { buttonPoll, Press } from "../../src/drivers/button";
import { contactorOff, contactorPoll } from "../../src/drivers/contactor";
import { pilotPoll } from "../../src/drivers/control-pilot";
import { pilotOpen } from "../../src/drivers/control-pilot-states";
import { openHardware } from "../../src/drivers/hardware";
import { ledsDue } from "../../src/drivers/leds";
import { modbusHeard, modbusPoll, modbusSecond } from "../../src/drivers/modbus";
import { meterLine, openMeters } from "../../src/drivers/modbus-meter";
import { openRcd } from "../../src/drivers/open-rcd";
import { pn532Heard, pn532Poll, pn532Second } from "../../src/drivers/pn532";
import { openReader } from "../../src/drivers/pn532-frames";
import { rcdPoll, rcdReady } from "../../src/drivers/rcd";
import { holdEnergy, mayClose, safetySecond } from "../../src/drivers/safety";
import { temperatureSecond } from "../../src/drivers/temperature";
import { showWs2812 } from "../../src/drivers/ws2812";
import { log } from "../../src/kernel/engine/log";
import { pinMode, readAnalog, readPin } from "../../src/kernel/engine/pins";
import { startPoll } from "../../src/kernel/engine/poll";
import { restart } from "../../src/kernel/engine/restart";
import { openSerial } from "../../src/kernel/engine/serial";
import { kickWatchdog, startWatchdog } from "../../src/kernel/engine/watchdog";
import { evses, Field } from "../../src/station/evse";
import { Context, journal } from "../../src/store/journal";
import {
  BUTTON_PIN,
  CONTACTOR_FEEDBACK_PIN_1,
  CONTACTOR_FEEDBACK_PIN_2,
  CONTACTOR_PIN_1,
  CONTACTOR_PIN_2,
  FIXED_CABLE,
  LEDS_EACH,
  LEDS_PIN,
  METER_BAUD,
  METER_PORT,
  METER_RX_PIN,
  METER_TX_PIN,
  METERS,
  PILOT_PIN_1,
  PILOT_PIN_2,
  PILOT_SENSE_HIGH_PIN_1,
  PILOT_SENSE_HIGH_PIN_2,
  PILOT_SENSE_LOW_PIN_1,
  PILOT_SENSE_LOW_PIN_2,
  PILOT_SPAN,
  PILOT_ZERO,
  RCD_PIN_1,
  RCD_PIN_2,
  RCD_TEST_PIN_1,
  RCD_TEST_PIN_2,
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

/** Charging point `evse` (0-based), every 100 ms: its pilot's peaks (0 … 1 of the converter), then its monitor and its contactor. */
function pollEvse(evse: number, high: number, low: number): void {
  pilotPoll(evse, high * PILOT_SPAN + PILOT_ZERO, low * PILOT_SPAN + PILOT_ZERO);
  rcdPoll(evse, evse ? RCD_PIN_2 : RCD_PIN_1, evse ? RCD_TEST_PIN_2 : RCD_TEST_PIN_1);
  contactorPoll(
    evse,
    rcdReady(evse, mayClose(evse)),
    readPin(evse ? CONTACTOR_FEEDBACK_PIN_2 : CONTACTOR_FEEDBACK_PIN_1),
    evse ? CONTACTOR_PIN_2 : CONTACTOR_PIN_1,
  );
}

/** Every 100 ms. */
function poll(): void {
  pollEvse(0, readAnalog(PILOT_SENSE_HIGH_PIN_1), readAnalog(PILOT_SENSE_LOW_PIN_1));
  if (evses.tokens.length > 1) {
    pollEvse(1, readAnalog(PILOT_SENSE_HIGH_PIN_2), readAnalog(PILOT_SENSE_LOW_PIN_2));
  }
  modbusPoll();
  pn532Poll();
  if (buttonPoll(BUTTON_PIN) === Press.Hold) {
    log("restart by the button");
    allOff();
    restart();
  }
  if (ledsDue()) {
    showWs2812(LEDS_PIN, LEDS_EACH);
  }
}

function second(): void {
  modbusSecond();
  pn532Second();
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    safetySecond(evse, RESTART_DELAY);
  }
  temperatureSecond(TEMPERATURE_PIN, TEMPERATURE_SENSOR);
  kickWatchdog(); // last: a second that is aborted each time ends with a reset
}

/** Open every contactor, whatever the state says. */
export function allOff(): void {
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    contactorOff(evse, evse ? CONTACTOR_PIN_2 : CONTACTOR_PIN_1);
    holdEnergy(evse);
  }
}

/** Outputs first, then the polls. */
export function startBoard(): void {
  openHardware();
  allOff();
  evses.fixed = FIXED_CABLE;
  pinMode(BUTTON_PIN, "input_pullup");
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    pinMode(evse ? CONTACTOR_FEEDBACK_PIN_2 : CONTACTOR_FEEDBACK_PIN_1, "input_pullup");
    openRcd(evse, evse ? RCD_PIN_2 : RCD_PIN_1, evse ? RCD_TEST_PIN_2 : RCD_TEST_PIN_1);
    pilotOpen(evse, evse ? PILOT_PIN_2 : PILOT_PIN_1);
    // A transaction that runs has a register already; the meter's first answer comes later than the first tick may.
    if (journal.context[evse * Context.Size + Context.Begin]) {
      evses.v[evse * Field.Size + Field.WattHours] = journal.context[evse * Context.Size + Context.WattHours];
    }
  }
  openSerial(METER_PORT, METER_BAUD, METER_RX_PIN, METER_TX_PIN, "", modbusHeard);
  openMeters(meterLine(METER_PORT, METER_BAUD, NONE) + METERS);
  openSerial(READER_PORT, READER_BAUD, READER_RX_PIN, READER_TX_PIN, "", pn532Heard);
  openReader(READER_PORT, NONE, -1);
  modbusSecond();
  startWatchdog(WATCHDOG);
  startPoll(poll, second);
}
