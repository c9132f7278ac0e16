/**
 * @overlay
 * Connections of board `sim` go through the simulator's relay, which is told over the link where each one leads.
 */
import { link, linkFile, mirrorEnd, mirrorIn, say } from "../link";

/** Open a connection; throws at once when the network is down. `ca` is one DER root for TLS, "" for an unverified one. */
export function openSocket(host: string, port: number, secure: boolean, ca: string): Socket {
  const relay = parseInt(linkFile()[1]);
  say("c" + host + "," + port);
  link.tls = secure ? 1 : 0;
  if (!secure) {
    return require("net").connect({ host: "127.0.0.1", port: relay });
  }
  say("lTLS to " + host + ": this engine was not proven to verify the server");
  const socket = require("tls").connect(
    ca ? { host: "127.0.0.1", port: relay, servername: host, ca: ca } : { host: "127.0.0.1", port: relay },
  );
  socket.on("data", mirrorIn);
  socket.on("close", mirrorEnd);
  return socket;
}
