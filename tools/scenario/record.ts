/**
 * Records what is done to a station and what it does as a scenario file that replays on both engines. Inputs come from the
 * control interface, requests of the CSMS and everything else from the frames; time is counted in the station's ticks.
 *
 * What differs from run to run is left out: times, meter values, sequence numbers (the rules at the end of a scenario
 * check those) and messages that only tell that time has passed. Transactions are named $tx1, $tx2 …
 */
import { stringify } from "yaml";
import { isCrossingCall, type Profile } from "../csms/profile.ts";
import { payloadFault, PROTOCOLS } from "../csms/schema.ts";
import type { Frame, Station, StationOptions, StationState } from "../sim/sim.ts";
import type { FramePattern, Scenario, Step } from "./file.ts";

type Json = Record<string, unknown>;

export interface RecorderOptions {
  title?: string;
  station?: Scenario["station"];
  csms?: Scenario["csms"];
}

/** Simulated seconds that a frame may be later than it was. */
const SLACK = 60;
/** Members that differ from run to run. */
const VOLATILE = new Set([
  "timestamp",
  "currentTime",
  "meterValue",
  "seqNo",
  "timeSpentCharging",
  "generatedAt",
  "techInfo",
  "chargingStation",
  "reportData",
  "eventData",
  "numberOfPhasesUsed",
  "cableMaxCurrent",
  "statusInfo",
]);
const DATE = /^\d{4}-\d\d-\d\dT/;
/** Calls of the control interface that are no input of the station: time is counted in ticks. */
const NO_INPUT = ["/clock"];

/** It cannot begin now; the message says why. */
export class CannotRecord extends Error {}

export class Recorder {
  private steps: Step[] | null = null;
  private expected: FramePattern[] = [];
  private ticks = 0;
  /** How the CSMS behaves, as far as it was said. */
  private behaviour: Profile | null = null;
  /** Names of transactions by their ids. */
  private readonly names = new Map<string, string>();
  /** Requests of the CSMS that wait for their answer, by message id. */
  private readonly asked = new Map<string, Step>();

  /** Adds `POST /page/record` to the control interface. */
  constructor(
    private readonly station: Station,
    private readonly options: RecorderOptions = {},
  ) {
    station.onFrame((frame) => this.frame(frame));
    station.onPost((path, body, answer) => {
      if (this.steps === null || NO_INPUT.includes(path)) return;
      const step: Step = { post: path, ...(isEmpty(body) ? {} : { body: body as Json }) };
      this.stimulus(step);
      void answer.then(({ status }) => {
        if (status !== 200) step.status = status;
      });
    });
    station.serve("/page/record", (body) => this.call(body));
  }

  get recording(): boolean {
    return this.steps !== null;
  }

  /** `{"on":true}`, `{"on":false}` or `{}`; never throws. */
  async call(body: unknown): Promise<{ status: number; body: object }> {
    const { on } = (typeof body === "object" && body !== null ? body : {}) as Json;
    if (on !== undefined && typeof on !== "boolean") return { status: 400, body: { error: `"on" is to be true or false` } };
    try {
      if (on === true && !this.recording) this.begin(await this.station.state());
      if (on === false && this.recording) {
        const steps = this.count();
        const text = this.end();
        const name = `recorded-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}.yaml`;
        return { status: 200, body: { recording: false, steps, name, text } };
      }
      return { status: 200, body: { recording: this.recording, steps: this.count() } };
    } catch (error) {
      if (!(error instanceof CannotRecord)) throw error;
      return { status: 409, body: { error: error.message } };
    }
  }

  /** Begins with a station that is at rest: what is plugged in is noted, a running transaction cannot be. Throws CannotRecord. */
  begin(state?: StationState): void {
    const running = state?.evses.find(({ transactionId }) => transactionId !== null);
    if (running) throw new CannotRecord(`a recording begins without a transaction; EVSE ${running.id} has one`);
    this.names.clear();
    this.asked.clear();
    this.expected = [];
    this.steps = [];
    this.ticks = this.station.ticks();
    if (this.behaviour && this.behaviour.name !== "accept") this.steps.push(profileStep(this.behaviour));
    if (!state) return;
    if (state.powered) this.steps.push({ registered: true });
    for (const { id, plugged, pilot } of state.evses) {
      if (plugged) this.steps.push({ post: `/evse/${id}/plug` });
      if (pilot === "C") this.steps.push({ post: `/evse/${id}/ev`, body: { draw: true } });
    }
    if (state.evses.some(({ plugged }) => plugged)) this.steps.push({ settled: true });
  }

