/** The second of the firmware: everything that waits hangs on it. */
import { clock } from "./kernel/clock";
import { connectionTick } from "./kernel/connection";
import { stationTick } from "./station/tick";

/** One second has passed. */
export function tick(): void {
  clock.up++;
  stationTick();
  connectionTick();
}
