/** The I2C bus whose devices are twins in the simulator: what a read gives has come before. */
import { say } from "../../sim/link";
import { hex } from "../hex";
import { wires } from "../wires";

/** Open the bus. */
export function openI2c(sda: number, scl: number, bitrate: number): void {
  void (sda + scl + bitrate);
}

/** Write bytes to the device at `address` (7 bits). */
export function writeI2c(address: number, bytes: string): void {
  say("y" + address + "," + hex(bytes));
}

/** Read `count` bytes: fewer when the device has not so many. */
export function readI2c(address: number, count: number): string {
  void address;
  const bytes = wires.i2c.substr(0, count);
  wires.i2c = wires.i2c.substr(count);
  return bytes;
}
