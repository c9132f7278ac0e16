/**
 * State of the EVSEs: one flat array, `Field.Size` numbers each, because an object a connector costs twice as much RAM.
 * An EVSE has one connector. Nothing here knows a protocol.
 */

/** Control pilot, IEC 61851-1 table A.2. */
export const enum Pilot {
  A,
  B,
  C,
  D,
  E,
  F,
}

/** Connector status as far as it decides what may be done. */
export const enum Status {
  Available,
  Occupied,
  Reserved,
  Unavailable,
  Faulted,
}

/** The values of AvailabilityState, by `Status`. */
export const STATUSES = "Available,Occupied,Reserved,Unavailable,Faulted";

/** What a driver sees of an EVSE: `Charging` of its transaction goes in between. */
export const enum Phase {
  Available,
  Preparing,
  Charging,
  SuspendedEV,
  SuspendedEVSE,
  /** The transaction has ended, or nobody came to authorize one, and the cable is still there. */
  Finishing,
  Reserved,
  Unavailable,
  Faulted,
  /** Of `Field.Phase`: this, times its fault (as in `FAULTS`). */
  Fault = 16,
}

/** Is energy allowed, and by whom. */
export const enum Permit {
  None,
  /** A token is accepted for this EVSE. */
  Granted,
  /** Withdrawn by the CSMS; the transaction goes on without energy, or with the last of it (E-32). */
  Withdrawn,
  /** Ended; the transaction goes on until the car is unplugged (stop point EVConnected, E-23). */
  Over,
}

export const enum Field {
  /** 1 = a cable is in the socket; with a fixed cable: the connector is in the car. */
  Plug,
  Pilot,
  /** Feedback of the socket lock. */
  Locked,
  LockWanted,
  Contactor,
  /** Offered current, mA; 0 = no energy offered. */
  Limit,
  /** 1.6 error code, 1-based in `FAULTS`; 0 = none. */
  Fault,
  Status,
  /** Last status that the CSMS was told, -1 = none. */
  Reported,
  /** The same of the station as a whole, in the fields of the first EVSE. */
  Whole,
  Permit,
  /** 1 while a transaction runs. */
  Transaction,
  /** 2.0.1 charging state that was recorded last. */
  Charging,
  /** What authorized or plugged in: cause of the transaction's start. */
  Cause,
  RemoteStartId,
  /** Seconds until the next periodic sample; 0 = none. */
  Sample,
  /** Seconds that a permit still waits for its cable (EVConnectionTimeOut) or, once that is in, for the lock, or a car for a token; 0 = none does. */
  Left,
  /** 1 = plug and pilot said that a car is there, when they were looked at last. */
  Connected,
  /** 1 = the transaction has told who authorized it. */
  Told,
  /** 1 = the transaction began before it was known at which EVSE. */
  Unknown,
  /** Check of its token's group, 0 = none is known. */
  Group,
  /** Reason of a transaction that is to end when the car is unplugged. */
  StopReason,
  /** Register at which a withdrawn transaction gets no more energy; 0 = at once. */
  EnergyStop,
  /** MeterValues that is to be sent, `Meter`. */
  Meter,
  /** Seconds until the next sample for Ended; 0 = none. */
  EndSample,
  WattHours,
  Milliamps,
  Millivolts,
  /** What the limits allow, mA; 0 = no energy. */
  Allowed,
  /** Of that what the CSMS was told of last, mA. */
  Rate,
  /** Sum of `Flag`. */
  Flags,
  /** State of its reservation, `Booking`. */
  Booking,
  /** Number of the reservation. */
  ReservationId,
  /** Station time at which a reservation that is held ends. */
  BookedUntil,
  /** `Phase` with its fault, the uptime since when, and seconds until that is old enough to be told. */
  Phase,
  Since,
  Hold,
  /** Up to three of them, plus 1, that were over before the CSMS was told: a byte each, the last in the lowest. */
  Trail,
  /** What the cable in the socket carries, mA; 0 = not known. */
  Cable,
  Size,
}

/** Why a MeterValues is due. */
export const enum Meter {
  None,
  Clock,
  Trigger,
}

