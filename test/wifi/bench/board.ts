/** A board of the tests: Wi-Fi, SNTP, and the page for its configuration; a button at GPIO 4, pressed when low. No charging hardware. */
import { setupPoll, setupSecond } from "../../src/setup/setup";
import { openSetup } from "../../src/setup/steps";
import { sntpSecond } from "../../src/drivers/sntp";
import { wifiSecond } from "../../src/drivers/wifi";
import { openWifi } from "../../src/drivers/wifi-steps";
import { startPoll } from "../../src/kernel/engine/poll";
import { readPin } from "../../src/kernel/engine/pins";

export const VENDOR_NAME = "Espruino OCPP";
export const MODEL = "Bench";
export const SERIAL_NUMBER = "0001";
export const VERSION = "0.1.0";
export const ALLOW_UNVERIFIED_TLS: boolean = false;
export const HAS_DRIVERS: boolean = false;
export const EVSES_MAX = 1;
export const PHASES = 1;

const BUTTON = 4;

function poll(): void {
  setupPoll(1 - readPin(BUTTON));
}

function second(): void {
  wifiSecond();
  sntpSecond();
  setupSecond();
}

/** Nothing is driven. */
export function drive(evse: number): void {
  void evse;
}

/** Nothing is driven. */
export function allOff(): void {}

/** Join the network; without one open the page. */
export function startBoard(): void {
  startPoll(poll, second);
  if (!openWifi()) {
    openSetup();
  }
}
