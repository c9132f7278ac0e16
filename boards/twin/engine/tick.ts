/** The second comes over the link, as on board `sim`; the link is opened here, before the board's drivers say anything on it. */
import { openLink } from "../../sim/link";
import { wires } from "../wires";

/** Pins of an ESP32. */
const PINS = 40;

/** The link calls `tick`. */
export function startTick(tick: () => void): void {
  void tick;
  wires.levels = new Int32Array(PINS);
  openLink();
}

/** The engine's clock stays the host's. */
export function setSystemClock(unix: number): void {
  void unix;
}
