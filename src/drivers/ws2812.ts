/**
 * @overlay
 * A row of WS2812 LEDs, the same number for each EVSE. WS2812B datasheet: green, red, blue, a byte each.
 * To be checked on a bench: a data line of 3.3 V needs a level shifter or a supply of the LEDs below 4.7 V; 330 ohm in the data line.
 */
import { writeLeds } from "../kernel/engine/leds";
import { evses } from "../station/evse";
import { look } from "./look";

/** A digit of a look is so much of the byte. */
const UNIT = 28;

/** Show what the EVSEs do, at the row at `pin`; `count` LEDs for each EVSE. */
export function showWs2812(pin: number, count: number): void {
  let bytes = "";
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const light = look(evse);
    const led = String.fromCharCode(parseInt(light[1]) * UNIT, parseInt(light[0]) * UNIT, parseInt(light[2]) * UNIT);
    for (let i = 0; i < count; i++) {
      bytes += led;
    }
  }
  writeLeds(pin, bytes);
}
