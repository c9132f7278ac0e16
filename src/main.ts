/**
 * Start of the firmware: open the store, put the rooms together, start the one tick.
 */
import { allOff, startBoard } from "board";
import { boot } from "./boot";
import { log } from "./kernel/engine/log";
import { startTick } from "./kernel/engine/tick";
import { message } from "./kernel/json";
import { rpc } from "./kernel/rpc";
import { find } from "./kernel/text";
import { recover } from "./recover";
import { tick } from "./tick";

/**
 * Nothing caught it, or the memory is full: an event was aborted at any of its statements. The outputs are switched off, and half-finished
 * messages dropped, before anything is loaded: there may be no room for that.
 */
function fault(error: unknown): void {
  const text = "" + error;
  // A full input buffer of the engine is none of ours; and the engine throws a failed TLS handshake at nobody; the socket's close event deals with it.
  if (find(text, "mbedtls_ssl_handshake") >= 0 || (find(text, "FULL") >= 0 && find(text, "MEMORY") < 0)) {
    log(text);
  } else {
    allOff();
    message.text = rpc.out = "";
    recover(text);
  }
}

process.on("uncaughtException", fault);
E.on("errorFlag", fault);
boot();
startTick(tick);
startBoard();