/** Bits of `Field.Flags`; the lowest three are settings and survive a reboot. */
export const enum Flag {
  /** Inoperative by ChangeAvailability: the connector, the EVSE, the station (G03). A transaction that runs goes on. */
  Connector = 1,
  Evse = 2,
  Station = 4,
  Inoperative = 7,
  /** The EVSE is reset when it is idle (B12). */
  Reset = 8,
  /** Nothing new may begin. */
  Closed = 15,
  /** The lock did not close (G05); the CSMS knows of it; it is being told. */
  LockProblem = 16,
  LockTold = 32,
  LockTelling = 64,
  /** … by the hardware's own word. */
  LockFault = 128,
  /** Whoever brought the cable is done with it. */
  Finished = 256,
  /** A board's drivers let energy wait (src/drivers/safety.ts). */
  Held = 512,
}

/** A reservation (H). While the CSMS is being told of its end, IN_FLIGHT of the protocol is added. */
export const enum Booking {
  None,
  Held,
  /** Its token is here: the number goes into the next event of the transaction, which makes this `None`. */
  Used,
  /** Ended by time, or by a fault or ChangeAvailability: the CSMS is to be told. */
  Expired,
  Removed,
}

/** Seconds that a socket lock may take to confirm. */
export const LOCK_TIMEOUT = 4;

/** Error codes of OCPP 1.6 (7.6 ChargePointErrorCode) as the drivers name them, in the order of `Field.Fault`. */
export const FAULTS =
  "ConnectorLockFailure,EVCommunicationError,GroundFailure,HighTemperature,InternalError,LocalListConflict,OtherError,OverCurrentFailure,PowerMeterFailure,PowerSwitchFailure,ReaderFailure,ResetFailure,UnderVoltage,OverVoltage,WeakSignal";

export const evses = {
  /** All fields of all EVSEs. */
  v: undefined as unknown as Int32Array,
  /** Token of each EVSE: type letter and text; of the running transaction, of the permit, or (socket still locked) of the last one. */
  tokens: undefined as unknown as string[],
  /** 1 when the cable is fixed: there is no lock. */
  fixed: 0,
  /** Offered current when nothing limits it, mA. */
  limit: 0,
  /** Nominal phases. */
  phases: 1,
  /** Samples for Ended, by EVSE (`src/station/samples.ts`); undefined while none was taken. */
  history: undefined as string[] | undefined,
};

/** A card or a remote start that waits for its verdict or for a cable. One at a time: a station has one reader. */
export const enum Step {
  Idle,
  /** Authorize is to be sent. */
  Ask,
  /** … and is on its way. */
  Asked,
  /** Accepted; waits for a cable. */
  Waiting,
}

export const pending = {
  step: Step.Idle as Step,
  token: "",
  /** Its group as far as it is known. */
  group: "",
  /** EVSEs where it may charge, a bit each. */
  mask: 0,
  /** EVSE that it is for (0-based), -1 = any. */
  evse: -1,
  /** Seconds left. */
  left: 0,
  /** 0 = a card at the reader. */
  remoteStartId: 0,
  /** 1 when a remote start brought it (its id may be 0). */
  remote: 0,
};

/** RegistrationStatusEnumType and what the boot needs. */
export const enum Registration {
  None,
  Accepted,
  Pending,
  Rejected,
}

/** Reset that was asked for. */
export const enum Reset {
  None,
  /** When no transaction runs any more. */
  Idle,
  Now,
}

export const station = {
  registration: Registration.None as Registration,
  /** Seconds until the next BootNotification or, when accepted, until the Heartbeat; 0 = now (not accepted) or none is due. */
  left: 0,
  /** 1 when a Heartbeat is due. */
  heartbeat: 0,
  reset: Reset.None as Reset,
  /** Seconds that an immediate reset still waits for its last messages to be confirmed. */
  resetLeft: 0,
  /** Messages that the CSMS asked for, by the protocol's own bits. */
  triggered: 0,
  /** What the CSMS is to be told about a customer, behind the number of its request; undefined = nothing. */
  customer: undefined as string | undefined,
  /** 1 when the connection is to be made anew (new password, A-06). */
  reconnect: 0,
  /** Transaction events: times the oldest was sent, and seconds until it may be sent again (E-43). */
  sends: 0,
  wait: 0,
  /** 1 once the hardware's first readings are in; 0 again after a fault; 2 when an end could not be recorded. */
  ready: 0,
  /** Events that were aborted since boot. */
  faults: 0,
  /** Seconds until the next clock-aligned sample, 0 = none; and the station time of the last one. */
  aligned: 0,
  alignedAt: 0,
  /**
   * 1 under a protocol that knows neither start and stop points (a transaction takes an accepted token, a car and a lock; its token ends it)
   * nor types of tokens, and asks about a token only where it can be of use.
   */
  simple: 0,
  /** Seconds left in which interrupted transactions may resume; 0 = decided. */
  resume: 0,
};
