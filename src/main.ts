/**
 * Start of the firmware: open the store, put the rooms together, start the one tick.
 */
import { startBoard } from "board";
import { boot } from "./boot";
import { startTick } from "./kernel/engine/tick";
import { recover } from "./recover";
import { tick } from "./tick";

/** Nothing caught it, or the memory is full: an event was aborted at any of its statements. */
function fault(error: unknown): void {
  recover("" + error);
}

process.on("uncaughtException", fault);
E.on("errorFlag", fault);
boot();
startTick(tick);
startBoard();
