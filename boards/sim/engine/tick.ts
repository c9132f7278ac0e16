/** The second of board `sim` comes over the link (`T`), so that simulated time drives everything on both engines. */

/** The link calls `tick`. */
export function startTick(tick: () => void): void {
  void tick;
}

/**
 * The engine's clock stays the host's: on Linux `setTime` moves every pending timer by the difference, and certificates are judged by the
 * real date, which is right.
 */
export function setSystemClock(unix: number): void {
  void unix;
}
