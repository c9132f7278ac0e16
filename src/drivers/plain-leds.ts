/**
 * @overlay
 * LEDs at pins of their own, a red, a green and a blue one for each EVSE, lit by a high level: on or off. To be checked on a bench: their
 * currents, at most 12 mA a pin, or a transistor.
 */
import { writePin } from "../kernel/engine/pins";
import { evses } from "../station/evse";
import { look } from "./look";

/** Show what the EVSEs do; `pins` is the list of a board file: red, green, blue of each EVSE, -1 = not there: `"16,17,18"`. */
export function showPlainLeds(pins: string): void {
  const numbers = pins.split(",");
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const light = look(evse);
    for (let i = 0; i < 3; i++) {
      const pin = parseInt(numbers[evse * 3 + i]);
      if (pin >= 0) {
        writePin(pin, light[i] > "2" ? 1 : 0);
      }
    }
  }
}
