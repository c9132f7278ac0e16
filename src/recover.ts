/**
 * @overlay
 * After an aborted event (exception, no memory), behind what `main.ts` does at once: every EVSE is looked at anew from its inputs in the next
 * second. What is recorded on flash is the truth. A fault that comes back restarts the chip.
 */
import { Connection, connection } from "./kernel/connection";
import { closeWith } from "./kernel/connect";
import { log } from "./kernel/engine/log";
import { restart } from "./kernel/engine/restart";
import { rpc } from "./kernel/rpc";
import { find } from "./kernel/text";
import { station } from "./station/evse";
import { SecurityEvent, securityEvent } from "./store/security-log";

/** Faults after which the firmware starts anew. */
const TOO_MANY = 5;

/** Go on. */
export function recover(error: string): void {
  if (find(error, "MEMORY") >= 0) {
    securityEvent(SecurityEvent.MemoryExhaustion, "");
  }
  E.getErrorFlags(); // read, or the next one would not be told
  log("fault: " + error);
  station.ready = 0;
  rpc.stream = rpc.scheduled = 0; // the timer may never have been made
  if (++station.faults > TOO_MANY) {
    restart();
  }
  if (connection.state === Connection.Open) {
    closeWith(1011);
  }
}
