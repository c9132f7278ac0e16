/** The look-up of a host name that is under way, and its answer (look-up.ts). */
import { connection } from "./connection";
import { log } from "./engine/log";

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
export function resolved(address: string | null): void {
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

/** One second has passed. */
export function resolveSecond(): void {
  if (dns.left) {
    dns.left--;
  }
}
