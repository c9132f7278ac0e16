/** Wi-Fi as lines of the link (`obey-radio.ts`). */
import { say } from "../../sim/link";
import { hex } from "../hex";
import { obeyRadio } from "../obey-radio";
import { radio } from "../radio";
import { wires } from "../wires";

/** A line of the twin; no operation of an overlay can be kept. */
function line(text: string): void {
  obeyRadio(text);
}

/** `heard` gets the details of each event. */
export function listenWifi(heard: (details: WifiDetails) => void): void {
  radio.heard = heard;
  wires.radio = line;
}

/** Begin to join a network. */
export function joinWifi(ssid: string, password: string): void {
  say("vj" + hex(ssid) + "," + hex(password));
}

/** Leave it. */
export function leaveWifi(): void {
  say("vl");
}

/** Look for networks. */
export function scanWifi(heard: (found: AccessPoint[]) => void): void {
  radio.scanned = heard;
  radio.found = [];
  say("vs");
}

/** Look up an address. As on the chip the last one who asked gets what comes. */
export function resolveHost(host: string, heard: (address: string | null) => void): void {
  radio.resolved = heard;
  say("vh" + host);
}

/** Open an access point. */
export function openAccessPoint(ssid: string, password: string, opened: () => void): void {
  radio.opened = opened;
  say("vo" + hex(ssid) + "," + hex(password));
}

/** Close it. */
export function closeAccessPoint(): void {
  say("vc");
}
