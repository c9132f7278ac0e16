/**
 * @overlay
 * Espruino net: opening the one outgoing connection. Connecting blocks everything until the server answers, refuses, or the engine gives up
 * (lwIP: SYN again and again); the name is looked up before, without blocking.
 */
import { addressOf } from "../look-up";

/**
 * Open a connection; throws at once when it is refused, and while `host` is being looked up. TLS is refused here: a stock engine verifies no
 * server, and none was proven to do so. A board whose maker allows that replaces this file.
 */
export function openSocket(host: string, port: number, secure: boolean, ca: string): Socket {
  if (secure || ca) {
    throw "this engine was not proven to verify servers";
  }
  return require("net").connect({ host: addressOf(host), port: port });
}
