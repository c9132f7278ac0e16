/**
 * SNTP version 4 over IPv4 (RFC 4330), unicast: the time of day when the CSMS has not told it, or before the CSMS when the CSMS has put NTP first
 * (OCPP 2.0.1 ClockCtrlr.TimeSource, NtpServerUri). Whole seconds; an answer is taken within two seconds of its request.
 *
 * The engine's own SNTP (`Wifi.setSNTP`) is not used: it steps the system's clock, and every timer of the engine with it.
 */
import { ntp } from "../kernel/engine/time-source";
import { sntpDue } from "./sntp-steps";
import { Radio, wifi } from "./wifi";

export const sntp = {
  /** Seconds online until it is looked whether to ask. */
  left: 5,
  /** Seconds until a request counts as lost, 0: there is none. */
  wait: 0,
  socket: undefined as DatagramSocket | undefined,
  /** Transmit timestamp of the request, 8 random bytes: the answer has it as its originate timestamp. */
  nonce: "",
  /** Address of the server; "" before the request. */
  server: "",
  /** Rounds without a time since the last one. */
  fails: 0,
};

/** One second has passed. */
export function sntpSecond(): void {
  if (ntp.trusted) {
    ntp.trusted--;
  }
  if (sntp.wait) {
    if (!--sntp.wait) {
      sntpDue();
    }
  } else if (wifi.state === Radio.Up && !--sntp.left) {
    sntpDue();
  }
}
