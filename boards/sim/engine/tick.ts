/** The second of board `sim` comes over the link (`T`), so that simulated time drives everything on both engines. */

/** The link calls `tick`. */
export function startTick(tick: () => void): void {
  void tick;
}

/** Set the engine's clock, for certificates. */
export function setSystemClock(unix: number): void {
  setTime(unix);
}
