/**
 * How both protocol rooms number what they say, so that they share what they do about it.
 */

/** Our CALLs, `rpc.call`. */
export const enum Call {
  None,
  BootNotification,
  StatusNotification,
  Authorize,
  /** A fact of the journal, whatever message it goes out in. */
  Transaction,
  Heartbeat,
  MeterValues,
  NotifyReport,
  ReportChargingProfiles,
  /** Whatever nobody waits for the answer of. */
  Notice,
}

/** Values of `Field.Reported` besides the statuses: nothing was told, a StatusNotification was asked for, status + this is on its way. */
export const UNREPORTED = -1;
export const ASKED = -2;
export const IN_FLIGHT = 512;

/** Bits of `station.triggered`. */
export const enum Trigger {
  Boot = 1,
  LogStatus = 2,
  FirmwareStatus = 4,
  /** The CSMS refuses a token that its list accepts. */
  Conflict = 8,
}
