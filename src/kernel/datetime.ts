/**
 * @overlay
 * RFC 3339 date-times, as OCPP writes and reads them (Part 4, 4.1.5), in integer arithmetic: the engine's Date accepts garbage.
 */
import { clock, EPOCH, type StationTime, type UnixSeconds } from "./clock";

/** The time for a record: dated when the clock is known, else the uptime. */
export function stationTime(): StationTime {
  return clock.boot ? clock.boot - EPOCH + clock.up : clock.up;
}

/** `2026-11-20T05:12:43Z` of `time` (0 … 2106). */
export function dateTime(time: UnixSeconds): string {
  const day = Math.floor(time / 86400);
  const second = time - day * 86400;
  // Civil date from the day number, eras of 400 years beginning on 1 March (Howard Hinnant's days algorithm).
  const z = day + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  let text = "" + (yoe + era * 400 + (month < 3 ? 1 : 0));
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
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const number = era * 146097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719468;
  return number * 86400 + hour * 3600 + minute * 60 + second - zone;
}
