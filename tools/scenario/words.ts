/**
 * The steps of a scenario in words, one line each.
 */
import { fallback } from "../csms/phrases.ts";
import { clean } from "../csms/words.ts";
import type { FramePattern, Step } from "./file.ts";

type Json = Record<string, unknown>;
const LONGEST = 160;

/** What the control interface's calls do; those that are not here are told by their path. */
const POSTS: [path: RegExp, words: (body: Json, evse: string) => string][] = [
  [/^\/evse\/(\d+)\/plug$/, (_body, evse) => `EVSE ${evse}: the cable is plugged in`],
  [/^\/evse\/(\d+)\/unplug$/, ({ force }, evse) => `EVSE ${evse}: the cable is ${force ? "torn" : "pulled"} out`],
  [/^\/evse\/(\d+)\/unplug-ev$/, (_body, evse) => `EVSE ${evse}: the cable leaves the car`],
  [
    /^\/evse\/(\d+)\/ev$/,
    ({ draw, amps = 16 }, evse) =>
      draw ? `EVSE ${evse}: the car asks for ${String(amps)} A` : `EVSE ${evse}: the car stops asking`,
  ],
  [
    /^\/evse\/(\d+)\/fault$/,
    ({ code }, evse) => `EVSE ${evse}: ${code === null ? "the fault is gone" : `fault ${String(code)}`}`,
  ],
  [/^\/evse\/(\d+)\/lock$/, ({ fail }, evse) => `EVSE ${evse}: the lock ${fail ? "is stuck" : "works again"}`],
  [/^\/tap$/, ({ idToken, evse }) => `card ${String(idToken)} is shown${evse === undefined ? "" : ` at EVSE ${String(evse)}`}`],
  [
    /^\/network$/,
    ({ up, drop, stall }) =>
      drop
        ? "the connection is reset"
        : `the network is ${up ? "up" : up === false ? "down" : stall ? "stalled" : "alive again"}`,
  ],
  [
    /^\/power$/,
    ({ on, cutAfterFlashOps, torn }) =>
      on === undefined
        ? `the power will fail in flash operation ${String(cutAfterFlashOps)} from now${torn ? ", half done" : ""}`
        : `the power is ${on ? "on" : "off"}`,
  ],
];

/** The step as a sentence; the file's own words when it has some. */
export function stepWords(step: Step): string {
  return shortened(step.say ?? ownWords(step));
}

function ownWords(step: Step): string {
  if (step.post !== undefined)
    return postWords(step.post, step.body ?? {}) + (step.status ? `: refused with ${step.status}` : "");
  if (step.call !== undefined) {
    const outcome = step.error ? `: ${step.error}` : step.answer ? `: ${gist(step.answer)}` : "";
    return `the CSMS asks for ${step.call} ${gist(step.payload ?? {})}`.trimEnd() + outcome;
  }
  if (step.send !== undefined) return `the CSMS sends ${step.send}`;
  if (step.profile !== undefined) {
    const delay = step.seconds === undefined ? "" : `, ${step.seconds} s`;
    return `the CSMS is ${step.profile === "accept" ? "lenient" : step.profile}${delay} from now on`;
  }
  if (step.handle !== undefined) {
    const how = step.silent ? "not at all" : step.error ? `with the error ${step.error}` : `with ${fallback(step.with ?? {})}`;
    return `the CSMS answers ${step.handle} ${how}${step.times ? `, ${step.times} ×` : ""}`;
  }
  if (step.advance !== undefined) return `${duration(step.advance)} later`;
  if (step.registered) return "the station is accepted by the CSMS";
  if (step.settled) return "everything is delivered";
  if (step.expect) return step.expect.map(frameWords).join("; ");
  return `state: ${fallback(step.state ?? {})}`;
}

export function frameWords({ sends, receives, payload, answered }: FramePattern): string {
  const who = sends === undefined ? `the station receives ${String(receives)}` : `the station sends ${sends}`;
  return `${who} ${gist(payload ?? {})}`.trimEnd() + (answered ? `, answered with ${gist(answered)}` : "");
}

/** The values; texts speak for themselves, numbers and flags want their names. */
function gist(value: unknown, name = ""): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((part) => gist(part)).join(", ");
  if (value === null || typeof value !== "object") return value === true ? name : `${name} ${String(value)}`;
  return Object.entries(value)
    .map(([member, part]) => gist(part, member))
    .filter(Boolean)
    .join(", ");
}

function postWords(path: string, body: Json): string {
  for (const [pattern, words] of POSTS) {
    const match = pattern.exec(path);
    if (match) return words(body, match[1] ?? "");
  }
  return `POST ${path} ${fallback(body)}`.trimEnd();
}

function duration(seconds: number): string {
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} s`;
}

function shortened(text: string): string {
  const line = clean(text);
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
