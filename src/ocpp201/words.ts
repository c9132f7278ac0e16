/**
 * Enumerations of OCPP 2.0.1 as the station numbers them; each text is indexed by the number.
 */

/** TriggerReasonEnumType, by `Cause`. */
export const CAUSES =
  "Authorized,CablePluggedIn,ChargingRateChanged,ChargingStateChanged,Deauthorized,EnergyLimitReached,EVCommunicationLost,EVConnectTimeout,MeterValueClock,MeterValuePeriodic,TimeLimitReached,Trigger,UnlockCommand,StopAuthorized,EVDeparted,EVDetected,RemoteStop,RemoteStart,AbnormalCondition,SignedDataReceived,ResetCommand";

/** ChargingStateEnumType, by `Charging`. */
export const CHARGING_STATES = "Idle,EVConnected,Charging,SuspendedEV,SuspendedEVSE";

/** ReasonEnumType, by `Reason`. */
export const REASONS =
  "Local,Remote,EVDisconnected,DeAuthorized,PowerLoss,Reboot,ImmediateReset,EmergencyStop,GroundFault,OvercurrentFault,PowerQuality,Other,Timeout,MasterPass";

/** IdTokenEnumType; a token's first letter picks it. */
export const TOKEN_TYPES = "AISO14443,BISO15693,CCentral,EeMAID,KKeyCode,LLocal,MMacAddress,NNoAuthorization";

/** Parts of an item of SetVariables, GetVariables, GetReport, as `parts` finds them. */
export const enum Part {
  Component = 0,
  ComponentEnd = 1,
  Variable = 10,
  VariableEnd = 11,
  Type = 19,
  Value = 33,
  ComponentName = 48,
  VariableName = 49,
  ComponentInstance = 53,
  Instance = 54,
  Evse = 62,
  Id = 67,
  Connector = 70,
  End = 71,
}
