/**
 * Time. Everything that waits counts the ticks of one second; the wall clock is an offset on them, set by the CSMS
 * (OCPP 2.0.1 B01.FR.06, G02). Until it is known nothing is stamped.
 */

/** Seconds since 1970, UTC. */
export type UnixSeconds = number & { readonly __unit?: "s" };
/** Seconds since this boot. */
export type Uptime = number & { readonly __unit?: "s" };
/** Seconds since 2020-01-01 UTC, or the uptime when below `DATED` (the clock was not known then). Fits 32 bits until 2088. */
export type StationTime = number & { readonly __unit?: "s" };

/** 2020-01-01T00:00:00Z. */
export const EPOCH = 1577836800;
/** Station times below this are uptimes: four years of uptime, or a date before April 2024. */
export const DATED = 134217728;

export const clock = {
  /** Seconds since boot. */
  up: 0,
  /** Unix time at boot; 0 while unknown. */
  boot: 0,
};
