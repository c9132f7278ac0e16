/**
 * @overlay
 * The clock is set: by the CSMS (B01.FR.06, G02; ClockCtrlr.TimeSource Heartbeat), or by another source.
 */
import { clock, EPOCH, DATED, type UnixSeconds } from "../kernel/clock";
import { parseDateTime } from "../kernel/datetime";
import { setSystemClock } from "../kernel/engine/tick";
import { heartbeatSetsClock } from "../kernel/engine/time-source";
import { alignSamples } from "./samples";
import { charging } from "./charging";
import { dateRecords } from "../store/append";

/** The CSMS tells the time. */
export function setClock(text: string): void {
  if (heartbeatSetsClock()) {
    setClockTo(parseDateTime(text));
  }
}

/**
 * Set the clock to `time`; one before 2024, or none, is not believed. A second up or down is the way of the message: the clock stays, so that
 * the times of events never go back.
 */
export function setClockTo(time: UnixSeconds): void {
  const late = time - clock.boot - clock.up;
  if (time > EPOCH + DATED && (late > 1 || late < -1)) {
    clock.boot = time - clock.up;
    setSystemClock(time);
    charging.left = 1;
    dateRecords();
    alignSamples();
  }
}
