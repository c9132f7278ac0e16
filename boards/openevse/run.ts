/** The drivers of board `openevse` at work. */
import { pinMode, readPin } from "../../src/kernel/engine/pins";
import { openI2c } from "../../src/kernel/engine/i2c";
import { startPoll } from "../../src/kernel/engine/poll";
import { openSerial } from "../../src/kernel/engine/serial";
import { kickWatchdog, startWatchdog } from "../../src/kernel/engine/watchdog";
import { openHardware } from "../../src/drivers/hardware";
import { rapiHeard, rapiOff, rapiPoll, rapiSecond } from "../../src/drivers/openevse";
import { openController } from "../../src/drivers/openevse-rapi";
import { pn532Poll, pn532Second } from "../../src/drivers/pn532";
import { openReader } from "../../src/drivers/pn532-frames";
import { holdEnergy, safetySecond } from "../../src/drivers/safety";
import { sntpSecond } from "../../src/drivers/sntp";
import { wifiSecond } from "../../src/drivers/wifi";
import { openWifi } from "../../src/drivers/wifi-steps";
import { setupPoll, setupSecond } from "../../src/setup/setup";
import { openSetup } from "../../src/setup/steps";
import { evses, Field } from "../../src/station/evse";
import { Context, journal } from "../../src/store/journal";
import {
  BUTTON_PIN,
  FIXED_CABLE,
  HAS_READER,
  READER_BITRATE,
  READER_SCL_PIN,
  READER_SDA_PIN,
  MILLIVOLTS,
  RAPI_BAUD,
  RAPI_PORT,
  RAPI_RX_PIN,
  RAPI_TX_PIN,
  RESTART_DELAY,
  WATCHDOG,
} from "./board";

/** Every 100 ms. */
function poll(): void {
  rapiPoll();
  if (HAS_READER) {
    pn532Poll();
  }
  setupPoll(1 - readPin(BUTTON_PIN));
}

function second(): void {
  rapiSecond();
  if (HAS_READER) {
    pn532Second();
  }
  safetySecond(0, RESTART_DELAY);
  wifiSecond();
  sntpSecond();
  setupSecond();
  kickWatchdog(); // last: a second that is aborted each time ends with a reset
}

/** Let the car sleep, whatever the state says. */
export function allOff(): void {
  rapiOff();
  holdEnergy(0);
}

/** The controller first, then the polls, then the network: without one the page for its configuration. */
export function startBoard(): void {
  openHardware();
  pinMode(BUTTON_PIN, "input_pullup");
  evses.fixed = FIXED_CABLE;
  evses.v[Field.Millivolts] = MILLIVOLTS;
  // A transaction that runs has a register already; what the controller has lost of it is set right (src/drivers/openevse-rapi.ts).
  if (journal.context[Context.Begin]) {
    evses.v[Field.WattHours] = journal.context[Context.WattHours];
  }
  openSerial(RAPI_PORT, RAPI_BAUD, RAPI_RX_PIN, RAPI_TX_PIN, "", rapiHeard);
  openController(RAPI_PORT);
  holdEnergy(0);
  if (HAS_READER) {
    openI2c(READER_SDA_PIN, READER_SCL_PIN, READER_BITRATE);
    openReader(0, 255, -1);
  }
  startWatchdog(WATCHDOG);
  startPoll(poll, second);
  if (!openWifi()) {
    openSetup();
  }
}
