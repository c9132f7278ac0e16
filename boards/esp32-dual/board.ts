/**
 * Board `esp32-dual`: an ESP32-DevKitC (ESP32-WROOM-32) with two charging points with fixed cables, a residual current monitor each, one thermistor, two
 * meters on one line, a card reader, a row of WS2812 LEDs and a push button. A board is data: copy the directory and change the constants (docs/new-board.md).
 */
import { SDM120 } from "../../src/drivers/sdm120";

export { allOff, startBoard } from "./run";
export { drive } from "./outputs";

export const VENDOR_NAME = "Espruino OCPP";
export const MODEL = "ESP32 Dual";
export const SERIAL_NUMBER = "DUAL0001";
export const VERSION = "0.1.0";

/** A stock engine verifies no server, so wss is refused. */
export const ALLOW_UNVERIFIED_TLS: boolean = false;
/** The rules of src/drivers/safety.ts hold energy back after a restart, and the cable limits the current. */
export const HAS_DRIVERS: boolean = true;

export const EVSES_MAX = 2;
/** 1: the cables are fixed, so there is neither a lock nor a proximity contact. */
export const FIXED_CABLE = 1;
/** Phases of the supply. */
export const PHASES = 1;
/** Seconds that energy waits at most after a restart. */
export const RESTART_DELAY = 30;
/** Seconds without a word of the firmware after which the chip is reset: more than a connection to nobody blocks the engine, some 18. */
export const WATCHDOG = 30;

/** Control pilot of each charging point: to the driver of the 1 kHz signal, and the outputs of the peak detectors. */
export const PILOT_PIN_1 = 18;
export const PILOT_PIN_2 = 19;
export const PILOT_SENSE_HIGH_PIN_1 = 34;
export const PILOT_SENSE_LOW_PIN_1 = 35;
export const PILOT_SENSE_HIGH_PIN_2 = 36;
export const PILOT_SENSE_LOW_PIN_2 = 39;
/** mV of the pilot where the converter reads 0, and from there to 1. */
export const PILOT_ZERO = -15000;
export const PILOT_SPAN = 30000;

/** Coils of the contactors, high = on; their mirror contacts to ground, open while they are closed. */
export const CONTACTOR_PIN_1 = 26;
export const CONTACTOR_PIN_2 = 27;
export const CONTACTOR_FEEDBACK_PIN_1 = 21;
export const CONTACTOR_FEEDBACK_PIN_2 = 22;

/** Residual current monitors: contact to ground, closed while all is well; test current, high = on. */
export const RCD_PIN_1 = 13;
export const RCD_PIN_2 = 14;
export const RCD_TEST_PIN_1 = 25;
export const RCD_TEST_PIN_2 = 33;

/** Energy meters SDM120 on one line, set to 9600 baud and addresses 1 and 2, behind an RS-485 transceiver that switches its direction by itself. */
export const METER_PORT = 1;
export const METER_BAUD = 9600;
export const METER_RX_PIN = 16;
export const METER_TX_PIN = 17;
/** Modbus address of each meter, and its registers. */
export const METERS = "\x01" + SDM120 + "\x02" + SDM120;

/** RFID reader PN532 on its UART, one for both points; its RSTPDN is open. */
export const READER_PORT = 2;
/** @acceptedPin a serial line rests high, and so does the strap's pull-up. */
export const READER_RX_PIN = 5;
/** @acceptedPin a serial line rests high, and so does the strap's pull-up. */
export const READER_TX_PIN = 15;

/** Thermistor at the terminals: R25 in ohm, beta in K, series resistor in ohm, derating from, stop above (both °C). */
export const TEMPERATURE_PIN = 32;
export const TEMPERATURE_SENSOR = "10000,3950,4700,60,80";

/** Row of WS2812, and how many of them belong to a charging point. */
export const LEDS_PIN = 23;
export const LEDS_EACH = 4;

/** Button to ground. */
export const BUTTON_PIN = 4;
