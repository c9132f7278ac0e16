/**
 * What a CSMS may hear after a power cut, and what it must: every event that had been recorded, in order, with the content that it has in
 * a run without a cut; then the end of what was running, and nothing that never happened.
 */
import type { Day } from "./day.ts";
import type { Heard, Payload } from "./peer.ts";

/** A TransactionEvent, as far as the model looks at it. */
export interface Told {
  /** transactionId and seqNo. */
  name: string;
  id: string;
  seqNo: number;
  type: string;
  time: string;
  offline: boolean;
  stopped: string | undefined;
  trigger: string;
  token: string | undefined;
  /** Everything but the flag `offline`. */
  content: string;
  /** … and the times. */
  timeless: string;
}

export function told(payload: Payload): Told {
  const { transactionId, stoppedReason } = payload.transactionInfo as { transactionId: string; stoppedReason?: string };
  const rest = { ...payload };
  delete rest.offline;
  const content = JSON.stringify(rest);
  return {
    name: `${transactionId}#${String(payload.seqNo)}`,
    id: transactionId,
    seqNo: Number(payload.seqNo),
    type: String(payload.eventType),
    time: String(payload.timestamp),
    offline: payload.offline === true,
    stopped: stoppedReason,
    trigger: String(payload.triggerReason),
    token: (payload.idToken as { idToken?: string } | undefined)?.idToken,
    content,
    timeless: content.replace(/"timestamp":"[^"]*"/g, ""),
  };
}

/** The day's events in their order, each once. */
export function eventsOf(day: Day): Told[] {
  const events: Told[] = [];
  const names = new Set<string>();
  for (const { payload } of day.heard) {
    const event = told(payload);
    if (names.has(event.name)) continue;
    names.add(event.name);
    events.push(event);
  }
  return events;
}

export interface Expectation {
  /** All events of the day, and how many of them were recorded before the cut. */
  events: readonly Told[];
  recorded: number;
  dated: readonly boolean[];
  /** The CSMS had confirmed so many for sure, and heard so many. */
  confirmed: [number, number];
  open: Told[];
}

/** What is known when the power fails in operation `n` (from 0) of the day. */
export function expectation(day: Day, events: readonly Told[], n: number): Expectation {
  const recorded = day.facts.filter(({ operation }) => operation < n).length;
  const before = day.heard.filter(({ operations }) => operations <= n);
  const names = new Set(before.map(({ payload }) => told(payload).name));
  const last = new Map<string, Told>();
  for (const event of events.slice(0, recorded)) last.set(event.id, event);
  return {
    events,
    recorded,
    dated: day.facts.map(({ dated }) => dated),
    confirmed: [Math.max(0, names.size - 1), names.size],
    open: [...last.values()].filter(({ type }) => type !== "Ended"),
  };
}

export interface Verdict {
  /** What is wrong; empty when all is well. */
  faults: string[];
  /** Events that were delivered although the CSMS had confirmed them. */
  repeated: number;
}

/** Judges what came after the cut (over all boots, before anything new happened at the station). */
export function judge(expected: Expectation, heard: readonly Heard[]): Verdict {
  const { events, recorded, dated, confirmed, open } = expected;
  const faults: string[] = [];
  const index = new Map(events.slice(0, recorded).map((event, i) => [event.name, i]));
  const extras = new Map<string, Told>();
  const running = new Map(open.map((event) => [event.id, event]));
  /** Events up to here are delivered. */
  let done = confirmed[1];
  let repeated = 0;
  let boot = -1;
  let next = -1;
  let highest = "";
  for (const { payload, boot: by } of heard) {
    const event = told(payload);
    const i = index.get(event.name);
    if (by !== boot) {
      boot = by;
      next = -1;
    }
    if (!/^20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(event.time) || event.time < "2026-06-01") {
      faults.push(`${event.name} has the time ${event.time}`);
    }
    if (!event.offline) faults.push(`${event.name} was recorded before the connection and is not offline`);
    if (i !== undefined) {
      const same = dated[i] ? events[i].content === event.content : events[i].timeless === event.timeless;
      if (!same) faults.push(`${event.name} has another content: ${event.content} instead of ${events[i].content}`);
      if (extras.size > 0 && next < 0) faults.push(`${event.name} comes again behind later events`);
      if (next >= 0 && i !== next && i !== next - 1) faults.push(`${event.name} comes out of order: ${i} instead of ${next}`);
      if (next < 0 && i > done) faults.push(`lost: ${events[done].name} up to ${events[i - 1].name}, ${i - done} events`);
      if (i < confirmed[0]) repeated++;
      next = i + 1;
      done = Math.max(done, i + 1);
      continue;
    }
    // Not of the day: only the end of what was running.
    const known = extras.get(event.name);
    if (known) {
      if (known.content !== event.content) faults.push(`${event.name} comes again with another content`);
      continue;
    }
    extras.set(event.name, event);
    if (done < recorded) faults.push(`${event.name} comes before ${recorded - done} recorded events`);
    done = recorded;
    const begun = running.get(event.id);
    if (!begun) {
      faults.push(`invented: ${event.content}`);
      continue;
    }
    running.delete(event.id);
    if (event.type !== "Ended" || event.stopped !== "PowerLoss" || event.trigger !== "AbnormalCondition") {
      faults.push(`${event.name} is not the end by the power cut: ${event.content}`);
    }
    if (event.seqNo !== begun.seqNo + 1) faults.push(`${event.name} follows ${begun.seqNo}`);
    if (event.time < highest) faults.push(`${event.name} is dated ${event.time}, before ${highest}`);
    highest = event.time;
  }
  if (done < recorded) {
    faults.push(`lost: ${events[done].name} up to ${events[recorded - 1].name}, ${recorded - done} events`);
  }
  for (const { id } of running.values()) faults.push(`${id} was running and has no end`);
  return { faults, repeated };
}
