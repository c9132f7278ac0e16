/**
 * @overlay
 * What happens at the borders of the states of `wifi.ts`.
 */
import { connection, Connection, hooks } from "../kernel/connection";
import { lost } from "../kernel/connect";
import { random32 } from "../kernel/engine/entropy";
import { joinWifi, leaveWifi, listenWifi } from "../kernel/engine/wifi";
import { log } from "../kernel/engine/log";
import { load, variable } from "../kernel/overlay";
import { Radio, wifi, wifiHeard } from "./wifi";

/** Seconds for three attempts of the engine to associate. */
const JOIN_TIMEOUT = 40;
/** Seconds for DHCP: the engine says nothing when it stays silent. */
const DHCP_TIMEOUT = 20;
/** Seconds of the first wait; it doubles `DOUBLINGS` times, and up to as much again is added at random. */
const WAIT = 4;
const DOUBLINGS = 6;

/** Begin, at the start. False: there is no network to join. */
export function openWifi(): boolean {
  listenWifi(wifiHeard);
  return join();
}

/** Begin an attempt; false: there is no network to join. */
export function join(): boolean {
  const ssid = load(hooks.setting, variable("Board.WifiSsid")) as string;
  if (!ssid) {
    return false;
  }
  wifi.state = Radio.Joining;
  wifi.left = JOIN_TIMEOUT;
  joinWifi(ssid, load(hooks.setting, variable("Board.WifiPassword")) as string);
  return true;
}

/** Give up the attempt or the network: wait, then try again. */
function wait(why: string): void {
  const doublings = wifi.fails < DOUBLINGS ? wifi.fails : DOUBLINGS;
  wifi.fails++;
  wifi.state = Radio.Waiting;
  wifi.left = WAIT << doublings;
  wifi.left += (random32() >>> 1) % wifi.left;
  log("Wi-Fi: " + why + ", next attempt in " + wifi.left + " s");
  dropConnection();
}

/** The engine leaves sockets open when the network goes. */
function dropConnection(): void {
  wifi.up = 0;
  if (connection.state !== Connection.Down) {
    lost();
  }
}

/** `ip`: there is an address; `reason`: the network is lost, or could not be joined; neither: associated. */
export function wifiEvent(ip: string, reason: string): void {
  if (wifi.state === Radio.Off && wifi.told) {
    load(wifi.told, ip, reason);
  }
  if (wifi.state === Radio.Waiting || wifi.state === Radio.Off) {
    return; // the end of an attempt that was given up
  }
  if (reason) {
    wait(reason);
  } else if (ip) {
    log("Wi-Fi: " + ip);
    wifi.state = Radio.Up;
    wifi.left = 0;
    // Whoever was there before: a new address, so a new connection.
    dropConnection();
    connection.left = 0;
    if (wifi.fails) {
      // The others of the site come back in the same second.
      connection.left =
        (random32() >>> 1) % (1 + parseInt(load(hooks.setting, variable("OCPPCommCtrlr.RetryBackOffRandomRange")) as string));
    }
    wifi.fails = 0;
  } else {
    // Also when the engine has come back to it by itself.
    wifi.state = Radio.Joined;
    wifi.left = DHCP_TIMEOUT;
    dropConnection();
  }
}

/** Leave the network and make no attempts, until `join`. */
export function offline(): void {
  wifi.state = Radio.Off;
  wifi.left = wifi.fails = 0;
  dropConnection();
  leaveWifi();
}

/** The time of a state is up. */
export function wifiDue(): void {
  if (wifi.state === Radio.Waiting) {
    join();
  } else {
    const why = wifi.state === Radio.Joined ? "no address by DHCP" : "no answer";
    wait(why);
    leaveWifi();
  }
}
