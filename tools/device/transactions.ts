/** Which EVSEs of a device charge: a restart would interrupt them. Read from the journal as it stands on its flash. */
import { readJournal } from "../flash/journal.ts";
import { JOURNAL_PAGES, PAGE_BYTES, RAW_BYTES } from "../flash/pages.ts";
import { UsageError } from "../sim/engine.ts";
import { readFlash, type Device } from "./device.ts";

/** Numbers of the EVSEs with a transaction, from 1. */
export async function chargingEvses({ console, facts }: Device): Promise<number[]> {
  const raw = Buffer.alloc(RAW_BYTES, 0xff);
  const begin = JOURNAL_PAGES.first * PAGE_BYTES;
  raw.set(await readFlash(console, facts.raw + begin, JOURNAL_PAGES.count * PAGE_BYTES), begin);
  return runningEvses(raw);
}

/** The same for a raw area. */
export function runningEvses(raw: Uint8Array): number[] {
  const running = new Set<number>();
  for (const { record } of readJournal(raw).entries) {
    if (record.kind === "event" && record.end) running.delete(record.evse);
    else if (record.kind === "move") {
      running.delete(record.evse);
      running.add(record.to);
    } else if (record.kind === "event" || record.kind === "sample" || record.kind === "context") running.add(record.evse);
  }
  return [...running].map((evse) => evse + 1).sort();
}

/** Refuses a device that charges. */
export async function checkIdle(device: Device): Promise<void> {
  const evses = await chargingEvses(device);
  if (evses.length > 0)
    throw new UsageError(
      `A transaction runs at EVSE ${evses.join(", ")} and the restart would interrupt it; --now does it all the same.`,
    );
}
