/** How long a charger waits before energy flows again, so that those of a street do not all start at once when the power is back. */
import { random32 } from "./entropy";

/** Seconds to wait, 1 to `most`, anew each time. */
export function restartDelay(most: number): number {
  return ((random32() >>> 0) % most) + 1;
}
