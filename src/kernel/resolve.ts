/**
 * Look-ups of host names: the engine's own blocks everything, `net.connect` with a name in it. One at a time (engine/wifi.ts); an answer is
 * used once, so a name that has moved is found with the next attempt.
 */
import { connection } from "./connection";
import { log } from "./engine/log";
import { resolveHost } from "./engine/wifi";

/** Seconds after which a look-up without answer is given up. */
const PATIENCE = 30;

export const dns = {
  /** The name last asked for, and its address: "" while it is not known. */
  host: "",
  address: "",
  /** Seconds that the look-up may still take; 0: there is none. */
  left: 0,
  /** 1 when the connection to the CSMS waits for it. */
  wanted: 0,
};

/** The answer: an attempt to connect that had to wait for it is made in the next second, and not counted. */
function resolved(address: string | null): void {
  dns.left = 0;
  dns.address = address || "";
  if (!address) {
    log("no address of " + dns.host);
  } else if (dns.wanted && connection.fails >= 0) {
    connection.left = 0;
    connection.fails--;
  }
  dns.wanted = 0;
}

/** Is `host` an IPv4 address? */
function isAddress(host: string): boolean {
  for (let i = 0; i < host.length; i++) {
    if (host[i] !== "." && !(host[i] >= "0" && host[i] <= "9")) {
      return false;
    }
  }
  return true;
}

/** Address of `host`, an address itself or a name; "" when it has to be waited for. */
export function lookUp(host: string): string {
  if (isAddress(host)) {
    return host;
  }
  if (dns.host === host && dns.address) {
    const address = dns.address;
    dns.address = "";
    return address;
  }
  if (!dns.left) {
    dns.host = host;
    dns.address = "";
    dns.left = PATIENCE;
    resolveHost(host, resolved);
  }
  return "";
}

/** Address of the CSMS `host`; throws when it has to be looked up first. */
export function addressOf(host: string): string {
  const address = lookUp(host);
  if (!address) {
    dns.wanted = 1;
    throw "looking up " + host;
  }
  return address;
}

/** One second has passed. */
export function resolveSecond(): void {
  if (dns.left) {
    dns.left--;
  }
}
