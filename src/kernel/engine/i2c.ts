/**
 * The I2C bus as its master: Espruino's I2C1. ESP32 Technical Reference Manual, chapter 11.
 * A call blocks until the transfer is over, 1 s at most. To be checked on a bench: pull-ups of 4.7 kOhm, the chip's own are too weak.
 */

/** Open the bus; `bitrate` in Hz, 100000 or 400000. */
export function openI2c(sda: number, scl: number, bitrate: number): void {
  I2C1.setup({ sda: sda, scl: scl, bitrate: bitrate });
}

/** Write bytes to the device at `address` (7 bits). */
export function writeI2c(address: number, bytes: string): void {
  I2C1.writeTo(address, bytes);
}

/** Read `count` bytes from the device at `address`. */
export function readI2c(address: number, count: number): string {
  return E.toString(I2C1.readFrom(address, count));
}
