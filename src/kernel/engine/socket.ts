/** Espruino sockets: writing to the one outgoing connection. */
import { connection } from "../connection";

/** Queue bytes on the connection; they leave after the current event. */
export function socketWrite(bytes: string): void {
  connection.socket!.write(bytes);
}
