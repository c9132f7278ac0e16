/**
 * Espruino's module `Wifi` on the ESP32 (libs/network/esp32/jswrap_esp32_network.c), the one place that names it. `save` is never called: it
 * writes Storage, in clear text.
 *
 * What the engine does: `connect` tries three times before `disconnected` comes, and stops the radio then when there is no access point of
 * its own. The tries that are left over are used up in silence when the access point is lost later: `associated` comes again, or
 * `disconnected`. Sockets are not closed by either. There is no event when DHCP stays silent. Beside an access point of
 * its own whose driver already runs as both (after a scan) `connect` never begins: close the access point, wait a second, then connect.
 * One look-up of a name at a time: a second one gets the answer of the first.
 *
 * To be checked on a bench: that `disconnected` comes for a wrong password and for an access point out of reach; the time between
 * `closeAccessPoint` and the stop of the radio; that clients of the access point survive a scan; look-ups while the radio is lost.
 */

/** `heard` gets the details of each `associated`, `connected` and `disconnected`. */
export function listenWifi(heard: (details: WifiDetails) => void): void {
  const wifi = require("Wifi");
  wifi.on("associated", heard);
  wifi.on("connected", heard);
  wifi.on("disconnected", heard);
}

/** Begin to join the network `ssid` (1 … 32 bytes) with `password` (8 … 63, "" for an open one). */
export function joinWifi(ssid: string, password: string): void {
  require("Wifi").connect(ssid, { password: password });
}

/** Leave the network, or stop trying. */
export function leaveWifi(): void {
  require("Wifi").disconnect();
}

/** Look for networks; takes some seconds. */
export function scanWifi(heard: (found: AccessPoint[]) => void): void {
  require("Wifi").scan(heard);
}

/** Look up the IPv4 address of `host` without blocking; null: there is none. */
export function resolveHost(host: string, heard: (address: string | null) => void): void {
  require("Wifi").getHostByName(host, heard);
}

/** Open an access point of our own, 192.168.4.1, for up to four clients; `password` 8 … 63 characters, "" for an open one. */
export function openAccessPoint(ssid: string, password: string, opened: () => void): void {
  require("Wifi").startAP(ssid, password ? { password: password } : {}, opened);
}

/** Close it. */
export function closeAccessPoint(): void {
  require("Wifi").stopAP();
}