  /** The scenario as text. */
  end(): string {
    this.passed();
    const steps = this.steps ?? [];
    this.steps = null;
    // A scenario that waits for nothing at its end would not see what its last step causes.
    if (steps.length === 0) steps.push({ settled: true });
    const { title = `Recorded on ${new Date().toISOString().slice(0, 16).replace("T", " ")}`, station, csms } = this.options;
    const scenario: Scenario = { title, ...(station && { station }), ...(csms && { csms }), steps };
    return stringify(scenario, { lineWidth: 130, flowCollectionPadding: false, aliasDuplicateObjects: false });
  }

  /** The CSMS behaves otherwise from now on. */
  profile(profile: Profile): void {
    this.behaviour = profile;
    if (this.steps !== null) this.stimulus(profileStep(profile));
  }

  private count(): number {
    return (this.steps?.length ?? 0) + (this.expected.length > 0 ? 1 : 0);
  }

  private stimulus(step: Step): void {
    this.passed();
    this.steps!.push(step);
  }

  /** Puts down what has happened since the last input. */
  private passed(): void {
    const seconds = this.station.ticks() - this.ticks;
    this.ticks += seconds;
    if (seconds > 0) this.steps!.push({ advance: seconds });
    if (this.expected.length > 0) this.steps!.push({ expect: this.expected, within: SLACK });
    this.expected = [];
  }

  private frame({ dir, text }: Frame): void {
    if (this.steps === null) return;
    let parts: unknown;
    try {
      parts = JSON.parse(text);
    } catch {
      parts = null;
    }
    if (!Array.isArray(parts)) return;
    const [type, id, third, fourth] = parts as unknown[];
    if (dir === "in") {
      if (type === 2) this.request(String(id), String(third), fourth);
    } else if (type === 2) this.sent(String(third), fourth);
    else this.answer(String(id), type, third);
  }

  private request(id: string, action: string, payload: unknown): void {
    if (this.behaviour?.name === "hostile" && isCrossingCall(action, payload)) return;
    const valid = PROTOCOLS.some((protocol) => payloadFault(protocol, action, "req", payload) === null);
    const step: Step = { call: action, payload: this.named(payload ?? {}) as Json, ...(valid ? {} : { unchecked: true }) };
    this.asked.set(id, step);
    this.stimulus(step);
  }

  private answer(id: string, type: unknown, content: unknown): void {
    const step = this.asked.get(id);
    this.asked.delete(id);
    if (!step) return;
    if (type === 4) step.error = String(content);
    else step.answer = this.stable(content) as Json;
  }

  private sent(action: string, payload: unknown): void {
    const { triggerReason, transactionInfo } = payload as {
      triggerReason?: string;
      transactionInfo?: { transactionId?: string };
    };
    if (["Heartbeat", "MeterValues"].includes(action)) return;
    const id = transactionInfo?.transactionId;
    if (id !== undefined && !this.names.has(id)) this.names.set(id, `$tx${this.names.size + 1}`);
    if (["MeterValuePeriodic", "MeterValueClock"].includes(triggerReason ?? "")) return;
    const kept = this.stable(payload) as Json;
    this.expected.push({ sends: action, ...(isEmpty(kept) ? {} : { payload: kept }) });
  }

  /** Without what differs from run to run. */
  private stable(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((part) => this.stable(part));
    if (typeof value !== "object" || value === null) return this.named(value);
    const kept = Object.entries(value).filter(
      ([name, part]) => !VOLATILE.has(name) && !(typeof part === "string" && DATE.test(part)),
    );
    return Object.fromEntries(kept.map(([name, part]) => [name, this.stable(part)]));
  }

  /** With the names of transactions in place of their ids. */
  private named(value: unknown): unknown {
    if (typeof value === "string") return this.names.get(value) ?? value;
    if (Array.isArray(value)) return value.map((part) => this.named(part));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.named(part)]));
  }
}

function profileStep({ name, seconds }: Profile): Step {
  return { profile: name, ...(name === "slow" && { seconds }) };
}

/** What a scenario says of the station, from the options that it was started with; a password stays out of the file. */
export function recordedOptions({ evses, fixedCable, protocol, set }: StationOptions): Scenario["station"] {
  const cable = fixedCable === undefined ? undefined : fixedCable ? "fixed" : "socket";
  const given = { evses, cable, protocol, set } as const;
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return Object.keys(known).length > 0 ? known : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
}
