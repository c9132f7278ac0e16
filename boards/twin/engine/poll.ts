/** Polls and seconds of the drivers come over the link (`B`, `T`). */
import { wires } from "../wires";

/** The link calls them. */
export function startPoll(poll: () => void, second: () => void): void {
  wires.poll = poll;
  wires.second = second;
}
