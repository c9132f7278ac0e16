/** Log lines of board `sim` go to the simulator; those of the boot, before the link is there, to the engine's console. */
import { link, say } from "../link";

/** One line for the engineer. */
export function log(text: string): void {
  if (link.socket) {
    say("l" + text);
  } else {
    print(text);
  }
}
