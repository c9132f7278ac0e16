/**
 * @overlay
 * RFC 3339 date-times, as OCPP writes and reads them (Part 4, 4.1.5), in integer arithmetic: the engine's Date accepts garbage.
 */
import { clock, EPOCH, type StationTime, type UnixSeconds } from "./clock";

/** Days from 1 March 1968 to 1970, and from 1970 to 1 March 2100. */
const MARCH_1968 = 671;
const NO_LEAP_DAY = 47541;

/** The time for a record: dated when the clock is known, else the uptime. */
export function stationTime(): StationTime {
  return clock.boot ? clock.boot - EPOCH + clock.up : clock.up;
}

/** `2026-11-20T05:12:43Z` of `time` (0 … 2106). */
export function dateTime(time: UnixSeconds): string {
  const day = Math.floor(time / 86400);
  const second = time - day * 86400;
  // Days since 1 March 1968, from where every fourth year is a leap year; the one that 2100 is not is put in.
  const z = day + (day < NO_LEAP_DAY ? MARCH_1968 : MARCH_1968 + 1);
  const years = Math.floor((4 * z + 3) / 1461);
  const doy = z - Math.floor((1461 * years) / 4);
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  let text = "" + (1968 + years + (mp < 10 ? 0 : 1));
  const part = [
    "-",
    month,
    "-",
    doy - Math.floor((153 * mp + 2) / 5) + 1,
    "T",
    Math.floor(second / 3600),
    ":",
    Math.floor(second / 60) % 60,
    ":",
    second % 60,
  ];
  for (let i = 0; i < 10; i += 2) {
    text += part[i] + ("" + (100 + (part[i + 1] as number))).substr(1);
  }
  return text + "Z";
}

/** Does `text` have at `from` the characters of `form`, where d is a digit and T may be a small one or a space? */
function matches(text: string, from: number, form: string): boolean {
  for (let i = 0; i < form.length; i++) {
    const c = text.charCodeAt(from + i);
    if (form[i] === "d" ? !(c > 47 && c < 58) : c !== form.charCodeAt(i) && !(form[i] === "T" && (c === 32 || c === 116))) {
      return false;
    }
  }
  return true;
}

/** Unix time of an RFC 3339 date-time (fractions dropped), -1 when it is none or lies before 1970. */
export function parseDateTime(text: string): UnixSeconds {
  if (!matches(text, 0, "dddd-dd-ddTdd:dd:dd")) {
    return -1;
  }
  let p = 19;
  if (text[p] === ".") {
    do {
      p++;
    } while (text[p] >= "0" && text[p] <= "9");
    if (p === 20) {
      return -1;
    }
  }
  let zone = 0;
  const sign = text[p];
  if (sign === "+" || sign === "-") {
    const hours = parseInt(text.substr(p + 1, 2));
    const minutes = parseInt(text.substr(p + 4, 2));
    if (text.length !== p + 6 || !matches(text, p + 1, "dd:dd") || hours > 23 || minutes > 59) {
      return -1;
    }
    zone = (hours * 60 + minutes) * (sign === "-" ? -60 : 60);
  } else if ((sign !== "Z" && sign !== "z") || text.length !== p + 1) {
    return -1;
  }
  const year = parseInt(text.substr(0, 4));
  const month = parseInt(text.substr(5, 2));
  const day = parseInt(text.substr(8, 2));
  const hour = parseInt(text.substr(11, 2));
  const minute = parseInt(text.substr(14, 2));
  const second = parseInt(text.substr(17, 2));
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days || hour > 23 || minute > 59 || second > 60) {
    return -1;
  }
  // Years and months that begin with March, so that the leap day is the last.
  const y = month > 2 ? year : year - 1;
  const doy = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day;
  const number = y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + doy - 719469;
  return number * 86400 + hour * 3600 + minute * 60 + second - zone;
}
