/** Espruino `net`: the one server of the firmware, for the page of an unconfigured board. */

/** Listen on the port of HTTP. */
export function listen(accepted: (socket: Socket) => void): Server {
  return require("net").createServer(accepted).listen(80);
}
