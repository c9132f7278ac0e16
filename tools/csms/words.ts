/**
 * Frames in words, one line each, for people who watch a station charge:
 *
 *     12:00:05 -> TransactionEvent Started #0 Authorized, EVConnected, 0.000 kWh, card 04A1B2C3, EVSE 1
 *     12:00:05 <- TransactionEvent: Accepted
 *
 * `->` leaves the station, `<-` goes to it; a colon after the action marks an answer. The vocabulary is in `phrases.ts`.
 */
import { ANSWERS, fallback, REQUESTS, text, type Speech } from "./phrases.ts";
import { readMeterValues } from "./meter.ts";
import { asObject } from "./schema.ts";
import { masked } from "../page/shared/secrets.ts";
import { CALL, CALLERROR, CALLRESULT, type Party } from "./wire-check.ts";

export interface SpokenFrame {
  /** ms since 1970, or since the start of a simulation. */
  t: number;
  /** Who sent it. */
  from: Party;
  text: string;
}

const LONGEST = 200;
/** Times below this are counted from the start of something, not from 1970. */
const EPOCH = Date.UTC(2000, 0, 1);
/** Requests whose answer never came are forgotten from this number on. */
const MOST_OPEN = 100;

/** One for each station: answers are named after their request, and energy is counted from the transaction's begin. */
export class FrameWords implements Speech {
  private readonly open = new Map<string, { action: string; request: Record<string, unknown> }>();
  private readonly startWh = new Map<string, number>();

  /** The line for a frame; frames must come in order. Never throws, whatever the text is. */
  line(frame: SpokenFrame): string {
    return `${clock(frame.t)} ${frame.from === "station" ? "->" : "<-"} ${this.said(frame)}`;
  }

  /** The line without its time and arrow. */
  said(frame: SpokenFrame): string {
    const text = masked(frame.text);
    let words: string;
    try {
      words = this.words({ ...frame, text });
    } catch {
      // Nested so deeply that no recursion gets to its end.
      words = text;
    }
    return shortened(clean(words));
  }

  /** Energy in kWh of a transaction, or null when its begin was not seen. */
  energy(transactionId: string, meterValue: unknown): string | null {
    const { firstRegisterWh, registerWh } = readMeterValues(meterValue);
    if (registerWh === null || firstRegisterWh === null) return null;
    const start = this.startWh.get(transactionId);
    return start === undefined ? `register ${kWh(registerWh)}` : kWh(registerWh - start);
  }

  begin(transactionId: string, startWh: number | null): void {
    if (startWh !== null) this.startWh.set(transactionId, startWh);
  }

  end(transactionId: string): void {
    this.startWh.delete(transactionId);
  }

  private words(frame: SpokenFrame): string {
    let parts: unknown;
    try {
      parts = JSON.parse(frame.text);
    } catch {
      return `not JSON: ${frame.text}`;
    }
    if (!Array.isArray(parts)) return `no OCPP frame: ${frame.text}`;
    const [type, id] = parts as unknown[];
    if (type === CALL) return this.request(frame.from, String(id), String(parts[2]), asObject(parts[3]) ?? {});
    if (type !== CALLRESULT && type !== CALLERROR) return `no OCPP frame: ${frame.text}`;
    const key = `${frame.from === "station" ? "csms" : "station"} ${id}`;
    const asked = this.open.get(key);
    this.open.delete(key);
    const name = asked?.action ?? `answer to unknown ${String(id)}`;
    if (type === CALLERROR) return `${name}: ERROR ${text(parts[2])}${parts[3] ? ` "${text(parts[3])}"` : ""}`;
    const result = asObject(parts[2]) ?? {};
    const said = ANSWERS.get(name)?.(result, asked?.request ?? {}, this) ?? fallback(result);
    return `${name}: ${said || "ok"}`;
  }

  private request(from: Party, id: string, action: string, request: Record<string, unknown>): string {
    if (this.open.size >= MOST_OPEN) this.open.clear();
    this.open.set(`${from} ${id}`, { action, request });
    const said = REQUESTS.get(action)?.(request, this) ?? fallback(request);
    return said ? `${action} ${said}` : action;
  }
}

export function kWh(wattHours: number): string {
  return `${(wattHours / 1000).toFixed(3)} kWh`;
}

/** UTC time of day, or seconds since the start. */
function clock(t: number): string {
  return t >= EPOCH ? new Date(t).toISOString().slice(11, 19) : `${(t / 1000).toFixed(1)} s`;
}

/** What comes from outside brings no control characters to the terminal and stays one line. */
export function clean(line: string): string {
  return line.replace(/[\p{Cc}\u2028\u2029]/gu, " ");
}

function shortened(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
