/** Smart charging: the words of both protocols, and what has to outlive an event. */

/**
 * ChargingProfilePurposeEnumType, by `Purpose`, with the name that the first one has in 1.6; ChargingProfileKindEnumType and, for a recurring
 * one, RecurrencyKindEnumType, by `Kind`.
 */
export const PURPOSES = "ChargingStationMaxProfile,TxDefaultProfile,TxProfile,ChargePointMaxProfile";
export const KINDS = "Absolute,Daily,Weekly,Relative";

export const charging = {
  /** Seconds until some EVSE's limit may change. */
  left: 1,
  /** Uptime at which the composite schedule begins that is being told. */
  base: 0,
  /** requestId and the ids of the profiles that are still to be reported; undefined when none are. */
  wanted: undefined as unknown as number[] | undefined,
};
