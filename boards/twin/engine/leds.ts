/** A row of LEDs in the simulator. */
import { say } from "../../sim/link";
import { hex } from "../hex";

/** Send `rgb`, three bytes a LED. */
export function writeLeds(pin: number, rgb: string): void {
  say("n" + pin + "," + hex(rgb));
}
