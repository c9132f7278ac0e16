/** As on the hardware: the file of board `sim` knows no source but the CSMS. */
export { heartbeatSetsClock, ntp } from "../../../src/kernel/engine/time-source";
