/**
 * Enumerations of OCPP 1.6 as the station numbers them; each text is indexed by the number.
 */

/** ChargePointStatus, by `Phase`. */
export const STATUSES = "Available,Preparing,Charging,SuspendedEV,SuspendedEVSE,Finishing,Reserved,Unavailable,Faulted";

/** Reason, by `Reason`; the ones behind have no word of their own. */
export const REASONS = "Local,Remote,EVDisconnected,DeAuthorized,PowerLoss,Reboot,HardReset,EmergencyStop";
