/**
 * What happened in a transaction, in words of no protocol's: the content of a journal record. The names are those of OCPP 2.0.1, whose
 * set is the larger one; 1.6 is rendered from the same facts.
 */

/** Why the record was made (2.0.1 TriggerReasonEnumType, same order as `CAUSES` of the protocol rooms). */
export const enum Cause {
  Authorized,
  CablePluggedIn,
  ChargingRateChanged,
  ChargingStateChanged,
  Deauthorized,
  EnergyLimitReached,
  EVCommunicationLost,
  EVConnectTimeout,
  MeterValueClock,
  MeterValuePeriodic,
  TimeLimitReached,
  Trigger,
  UnlockCommand,
  StopAuthorized,
  EVDeparted,
  EVDetected,
  RemoteStop,
  RemoteStart,
  AbnormalCondition,
  SignedDataReceived,
  ResetCommand,
}

/** 2.0.1 ChargingStateEnumType. */
export const enum Charging {
  Idle,
  EVConnected,
  Charging,
  SuspendedEV,
  SuspendedEVSE,
}

/** Why a transaction ended (2.0.1 ReasonEnumType). */
export const enum Reason {
  Local,
  Remote,
  EVDisconnected,
  DeAuthorized,
  PowerLoss,
  Reboot,
  ImmediateReset,
  EmergencyStop,
  GroundFault,
  OvercurrentFault,
  PowerQuality,
  Other,
  Timeout,
  MasterPass,
}

/** What a record holds besides cause, state and time. */
export const enum Has {
  Start = 8,
  End = 16,
  Token = 32,
  RemoteStart = 64,
  Values = 128,
}

/** More of it, in one byte with the reason. */
export const enum Extra {
  Reason = 31,
  /** The EVSE is told: in the first event after it is known (E-04). */
  Evse = 32,
  /** A reservation was used. */
  Reservation = 64,
  /** Voltage and offered current. */
  Supply = 128,
}

/** The record being written, or the one just read. */
export const fact = {
  /** EVSE, 0-based. */
  evse: 0,
  cause: 0 as Cause,
  charging: 0 as Charging,
  /** Sum of `Has`. */
  has: 0,
  reason: 0 as Reason,
  /** Sum of `Extra`, without the reason. */
  extra: 0,
  /** Station time. */
  time: 0,
  /** Energy register, Wh. */
  wattHours: 0,
  /** Power, W. */
  watts: 0,
  /** Current per phase, hundredths of an ampere. */
  centiamps: 0,
  remoteStartId: 0,
  reservationId: 0,
  /** Voltage, tenths of a volt, and offered current per phase, tenths of an ampere. */
  decivolts: 0,
  deciamps: 0,
  /** Samples of the transaction for its Ended: `HISTORY_ENTRY` bytes each, see `src/store/history.ts`. */
  history: "",
  /** Number of the record in its transaction, from 0 (E-02). */
  seqNo: 0,
  /** transactionId: given for a Start, read with every record. */
  id: "",
  /** Letter of the token's type, then the token: see `src/station/authorize.ts`. */
  token: "",
};
