/** Reference reader of the security log (OCPP 2.0.1 Part 2, A04): two pages in turn, a record for each event. */
import { DamagedRecord, readVarint, varint } from "./records.ts";
import { HEADER_BYTES, frame, isBlank, isWhole, newPage, PAGE_BYTES, readPages, SECURITY_PAGES, type Damage } from "./pages.ts";

/** As `src/store/security-log.ts` numbers them. */
export const SECURITY_EVENTS = "StartupOfTheDevice,ResetOrReboot,MemoryExhaustion,StorageDamaged,StorageFull,TokenTooLong".split(
  ",",
);

export interface SecurityEvent {
  /** Offset in the raw area. */
  at: number;
  type: number;
  /** Station time: seconds since 2020, or an uptime. */
  time: number;
  text: string;
}

export interface SecurityLog {
  events: SecurityEvent[];
  damage: Damage[];
}

/** Oldest first. */
export function readSecurityLog(raw: Uint8Array): SecurityLog {
  const damage: Damage[] = [];
  const events: SecurityEvent[] = [];
  for (const { bytes, at: base } of readPages(raw, SECURITY_PAGES, damage)) {
    let at = HEADER_BYTES;
    while (at < PAGE_BYTES && bytes[at] !== 0xff) {
      const size = bytes[at] + 1;
      const record = bytes.subarray(at, at + size);
      const event = at + size <= PAGE_BYTES ? readEvent(record) : undefined;
      if (!event) {
        damage.push({ at: base + at, what: "a damaged security event; the rest of the page is not read" });
        break;
      }
      events.push({ at: base + at, ...event });
      at += size;
    }
    if (bytes[at] === 0xff && !isBlank(bytes, at)) damage.push({ at: base + at, what: "bytes behind the last security event" });
  }
  return { events, damage };
}

function readEvent(record: Buffer): Omit<SecurityEvent, "at"> | undefined {
  const end = record.length - 1;
  if (end < 3 || !isWhole(record)) return undefined;
  try {
    const { number, next } = readVarint(record.subarray(0, end), 2);
    return { type: record[1], time: number, text: record.toString("latin1", next, end) };
  } catch (error) {
    if (error instanceof DamagedRecord) return undefined;
    throw error;
  }
}

/** A page of the security log. */
export function securityPage(sequence: number, events: readonly Omit<SecurityEvent, "at">[]): Buffer {
  const page = newPage(sequence);
  let at = HEADER_BYTES;
  for (const { type, time, text } of events) {
    const content = [type, ...varint(time), ...Buffer.from(text, "latin1")];
    const record = frame(content);
    if (at + record.length > PAGE_BYTES) throw new RangeError("the page is full");
    page.set(record, at);
    at += record.length;
  }
  return page;
}
