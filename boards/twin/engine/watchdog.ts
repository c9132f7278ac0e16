/** The simulator has no watchdog: it sees itself when the firmware does not answer. */

/** Nothing to start. */
export function startWatchdog(seconds: number): void {
  void seconds;
}

/** Nothing to feed. */
export function kickWatchdog(): void {}
