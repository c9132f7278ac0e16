/** How long a charger waits before energy flows again: the simulator says it (`h`). */
import { wires } from "../wires";

/** Seconds to wait, at most `most`. */
export function restartDelay(most: number): number {
  return wires.delay < most ? wires.delay : most;
}
