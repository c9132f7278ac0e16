/** The page is served, and names are answered, on a port of this machine that the simulator has named. */
import { radio } from "../radio";

/** Listen. */
export function listen(accepted: (socket: Socket) => void): Server {
  return require("net").createServer(accepted).listen(radio.port);
}

/** Hear datagrams. */
export function listenNames(heard: (query: string, from: { address: string; port: number }) => void): DatagramSocket {
  const socket = require("dgram").createSocket("udp4");
  socket.on("message", heard);
  return socket.bind(radio.port);
}
