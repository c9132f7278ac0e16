/** Lines of the simulator, on board `sim`. */
import { tick } from "../../src/tick";
import { say } from "./link";
import { obey } from "./obey";

/** Do what they say, and acknowledge each. The second is not left to an overlay: it is the root of everything that takes time. */
export function deal(lines: string[]): void {
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] === "T") {
      tick();
    } else {
      obey(lines[i]);
    }
    say("k");
  }
}
