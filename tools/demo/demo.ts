/**
 * A car comes, a card is shown, the car charges and leaves: driven through the simulator's control interface, told in the
 * words of the frames. OCPP 2.0.1 Part 2, E02 (start), E06/E07 (stop by card), J02 (meter values).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readMeterValues } from "../csms/meter.ts";
import { asObject } from "../csms/schema.ts";
import { FrameWords, kWh } from "../csms/words.ts";
import { Control, type ControlFrame, type EvseState, type StationState } from "./control.ts";

/** Something that was expected did not happen; the message is one sentence. */
export class DemoFailed extends Error {}

export interface DemoOptions {
  control: Control;
  print(line: string): void;
  /** Frames are printed by somebody else. */
  quiet?: boolean;
  /** How long things may take, in ms. */
  patienceMs?: number;
  /** Simulated charging time. */
  minutes?: number;
  /** Real time for each simulated minute, for people who read along; default 0. */
  pauseMs?: number;
}

const CARD = "04A1B2C3";
const AMPS = 16;
const POLL_MS = 100;

/** A pace at which the frames can be read. */
export const READING_PAUSE_MS = 400;

/** The transaction as its frames tell it. */
interface Told {
  transactionId: string | null;
  events: { seqNo: number; eventType: string; timestamp: string }[];
  startWh: number | null;
  lastWh: number | null;
}

class Demo {
  private readonly words = new FrameWords();
  private readonly told: Told = { transactionId: null, events: [], startWh: null, lastWh: null };
  private readonly patienceMs: number;
  private evse = 1;

  constructor(private readonly options: DemoOptions) {
    this.patienceMs = options.patienceMs ?? 30_000;
  }

  async run(): Promise<string> {
    const { control, minutes = 10, pauseMs = 0 } = this.options;
    // What was sent before the demo is history, but the words need it.
    for (const frame of await control.frames()) this.inWords(frame);
    await this.until("the station is accepted by the CSMS", ({ online, registration }) => online && registration === "Accepted");
    await this.chooseEvse();
    await this.act(`a car is plugged in at EVSE ${this.evse}`, `/evse/${this.evse}/plug`);
    await this.act(`card ${CARD} is shown`, "/tap", { idToken: CARD, type: "ISO14443" });
    await this.act(`the car asks for ${AMPS} A`, `/evse/${this.evse}/ev`, { draw: true, amps: AMPS });
    await this.untilEvse(
      "a transaction runs and the contactor is closed",
      (evse) => evse.transactionId !== null && evse.contactor,
    );
    for (let minute = 1; minute <= minutes; minute++) {
      await sleep(pauseMs);
      await control.post("/clock", { advance: 60 });
      await this.frames();
    }
    this.say(`${minutes} minutes later`);
    await this.act(`card ${CARD} is shown again`, "/tap", { idToken: CARD, type: "ISO14443" });
    await this.untilEvse("the transaction has ended", (evse) => evse.transactionId === null && !evse.contactor);
    await this.act("the car stops asking", `/evse/${this.evse}/ev`, { draw: false });
    await this.untilEvse("the socket is unlocked", (evse) => !evse.locked);
    await this.act("the cable is pulled out", `/evse/${this.evse}/unplug`);
    await this.untilEvse("the EVSE is available again", (evse) => evse.status === "Available");
    await this.until("all events are delivered", ({ queue }) => queue.events === 0);
    return this.summary();
  }

  private say(sentence: string): void {
    this.options.print(`** ${sentence}`);
  }

  private async act(sentence: string, path: string, body: object = {}): Promise<void> {
    this.say(sentence);
    await this.options.control.post(path, body);
    await this.frames();
  }

  private async frames(): Promise<void> {
    for (const frame of await this.options.control.frames()) {
      const line = this.inWords(frame);
      if (!this.options.quiet) this.options.print(line);
      this.note(frame);
    }
  }

  private inWords({ t, dir, text }: ControlFrame): string {
    return this.words.line({ t, from: dir === "out" ? "station" : "csms", text });
  }

  /** Keeps what the summary needs. */
  private note({ dir, text }: ControlFrame): void {
    if (dir !== "out") return;
    const [, , action, payload] = JSON.parse(text) as unknown[];
    const request = asObject(payload);
    if (action !== "TransactionEvent" || !request) return;
    const id = String(asObject(request.transactionInfo)?.transactionId);
    this.told.transactionId ??= id;
    if (id !== this.told.transactionId) return;
    const { seqNo, eventType, timestamp } = request;
    this.told.events.push({ seqNo: Number(seqNo), eventType: String(eventType), timestamp: String(timestamp) });
    const { firstRegisterWh, registerWh } = readMeterValues(request.meterValue);
    this.told.startWh ??= firstRegisterWh;
    this.told.lastWh = registerWh ?? this.told.lastWh;
  }

  private async until(what: string, condition: (state: StationState) => boolean): Promise<StationState> {
    const end = Date.now() + this.patienceMs;
    for (;;) {
      const state = await this.options.control.state();
      await this.frames();
      if (condition(state)) return state;
      if (Date.now() > end) throw new DemoFailed(`not within ${this.patienceMs / 1000} s: ${what}`);
      await sleep(POLL_MS);
    }
  }

  private async untilEvse(what: string, condition: (evse: EvseState) => boolean): Promise<void> {
    await this.until(what, ({ evses }) => evses.some((evse) => evse.id === this.evse && condition(evse)));
  }

  private async chooseEvse(): Promise<void> {
    const { evses } = await this.options.control.state();
    const free = evses.find(({ plugged, transactionId, status }) => !plugged && transactionId === null && status === "Available");
    if (!free) throw new DemoFailed("no EVSE is available for the demo: unplug a car first");
    this.evse = free.id;
  }

  private summary(): string {
    const { transactionId, events, startWh, lastWh } = this.told;
    if (transactionId === null) throw new DemoFailed("no TransactionEvent was seen");
    // A repeated event counts once.
    const numbers = [...new Set(events.map(({ seqNo }) => seqNo))];
    const gap = numbers.findIndex((seqNo, index) => seqNo !== index);
    if (gap >= 0) throw new DemoFailed(`transaction ${transactionId}: seqNo ${gap} is missing`);
    const first = events[0]!;
    const last = events.at(-1)!;
    if (first.eventType !== "Started") throw new DemoFailed(`transaction ${transactionId} begins with ${first.eventType}`);
    if (last.eventType !== "Ended") throw new DemoFailed(`transaction ${transactionId} has no Ended`);
    if (startWh === null || lastWh === null) throw new DemoFailed(`transaction ${transactionId} has no meter values`);
    const seconds = Math.round((Date.parse(last.timestamp) - Date.parse(first.timestamp)) / 1000);
    const duration = `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    return `transaction ${transactionId}: ${kWh(lastWh - startWh)}, ${numbers.length} events, ${duration}`;
  }
}

/** Runs the demo and returns its summary line; throws DemoFailed, Refused or Unreachable. */
export function runDemo(options: DemoOptions): Promise<string> {
  return new Demo(options).run();
}
