/** Serial ports whose far ends are twins in the simulator. */
import { say } from "../../sim/link";
import { hex } from "../hex";
import { wires } from "../wires";

/** Bytes a line of the link can carry. */
const PIECE = 80;

/** Open `port` (1 or 2). */
export function openSerial(
  port: number,
  baud: number,
  rx: number,
  tx: number,
  parity: string,
  heard: (bytes: string) => void,
): void {
  void (baud + rx + tx + parity);
  if (port === 1) {
    wires.serial1 = heard;
  } else {
    wires.serial2 = heard;
  }
}

/** Send bytes on `port`. */
export function writeSerial(port: number, bytes: string): void {
  for (let at = 0; at < bytes.length; at += PIECE) {
    say("t" + port + "," + hex(bytes.substr(at, PIECE)));
  }
}
