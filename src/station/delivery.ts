/**
 * @overlay
 * Attempts to deliver a fact (OCPP 2.0.1 E13, E-43; OCPP 1.6, 3.7.1, TX-24).
 */
import { variable } from "../kernel/overlay";
import { soon } from "../kernel/rpc";
import { settingNumber } from "../store/settings";
import { station } from "./evse";

/** Is the fact that `result` came for (`p` as there) to be sent again? */
export function again(p: number): boolean {
  if (p === -1 && station.sends < settingNumber(variable("OCPPCommCtrlr.MessageAttempts[TransactionEvent]"))) {
    station.wait = settingNumber(variable("OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]")) * station.sends;
    soon();
    return true;
  }
  station.sends = 0;
  if (p === -2) {
    station.wait = 0; // being offline uses up no attempts
    return true;
  }
  return false;
}
