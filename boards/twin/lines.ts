/**
 * Lines of the simulator for a board whose hardware is made of twins; docs/ARCHITECTURE.md, "The link", lists them.
 * `B<n>` n polls of the drivers · `T` the second · `e<text>` an exception that nobody catches · `m<n>` the same, with n variables of memory left.
 * Polls and seconds are not left to an overlay: they are the roots of everything that takes time.
 */
import { tick } from "../../src/tick";
import { say } from "../sim/link";
import { obey } from "./obey";
import { wires } from "./wires";

/** A fault of the firmware. */
function fail(what: string | number): void {
  throw what;
}

/** Leave `free` variables of the memory; characters that fill the rest. */
function fill(free: number): number {
  while (process.memory(false).free > free) {
    wires.ballast += "ten letter";
  }
  return wires.ballast.length;
}

/** Do what they say, and acknowledge each. */
export function deal(lines: string[]): void {
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (line === "T") {
      wires.second();
      tick();
    } else if (line[0] === "B") {
      for (let n = parseInt(line.substr(1)); n--;) {
        wires.poll();
      }
    } else if (line[0] === "e") {
      setTimeout(fail, 0, line);
    } else if (line[0] === "m") {
      setTimeout(fail, 0, fill(parseInt(line.substr(1))));
    } else {
      obey(line);
    }
    say("k");
  }
}
