/**
 * @overlay
 * After an aborted event (exception, no memory): outputs off, half-finished messages away, every EVSE looked at anew from its
 * inputs in the next second. What is recorded on flash is the truth. A fault that comes back restarts the chip.
 */
import { allOff } from "board";
import { Connection, connection } from "./kernel/connection";
import { closeWith } from "./kernel/connect";
import { log } from "./kernel/engine/log";
import { restart } from "./kernel/engine/restart";
import { message } from "./kernel/json";
import { rpc } from "./kernel/rpc";
import { find } from "./kernel/text";
import { station } from "./station/evse";
import { SecurityEvent, securityEvent } from "./store/security-log";

/** Faults after which the firmware starts anew. */
const TOO_MANY = 5;

/** Make safe and go on. */
export function recover(error: string): void {
  // A full input buffer of the engine is none of ours; and the engine throws a failed TLS handshake at nobody; the socket's close event deals with it.
  if (find(error, "mbedtls_ssl_handshake") >= 0 || (find(error, "FULL") >= 0 && find(error, "MEMORY") < 0)) {
    log(error);
    return;
  }
  allOff();
  if (find(error, "MEMORY") >= 0) {
    securityEvent(SecurityEvent.MemoryExhaustion, "");
  }
  E.getErrorFlags(); // read, or the next one would not be told
  log("fault: " + error);
  station.ready = 0;
  message.text = rpc.out = "";
  rpc.stream = rpc.scheduled = 0; // the timer may never have been made
  if (++station.faults > TOO_MANY) {
    restart();
  }
  if (connection.state === Connection.Open) {
    closeWith(1011);
  }
}
