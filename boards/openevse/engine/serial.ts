/**
 * The serial port to OpenEVSE's safety controller: UART 0, which is the console of the engine. The console is moved away first, or what the
 * controller says would be run as a program. ESP32 Technical Reference Manual, chapter 13.
 */

/** Open `port` (always 1), 8 data bits and 1 stop bit. */
export function openSerial(
  port: number,
  baud: number,
  rx: number,
  tx: number,
  parity: string,
  heard: (bytes: string) => void,
): void {
  void port;
  E.setConsole(null, { force: true });
  Serial1.setup(baud, { rx: rx, tx: tx, parity: parity });
  Serial1.on("data", heard);
}

/** Queue bytes. */
export function writeSerial(port: number, bytes: string): void {
  void port;
  Serial1.write(bytes);
}
