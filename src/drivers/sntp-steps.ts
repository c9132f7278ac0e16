/**
 * @overlay
 * Request and answer of SNTP (RFC 4330, 4 packet format, 5 client operations and checks, 8 kiss codes, 10 best practices).
 */
import { clock, DATED, EPOCH } from "../kernel/clock";
import { connection, hooks } from "../kernel/connection";
import { openDatagrams } from "../kernel/engine/datagram";
import { random32 } from "../kernel/engine/entropy";
import { log } from "../kernel/engine/log";
import { ntp } from "../kernel/engine/time-source";
import { load, variable } from "../kernel/overlay";
import { lookUp } from "../kernel/look-up";
import { find, plain } from "../kernel/text";
import { setClockTo } from "../station/set-clock";
import { sntp } from "./sntp";
import { wifi } from "./wifi";

/** Seconds for an answer. */
const PATIENCE = 3;
/** Seconds after a request without answer, doubled with each (never below 15: RFC 4330 10), and the most doublings. */
const RETRY = 16;
const DOUBLINGS = 10;
/** Seconds between two times, and after a kiss of death. */
const INTERVAL = 14400;
const DAY = 86400;
/** As a fallback: seconds that the CSMS has to tell the time, and most seconds by which a known clock is moved. */
const GRACE = 30;
const MOST_STEP = 3600;
/** 1970 in seconds since 1900. */
const UNIX = 2208988800;

/** Is NTP the first source of the time? */
function isFirst(): boolean {
  return (load(hooks.setting, variable("ClockCtrlr.TimeSource")) as string).substr(0, 3) === "NTP";
}

/** Nothing is open any more; the next look is in `seconds`. */
function rest(seconds: number): void {
  if (sntp.socket) {
    sntp.socket.removeAllListeners();
    sntp.socket.close();
  }
  sntp.socket = undefined;
  sntp.wait = 0;
  sntp.nonce = sntp.server = "";
  sntp.left = seconds;
}

/** A round has brought no time. */
function failed(): void {
  rest(RETRY << sntp.fails);
  if (sntp.fails < DOUBLINGS) {
    sntp.fails++;
  }
}

/** Time to look whether to ask, to ask, or to give a request up. */
export function sntpDue(): void {
  const sources = load(hooks.setting, variable("ClockCtrlr.TimeSource")) as string;
  const known = clock.boot && connection.offline < DAY;
  if (find(sources, "NTP") < 0 || (!isFirst() && (known || wifi.up < GRACE))) {
    rest(GRACE);
    return;
  }
  if (sntp.nonce) {
    failed();
    return;
  }
  const uri = (load(hooks.setting, variable("ClockCtrlr.NtpServerUri[1]")) as string).split(":");
  const address = lookUp(uri[0]);
  if (!address) {
    // The first look finds no address, because it begins the look-up.
    if (sntp.server) {
      failed();
    } else {
      sntp.server = "?";
      sntp.left = 5;
    }
    return;
  }
  for (let i = 0; i < 8; i++) {
    sntp.nonce += String.fromCharCode(random32() & 255);
  }
  sntp.server = address;
  sntp.wait = PATIENCE;
  sntp.socket = openDatagrams(function (data, from) {
    sntpHeard(data, from.address);
  });
  // Version 4, mode client; all but the transmit timestamp is 0.
  let request = "\x23";
  while (request.length < 40) {
    request += "\0";
  }
  try {
    sntp.socket.send(request + sntp.nonce, parseInt(uri[1] || "123"), address);
  } catch {
    failed(); // the engine has no socket left
  }
}

/** Something has come. What is no answer of the server to this request is as if it had not come. */
export function sntpHeard(data: string, address: string): void {
  const first = data.charCodeAt(0);
  const stratum = data.charCodeAt(1);
  if (data.length < 48 || (first & 7) !== 4 || address !== sntp.server || data.substr(24, 8) !== sntp.nonce) {
    return;
  }
  if (!stratum) {
    log("NTP server says " + (plain(data.substr(12, 4)) ? data.substr(12, 4) : "nothing known")); // kiss code
    rest(DAY);
    return;
  }
  const high = data.charCodeAt(40) * 16777216 + data.charCodeAt(41) * 65536 + data.charCodeAt(42) * 256 + data.charCodeAt(43);
  // Era 1 begins in 2036 (RFC 4330 3).
  const time = high - UNIX + (high < 2147483648 ? 4294967296 : 0) + (data.charCodeAt(44) >> 7);
  const step = clock.boot && !isFirst() ? Math.abs(time - clock.boot - clock.up) : 0;
  if (first > 191 || stratum > 15 || !high || time < EPOCH + DATED || time > EPOCH + 2147483647 || step > MOST_STEP) {
    log("NTP server tells no time to be believed");
    failed();
    return;
  }
  setClockTo(time);
  log("time by NTP");
  ntp.trusted = isFirst() ? 2 * INTERVAL : 0;
  sntp.fails = 0;
  rest(INTERVAL);
}
