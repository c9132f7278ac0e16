/** Writing to the connection of board `sim`; the plaintext of a TLS connection is mirrored for the simulator's frame log. */
import { connection } from "../../../src/kernel/connection";
import { link, sample, say } from "../link";

/** Queue bytes on the connection; they leave after the current event. */
export function socketWrite(bytes: string): void {
  sample();
  if (link.tls) {
    say("mo," + btoa(bytes));
  }
  connection.socket!.write(bytes);
}
