/**
 * The watchdog of the ESP32's tasks, fed by hand: a firmware that hangs, or whose drivers are not called any more, is reset, and a reset lets go of
 * every pin. To be checked on a bench: relay and lock drivers need pull-downs, so that a pin that nobody drives opens the contactor.
 */

/** Reset the chip when `kickWatchdog` is not called for `seconds`. */
export function startWatchdog(seconds: number): void {
  E.enableWatchdog(seconds, false);
}

/** All is well. */
export function kickWatchdog(): void {
  E.kickWatchdog();
}
