/** The second of the firmware: everything that waits hangs on it. */
import { clock } from "./kernel/clock";
import { connectionTick } from "./kernel/connection";
import { http } from "./kernel/http";
import { httpSecond } from "./kernel/http-steps";
import { stationTick } from "./station/tick";

/** One second has passed. */
export function tick(): void {
  clock.up++;
  stationTick();
  connectionTick();
  if (http.request) {
    httpSecond();
  }
}
