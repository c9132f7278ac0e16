/**
 * @overlay
 * Connections go through the simulator's relay. A board with Wi-Fi looks the name up first, as on its hardware.
 */
import { addressOf } from "../../../src/kernel/look-up";
import { openSocket as openRelayed } from "../../sim/engine/open-socket";
import { wires } from "../wires";

/** Open a connection; throws at once when the network is down, or `host` is being looked up. */
export function openSocket(host: string, port: number, secure: boolean, ca: string): Socket {
  return openRelayed(wires.radio ? addressOf(host) : host, port, secure, ca);
}
