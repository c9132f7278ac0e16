/**
 * Board `esp32-devkit`: the reference wiring of an ESP32-DevKitC (ESP32-WROOM-32) with one charging point, a type 2 socket with a lock and one phase.
 * A board is data: copy the directory and change the constants (docs/new-board.md).
 */
export { allOff, startBoard } from "./run";
export { drive } from "./outputs";
import { SDM120 } from "../../src/drivers/sdm120";

export const VENDOR_NAME = "Espruino OCPP";
export const MODEL = "ESP32 DevKit";
export const SERIAL_NUMBER = "DEVKIT0001";
export const VERSION = "0.1.0";

/** A stock engine verifies no server, so wss is refused. */
export const ALLOW_UNVERIFIED_TLS: boolean = false;
/** The rules of src/drivers/safety.ts hold energy back after a restart, and the cable limits the current. */
export const HAS_DRIVERS: boolean = true;

export const EVSES_MAX = 1;
/** Phases of the supply. */
export const PHASES = 1;
/** Seconds that energy waits at most after a restart. */
export const RESTART_DELAY = 30;
/** Seconds without a word of the firmware after which the chip is reset: more than a connection to nobody blocks the engine, some 18. */
export const WATCHDOG = 30;

/** Control pilot: to the driver of the 1 kHz signal, and the outputs of the peak detectors. */
export const PILOT_PIN = 27;
export const PILOT_SENSE_HIGH_PIN = 34;
export const PILOT_SENSE_LOW_PIN = 35;
/** mV of the pilot where the converter reads 0, and from there to 1. */
export const PILOT_ZERO = -15000;
export const PILOT_SPAN = 30000;

/** Proximity contact of the socket, and the resistor from it to the supply, Ohm. */
export const PROXIMITY_PIN = 36;
export const PROXIMITY_PULL_UP = 1000;

/** Coil of the contactor, high = on; its mirror contact to ground, open while it is closed. */
export const CONTACTOR_PIN = 23;
export const CONTACTOR_FEEDBACK_PIN = 22;

/** Half bridge of the lock's motor; contact to ground, closed while it is locked. */
export const LOCK_CLOSE_PIN = 16;
export const LOCK_OPEN_PIN = 17;
export const LOCK_FEEDBACK_PIN = 21;

/** Residual current monitor: contact to ground, closed while all is well; its test input. */
export const RCD_PIN = 19;
export const RCD_TEST_PIN = 4;

/** Thermistor at relay and terminals: R25 in Ohm, beta in K, series resistor in Ohm, °C where less is offered and where it stops. */
export const TEMPERATURE_PIN = 39;
export const TEMPERATURE_SENSOR = "10000,3950,4700,60,80";

/** Energy meter SDM120, set to 9600 baud, behind an RS-485 transceiver that switches its direction by itself. */
export const METER_PORT = 1;
export const METER_BAUD = 9600;
export const METER_RX_PIN = 33;
export const METER_TX_PIN = 32;
/** Modbus address of the meter, and its registers. */
export const METERS = "\x01" + SDM120;

/** RFID reader PN532 on its UART, the station's only one; its RSTPDN is open. */
export const READER_PORT = 2;
export const READER_RX_PIN = 26;
export const READER_TX_PIN = 25;

/** Push button to ground: held for 5 s it opens the page for the configuration. */
export const BUTTON_PIN = 18;
