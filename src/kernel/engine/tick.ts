/** The one timer of the firmware. The engine makes up for ticks that blocking calls delayed, so counting them is a clock. */

/** Call `tick` once a second for ever. */
export function startTick(tick: () => void): void {
  setInterval(tick, 1000);
}

/** Set the engine's clock, for certificates; `setTime` keeps running timers right. */
export function setSystemClock(unix: number): void {
  setTime(unix);
}
