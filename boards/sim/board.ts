/**
 * Board `sim`: the simulated charging station of `npm run sim`, on the Node engine stub and on Espruino's Linux build. Its hardware,
 * sockets' far ends, flash operations and seconds come over the link (`link.ts`).
 */
export { openLink as startBoard } from "./link";
export { allOff, drive } from "./outputs";

export const VENDOR_NAME = "Espruino OCPP";
export const MODEL = "Simulator";
export const SERIAL_NUMBER = "SIM0001";
export const VERSION = "0.1.0";

/** wss can be tried on an engine that does not verify the server; announced as SecurityCtrlr.AllowUnverifiedTls. */
export const ALLOW_UNVERIFIED_TLS: boolean = true;

/** The simulator's hardware needs no drivers. */
export const HAS_DRIVERS: boolean = false;

/** EVSEs that fit the flash map and the RAM. */
export const EVSES_MAX = 8;
/** Phases of the supply. */
export const PHASES = 1;
