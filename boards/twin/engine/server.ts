/** The page is served on a port of this machine that the simulator has named. */
import { radio } from "../radio";

/** Listen. */
export function listen(accepted: (socket: Socket) => void): Server {
  return require("net").createServer(accepted).listen(radio.port);
}
