/**
 * Wi-Fi of the ESP32: joins the configured network and stays in it (IEEE 802.11 station). An attempt that fails is followed by a wait that
 * doubles, with jitter, so that the stations of a site do not come back all at once. While there is no network the connection to the
 * CSMS makes no attempts.
 */
import { connection, Connection } from "../kernel/connection";
import type { OpNumber } from "../kernel/overlay";
import { resolveSecond } from "../kernel/resolve";
import { wifiDue, wifiEvent } from "./wifi-steps";

export const enum Radio {
  /** Not begun, or in the hands of `src/setup`. */
  Off,
  /** Joining the network. */
  Joining,
  /** Associated, without an address. */
  Joined,
  /** Online. */
  Up,
  /** Leaving, or waiting before the next attempt. */
  Waiting,
}

export const wifi = {
  state: Radio.Off as Radio,
  /** Seconds until the state ends by itself, 0: it does not. */
  left: 0,
  /** Failed attempts since the network was there. */
  fails: 0,
  /** Seconds since the network is there. */
  up: 0,
  /** While the state is Off: operation (address, reason) that is told instead. */
  told: 0 as OpNumber,
};

/** The engine tells something. */
export function wifiHeard(details: WifiDetails): void {
  wifiEvent(details.ip || "", details.reason ? details.msg || details.reason : "");
}

/** One second has passed. */
export function wifiSecond(): void {
  resolveSecond();
  if (wifi.left && !--wifi.left) {
    wifiDue();
  }
  if (wifi.state === Radio.Up) {
    wifi.up++;
  } else if (connection.state === Connection.Down && connection.left < 2) {
    connection.left = 2;
  }
}
