/**
 * @overlay
 * Espruino net: opening the one outgoing connection.
 */

/**
 * Open a connection; throws at once when it is refused. TLS is refused here: a stock engine verifies no server, and none was proven
 * to do so. A board whose maker allows that replaces this file.
 */
export function openSocket(host: string, port: number, secure: boolean, ca: string): Socket {
  if (secure || ca) {
    throw "this engine was not proven to verify servers";
  }
  return require("net").connect({ host: host, port: port });
}
