/** The two rhythms of the drivers, beside the tick of the firmware (`tick.ts`). */

/** Call `poll` every 100 ms and `second` every second, for ever. */
export function startPoll(poll: () => void, second: () => void): void {
  setInterval(poll, 100);
  setInterval(second, 1000);
}
