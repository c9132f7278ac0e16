/** Espruino `net` and `dgram`: the servers of the firmware, for the page of an unconfigured board. */

/** Listen on the port of HTTP. */
export function listen(accepted: (socket: Socket) => void): Server {
  return require("net").createServer(accepted).listen(80);
}

/** Hear datagrams on the port of DNS. */
export function listenNames(heard: (query: string, from: { address: string; port: number }) => void): DatagramSocket {
  const socket = require("dgram").createSocket("udp4");
  socket.on("message", heard);
  return socket.bind(53);
}
