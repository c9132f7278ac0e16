/**
 * Espruino `dgram`: UDP. A datagram longer than 526 bytes comes cut. `send` takes an address: a name it would look up, which blocks.
 */

/** Open a socket with a port of the system's choice; `heard` gets what comes and from where. */
export function openDatagrams(heard: (data: string, from: { address: string; port: number }) => void): DatagramSocket {
  const socket = require("dgram").createSocket("udp4");
  socket.on("message", heard);
  return socket;
}
