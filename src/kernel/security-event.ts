/**
 * Security events (OCPP 2.0.1 Part 2 appendix 1; OCPP 1.6 security whitepaper, 6): their numbers, which the kernel needs for what it sees of the
 * connection. They are kept by `src/store/security-log.ts`.
 */

/**
 * Types of events, numbered as `SECURITY_EVENTS` of the log (StorageDamaged, StorageFull and TokenTooLong are this
 * firmware's own). The numbers are on flash: new ones go to the end.
 */
export const enum SecurityEvent {
  StartupOfTheDevice,
  ResetOrReboot,
  MemoryExhaustion,
  StorageDamaged,
  StorageFull,
  /** A transaction was told without its token. */
  TokenTooLong,
  FirmwareUpdated,
  /** The clock was moved by more than ClockCtrlr.TimeAdjustmentReportingThreshold. */
  SettingSystemTime,
  /** What there was is lost: neither page had a valid header. */
  SecurityLogWasCleared,
  InvalidFirmwareSignature,
  InvalidFirmwareSigningCertificate,
  InvalidCsmsCertificate,
  InvalidChargingStationCertificate,
  /** These four at most once an hour each, however often they come. */
  InvalidTLSVersion,
  InvalidTLSCipherSuite,
  FailedToAuthenticateAtCsms,
  InvalidMessages,
  /** With the name of what was changed, never with its value. */
  ReconfigurationOfSecurityParameters,
}
