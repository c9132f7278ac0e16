/** The watchdog of the tasks is in the simulator, which hears `g<seconds>` when it is started and `g` whenever it is kicked. */
import { say } from "../../sim/link";

/** Reset the firmware when `kickWatchdog` is not called for `seconds`. */
export function startWatchdog(seconds: number): void {
  say("g" + seconds);
}

/** All is well. */
export function kickWatchdog(): void {
  say("g");
}
