/**
 * NXP PN532, RFID reader of ISO/IEC 14443 type A cards, over its high speed UART (115200 baud) or I2C (address 0x24, at most 400 kHz):
 * "PN532 User Manual" UM0701-02 Rev. 02. Sections are cited in `src/drivers/pn532-frames.ts`, which does the talking.
 *
 * The reader looks for a card twice a second. A card that is held is told once, and once more when it has been away for `AWAY` looks. A reader
 * that does not answer well three times is reset, again and again, and ReaderFailure until it answers; while a transaction runs that waits,
 * because a lost reader is no reason to stop a car.
 *
 * Resident: 32 JsVars over UART, 27 over I2C (test/drivers/cost.test.ts); Espruino takes some more for its port.
 * To be checked on a bench: the switches of the module (UART 0 0, I2C 1 0), reading range through the housing with the field switched off
 * between two looks, and that RSTPDN is high when its pin is not driven. A phone shows another UID each time.
 */
import { turn } from "./pn532-frames";

export const pn532 = {
  /** Serial port, 0 = I2C. */
  port: 0,
  /** Pin of RSTPDN, 255 = none. */
  reset: 255,
  /** EVSE that it is the reader of (0-based), -1 = the station's. */
  reader: -1,
  /** Command that is being done, by its place in `COMMANDS`. */
  step: 0,
  /** 1 while it waits for its answer. */
  asked: 0,
  /** Seconds until the time of that, polls until the pause before the next, is over. */
  left: 0,
  /** What the reader has said to it. */
  heard: "",
  /** Times in a row that it did not answer well. */
  lost: 0,
  /** UID of the card that is held, and looks in a row that did not find it. */
  uid: "",
  away: 0,
};

/** What the reader says over its serial port. */
export function pn532Heard(bytes: string): void {
  if (pn532.asked) {
    pn532.heard += bytes;
  }
}

/** Every 100 ms. */
export function pn532Poll(): void {
  if (pn532.asked ? pn532.heard || !pn532.port : --pn532.left < 1) {
    turn();
  }
}

/** Every second. */
export function pn532Second(): void {
  if (pn532.asked && --pn532.left < 1) {
    turn();
  }
}
