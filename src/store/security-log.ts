/**
 * @overlay
 * Security log (OCPP 2.0.1 A04): a ring of two raw pages. Record: length of the rest, type, station time (varint), text, check.
 */
import { stationTime } from "../kernel/datetime";
import { flashRead, flashWrite } from "../kernel/engine/flash";
import { log } from "../kernel/engine/log";
import { varints } from "./encode";
import { PAGE, PAGE_HEADER, RAW, SECURITY_LOG } from "./map";
import { blankFrom, blankPage, pageSequence, recordCheck, sealPage } from "./page";

/** Types of events, numbered as in `SECURITY_EVENTS` (2.0.1 Part 2 appendix 1; the last three are this firmware's own). */
export const enum SecurityEvent {
  StartupOfTheDevice,
  ResetOrReboot,
  MemoryExhaustion,
  StorageDamaged,
  StorageFull,
  /** A transaction was told without its token. */
  TokenTooLong,
}

/** Their names. */
export const SECURITY_EVENTS = "StartupOfTheDevice,ResetOrReboot,MemoryExhaustion,StorageDamaged,StorageFull,TokenTooLong";

/** Where the log of the page at `page` ends; its end when a record is damaged. */
function logEnd(page: number): number {
  let at = page + PAGE_HEADER;
  while (at < page + PAGE - 2) {
    const size = flashRead(at, 1)[0];
    if (size === 255) {
      break;
    }
    const r = at + size < page + PAGE ? flashRead(at, size + 1) : undefined;
    if (!r || size < 3 || recordCheck(r) !== r[size]) {
      return page + PAGE;
    }
    at += size + 1;
  }
  return blankFrom(at, page + PAGE) ? at : page + PAGE;
}

/** Keep an event, with a short ASCII text that holds no secret. */
export function securityEvent(type: SecurityEvent, text: string): void {
  log(SECURITY_EVENTS.split(",")[type] + (text ? ": " + text : ""));
  const first = pageSequence(SECURITY_LOG);
  const second = pageSequence(SECURITY_LOG + PAGE);
  let page = second > first ? SECURITY_LOG + PAGE : SECURITY_LOG;
  const body = String.fromCharCode(type) + varints([stationTime()]) + text.substr(0, 60);
  let at = first || second ? logEnd(page) : page + PAGE;
  if (at + body.length + 2 > page + PAGE) {
    page = SECURITY_LOG * 2 + PAGE - page;
    blankPage(page);
    sealPage(page, (second > first ? second : first) + 1, RAW);
    at = page + PAGE_HEADER;
  }
  const record = E.toUint8Array(String.fromCharCode(body.length + 1) + body + "\0");
  record[record.length - 1] = recordCheck(record);
  flashWrite(at, record);
}

/** A page of the journal is damaged, from `at` on. */
export function pageDamaged(at: number): void {
  securityEvent(SecurityEvent.StorageDamaged, "journal page at " + (at - (at % PAGE)));
}
