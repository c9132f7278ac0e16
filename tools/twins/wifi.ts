/**
 * Twin of the ESP32's Wi-Fi under Espruino (`src/kernel/engine/wifi.ts`): access points in reach, their passwords and DHCP, names in DNS, an access
 * point of the board's own. Like the engine it tries three times to join and says nothing when DHCP stays silent; a loss is answered by the
 * tries that are left. Lines: boards/twin/obey-radio.ts.
 */
import { createServer } from "node:net";
import type { Twin } from "./twin.ts";
import type { Wires } from "./wires.ts";

/** Name of the open network that a board with Wi-Fi is configured for in the simulator when nothing else is said. */
export const SIMULATED = "Simulated";

/** A network in reach. */
export interface Network {
  ssid: string;
  /** "" : open */
  password: string;
  /** dBm */
  rssi: number;
  /** false: it is off. */
  up: boolean;
  /** false: it gives no address. */
  dhcp: boolean;
}

/** Names of the reasons as the engine gives them (IEEE 802.11, 9.4.1.7, and the ESP-IDF's own). */
const REASONS = {
  lost: "200,BEACON_TIMEOUT",
  absent: "201,NO_AP_FOUND",
  refused: "15,4WAY_HANDSHAKE_TIMEOUT",
  left: "8,ASSOC_LEAVE",
};

export class WifiTwin implements Twin {
  readonly networks: Network[] = [];
  /** Names and addresses; undefined: no such name. */
  readonly names = new Map<string, string>([["localhost", "127.0.0.1"]]);
  /** false: look-ups are not answered. */
  dns = true;
  /** What the firmware has asked for, in order: `join NAME`, `leave`, `scan`, `look up NAME`, `open NAME`, `close`. */
  readonly asked: string[] = [];
  /** Simulated second of each attempt to join. */
  readonly attempts: number[] = [];
  /** Seconds so far. */
  now = 0;
  /** The board's own access point, its password, and the port of its page. */
  own: { ssid: string; password: string; port: number } | null = null;
  private joined: Network | null = null;
  private opening: Promise<void> | null = null;

  constructor(private readonly wires: Wires) {}

  /** One in reach of the network `SIMULATED`; the button at pin `button`, which opens the setup page, is not pressed. */
  static simulated(wires: Wires, button: number): WifiTwin {
    wires.digital(button, true);
    const wifi = new WifiTwin(wires);
    wifi.network(SIMULATED);
    return wifi;
  }

  /** Adds a network. */
  network(ssid: string, password = "", more: Partial<Network> = {}): Network {
    const network = { ssid, password, rssi: -60, up: true, dhcp: true, ...more };
    this.networks.push(network);
    return network;
  }

  /** The network is off: whoever is in it loses it. */
  lose(network: Network): void {
    network.up = false;
    if (this.joined === network) this.disconnected("lost");
  }

  /** The network was away for a moment, and the engine has used one of the attempts that it had left. */
  rejoin(): void {
    this.wires.say("Va");
    this.wires.say("Vi192.168.1.24");
  }

  get online(): boolean {
    return this.joined?.dhcp ?? false;
  }

  show(): void {}

  second(): void {
    this.now++;
  }

  get busy(): boolean {
    return this.opening !== null;
  }

  /** A line of the firmware, without its `v`. */
  radio(line: string): void {
    const words = line.slice(1).split(",");
    const text = (hex: string): string => Buffer.from(hex, "hex").toString("utf8");
    switch (line[0]) {
      case "j":
        return this.join(text(words[0]), text(words[1]));
      case "l":
        this.asked.push("leave");
        return this.joined ? this.disconnected("left") : undefined;
      case "s":
        this.asked.push("scan");
        for (const { ssid, rssi, password, up } of this.networks)
          if (up) this.wires.say(`Vn${rssi},${password === "" ? "open" : "wpa2"},${Buffer.from(ssid).toString("hex")}`);
        return this.wires.say("Ve");
      case "h":
        this.asked.push(`look up ${words[0]}`);
        if (this.dns) this.wires.say(`Vh${this.names.get(words[0]) ?? ""}`);
        return;
      case "o":
        this.asked.push(`open ${text(words[0])}`);
        this.opening = this.open(text(words[0]), text(words[1]));
        return;
      case "c":
        this.asked.push("close");
        this.own = null;
        return;
    }
  }

  /** Power off, reset. */
  release(): void {
    this.joined = null;
    this.own = null;
  }

  private join(ssid: string, password: string): void {
    this.asked.push(`join ${ssid}`);
    this.attempts.push(this.now);
    const network = this.networks.find((one) => one.ssid === ssid && one.up);
    if (!network) return this.disconnected("absent");
    if (network.password !== password) return this.disconnected("refused");
    this.joined = network;
    this.wires.say("Va");
    if (network.dhcp) this.wires.say("Vi192.168.1.23");
  }

  private disconnected(why: keyof typeof REASONS): void {
    this.joined = null;
    this.wires.say(`Vd${REASONS[why]}`);
  }

  private async open(ssid: string, password: string): Promise<void> {
    const port = await freePort();
    this.opening = null;
    this.own = { ssid, password, port };
    this.wires.say(`Vo${port}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
