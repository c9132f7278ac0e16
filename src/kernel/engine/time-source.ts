/**
 * Who may set the clock (OCPP 2.0.1 Part 2, ClockCtrlr.TimeSource). A board that has no other source than the CSMS replaces this file.
 */
import { clock } from "../clock";
import { hooks } from "../connection";
import { load, variable } from "../overlay";
import { find } from "../text";

export const ntp = {
  /** Seconds for which the time of the NTP server goes before that of the CSMS. */
  trusted: 0,
};

/** May the CSMS set it now? The first time after a boot is taken from whoever tells it: without one the station could not be registered. */
export function heartbeatSetsClock(): boolean {
  return (
    !clock.boot || (!ntp.trusted && find(load(hooks.setting, variable("ClockCtrlr.TimeSource")) as string, "Heartbeat") >= 0)
  );
}
