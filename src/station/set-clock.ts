/**
 * @overlay
 * The CSMS tells the time (B01.FR.06, G02; ClockCtrlr.TimeSource Heartbeat).
 */
import { clock, EPOCH, DATED } from "../kernel/clock";
import { parseDateTime } from "../kernel/datetime";
import { setSystemClock } from "../kernel/engine/tick";
import { alignSamples } from "./samples";
import { charging } from "./charging";
import { dateRecords } from "../store/append";

/**
 * Set the clock to a date-time of the CSMS; one before 2024 or none at all is not believed. A second up or down is the way of the
 * message: the clock stays, so that the times of events never go back.
 */
export function setClock(text: string): void {
  const time = parseDateTime(text);
  const late = time - clock.boot - clock.up;
  if (time > EPOCH + DATED && (late > 1 || late < -1)) {
    clock.boot = time - clock.up;
    setSystemClock(time);
    charging.left = 1;
    dateRecords();
    alignSamples();
  }
}
