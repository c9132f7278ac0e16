/**
 * @overlay
 * Look-ups of host names: the engine's own blocks everything, `net.connect` with a name in it. One at a time (engine/wifi.ts); an answer is
 * used once, so a name that has moved is found with the next attempt.
 */
import { resolveHost } from "./engine/wifi";
import { dns, resolved } from "./resolve";

/** Seconds after which a look-up without answer is given up. */
const PATIENCE = 30;

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
