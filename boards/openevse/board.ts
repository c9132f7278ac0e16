/**
 * Board `openevse`: the ESP32 module of an OpenEVSE station (OpenEVSE WiFi v1: its UART 0 goes to the safety controller, I2C on GPIO 21 and 22).
 * The safety controller, whose firmware stays as it is (RAPI 3.0 or later), keeps pilot, ground-fault detector, ground and relay
 * checks and the relay; this firmware takes the place of the stock Wi-Fi firmware.
 *
 * To be checked on a bench, besides what src/drivers/openevse.ts says: the console of the engine is moved away from UART 0, so a new image comes
 * with the module taken out of the station (docs/FLASHING.md).
 */
export { allOff, startBoard } from "./run";
export { drive } from "./outputs";

export const VENDOR_NAME = "OpenEVSE";
export const MODEL = "OpenEVSE ESP32";
export const SERIAL_NUMBER = "OPENEVSE0001";
export const VERSION = "0.1.0";

/** A stock engine verifies no server, so wss is refused. */
export const ALLOW_UNVERIFIED_TLS: boolean = false;
/** The rules of src/drivers/safety.ts hold energy back after a restart. */
export const HAS_DRIVERS: boolean = true;

/** UART 0 is the controller's, and nothing else takes the engine's console while the firmware runs. */
export const HAS_CONSOLE: boolean = false;

export const EVSES_MAX = 1;
/** Phases of the supply: what the controller measures. */
export const PHASES = 1;
/** 1 = the cable is fixed to the station, which has no lock. */
export const FIXED_CABLE = 1;
/** Seconds that energy waits at most after a restart. */
export const RESTART_DELAY = 30;
/** Seconds without a word of the firmware after which the chip is reset: more than a connection to nobody blocks the engine, some 18. */
export const WATCHDOG = 30;

/** The safety controller: serial port, its pins and speed. */
export const RAPI_PORT = 1;
/** @acceptedPin the module's wiring; `engine/serial.ts` moves the console away, and the controller takes no boot message for a command. */
export const RAPI_RX_PIN = 3;
/** @acceptedPin as above. */
export const RAPI_TX_PIN = 1;
export const RAPI_BAUD = 115200;
/** Voltage where the controller has no voltmeter, mV. */
export const MILLIVOLTS = 240000;

/** @acceptedPin the module's button to ground: held for 5 s while the firmware runs it opens the page for the configuration. */
export const BUTTON_PIN = 0;

/** A PN532 at the I2C header: set it to true where one is fitted. */
export const HAS_READER: boolean = false;
export const READER_SDA_PIN = 21;
export const READER_SCL_PIN = 22;
export const READER_BITRATE = 100000;
