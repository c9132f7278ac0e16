/** Log lines of board `sim` go to the simulator. */
import { say } from "../link";

/** One line for the engineer. */
export function log(text: string): void {
  say("l" + text);
}
