/**
 * OpenEVSE's safety controller at a serial port (115200 baud, 8N1), spoken to by RAPI 3.0 or later: the protocol as the controller's firmware
 * documents it (github.com/lincomatic/open_evse, firmware/open_evse/rapi_proc.h; states and flags in J1772EvseController.h). The
 * controller keeps the pilot, the ground-fault detector with its self-test, ground and relay checks and the relay itself; this firmware lets
 * it charge (`$FE`) or sleep (`$FS`), tells it the current (`$SC n V`, which it does not write to its EEPROM), and reads state, current and energy.
 * `src/drivers/openevse-rapi.ts` does the talking.
 *
 * Asked every second: `$GS` state, `$GG` current and voltage, `$GU` energy, `$SY` a sign of life. A controller that gives no good answer
 * for `LOST` questions (2.5 to 5 s) is InternalError until it does; heartbeat supervision makes it fall to 6 A meanwhile, where it is built in.
 *
 * Resident: 42 JsVars, in place of the drivers of pilot, contactor and meter (test/drivers/cost.test.ts); Espruino takes some more for its port.
 * To be checked on a bench: a controller that starts anew charges a waiting car until this firmware has said `$FS`, some ms behind its `$AB`
 * (firmware with BOOTLOCK waits for `$SB`, which is sent); the front button can wake it, and is overruled within a second; that nothing
 * of the engine's console reaches the controller.
 */
import { writeSerial } from "../kernel/engine/serial";
import { lines, next, silent } from "./openevse-rapi";

/** Longest line that the controller sends, with some noise. */
const LONGEST = 120;
/** What is asked every second. */
export const CYCLE = "GSGGGUSY";

export const rapi = {
  /** Serial port. */
  port: 1,
  /** Of a line that is not complete yet. */
  heard: "",
  /** Command that is under way, and its sequence id, 1 … 255. */
  asked: "",
  sequence: 0,
  /** Polls until its time is over, 0 = none is under way. */
  left: 0,
  /** Questions in a row without a good answer. */
  lost: 0,
  /** Where it is in `CYCLE`. */
  cycle: CYCLE.length,
  /** 1 = it may be let charge or sleep: not more than once a second, and at once when the station wants something else. */
  may: 0,
  /** State of the controller (EVSE_STATE_…), 256 times that of the pilot, and 65536 with a car; 0 = not known. */
  state: 0,
  /** Current that it was told and that it has made of it, A; 0 = not told. */
  amps: 0,
  given: 0,
  /** Total of the energy register, Wh, and how much of the session's counter is in it, W·s. -1: not known. */
  total: -1,
  counted: 0,
  /** 1 = the total is to be set right by `$SK`. */
  mend: 0,
};

/** What the controller says. */
export function rapiHeard(bytes: string): void {
  rapi.heard += bytes;
  if (bytes.indexOf("\r") >= 0) {
    lines();
  } else if (rapi.heard.length > LONGEST) {
    rapi.heard = "";
  }
}

/** Every 100 ms. */
export function rapiPoll(): void {
  if (rapi.left) {
    if (!--rapi.left) {
      silent();
    }
  } else if (rapi.may || rapi.cycle < CYCLE.length) {
    next();
  }
}

/** Every second. */
export function rapiSecond(): void {
  rapi.cycle = 0;
  rapi.may = 1;
}

/** Let the car sleep, whatever is under way. */
export function rapiOff(): void {
  writeSerial(rapi.port, "$FS^31\r");
}
