/** State of smart charging: what has to outlive an event. */

export const charging = {
  /** Seconds until some EVSE's limit may change. */
  left: 1,
  /** Uptime at which the composite schedule begins that is being told. */
  base: 0,
  /** requestId and the ids of the profiles that are still to be reported; undefined when none are. */
  wanted: undefined as unknown as number[] | undefined,
};
