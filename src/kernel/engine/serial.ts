/**
 * Serial ports: the chip's UART 1 and 2, which Espruino calls Serial2 and Serial3 (UART 0 is its console).
 * ESP32 Technical Reference Manual, chapter 13. To be checked on a bench: a transceiver for RS-485 has to switch its direction by itself.
 */

/** Open `port` (1 or 2), 8 data bits and 1 stop bit; `parity` "" none, "e" even, "o" odd; `heard` gets what arrives, in pieces of any length. */
export function openSerial(
  port: number,
  baud: number,
  rx: number,
  tx: number,
  parity: string,
  heard: (bytes: string) => void,
): void {
  const serial = port === 1 ? Serial2 : Serial3;
  serial.setup(baud, { rx: rx, tx: tx, parity: parity });
  serial.on("data", heard);
}

/** Queue bytes on `port`. */
export function writeSerial(port: number, bytes: string): void {
  (port === 1 ? Serial2 : Serial3).write(bytes);
}
