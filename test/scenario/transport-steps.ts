/** Steps of a charge over a link that goes and comes back, and what is looked at: `transport-link.test.ts`, `transport-reconnect.test.ts`. */
import assert from "node:assert/strict";
import type { Bench, BenchOptions } from "./harness.ts";
import { QUICK } from "./transport-bench.ts";

export const CARD = { idToken: "04A1B2C3", type: "ISO14443" };
export const BACK_OFF = "OCPPCommCtrlr.RetryBackOff";

export interface Event {
  eventType: string;
  timestamp: string;
  triggerReason: string;
  seqNo: number;
  offline?: boolean;
  transactionInfo: { transactionId: string; stoppedReason?: string };
}

export function events(bench: Bench): Event[] {
  return bench.sent("TransactionEvent") as unknown as Event[];
}

export function statuses(bench: Bench): string[] {
  return bench.sent("StatusNotification").map((status) => `${String(status.evseId)} ${String(status.connectorStatus)}`);
}

export function quick(more: Record<string, string> = {}, evses = 1): BenchOptions {
  return { station: { set: { ...QUICK, ...more }, evses } };
}

export async function charge(bench: Bench): Promise<void> {
  await bench.accepted();
  await bench.post("/evse/1/plug");
  await bench.post("/tap", CARD);
  await bench.settled();
  await bench.post("/evse/1/ev", { draw: true, amps: 16 });
  await bench.settled();
  assert.equal((await bench.station.state()).evses[0].contactor, true);
}

/** Seconds pass; the contactor is closed at the end of every tenth and of the last. */
export async function charging(bench: Bench, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 10) {
    await bench.advance(Math.min(left, 10));
    assert.equal((await bench.station.state()).evses[0].contactor, true, `${left} s before the end: the contactor is closed`);
  }
}

export async function online(bench: Bench, seconds = 60): Promise<number> {
  for (let second = 0; second <= seconds; second++) {
    if ((await bench.station.state()).online) return second;
    await bench.advance(1);
  }
  assert.fail(`not online within ${seconds} simulated seconds`);
}

/** Each seqNo once, from 0, in order of sending; times do not run backwards. */
export function gapless(list: Event[]): void {
  assert.deepEqual(
    list.map(({ seqNo }) => seqNo),
    list.map((_, index) => index),
    "seqNo",
  );
  const times = list.map(({ timestamp }) => Date.parse(timestamp));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
    "timestamps",
  );
}
