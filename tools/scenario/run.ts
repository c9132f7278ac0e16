/**
 * Runs a scenario: step by step until one fails.
 */
import { CallError, NO_ANSWER, rpcError, type Payload } from "../csms/csms.ts";
import { ACCEPT, applyProfile, type Profile, type ProfileName } from "../csms/profile.ts";
import { FrameWords } from "../csms/words.ts";
import { NotSeen } from "../sim/charger.ts";
import type { Frame } from "../sim/sim.ts";
import { Bench, type EngineName } from "./bench.ts";
import type { FramePattern, Scenario, Step } from "./file.ts";
import { filled, mismatch, shown, Unbound, type Bindings } from "./match.ts";
import { frameWords, stepWords } from "./words.ts";

export type { EngineName } from "./bench.ts";

export interface StepResult {
  /** 1 for the first; the judgement at the end has the number after the last step. */
  number: number;
  words: string;
  passed: boolean;
  /** Why it failed; or what is worth telling of a step that passed. */
  detail: string;
}

export interface Outcome {
  passed: boolean;
  results: StepResult[];
}

export interface RunOptions {
  engine?: EngineName;
  /** Hears of each step as it ends. */
  told?(result: StepResult): void;
  /** The bench is there, nothing has been done. */
  opened?(bench: Bench): void;
  /** A profile of the CSMS has been chosen. */
  profileChosen?(profile: Profile): void;
}

/** Simulated seconds in which a station is accepted, or has delivered everything. */
const REGISTER_WITHIN = 60;
const SETTLE_WITHIN = 120;
/** Frames that are shown when an expectation fails. */
const MOST_SHOWN = 12;

/** The step did not pass; the message says why. */
class Failed extends Error {}

export async function runScenario(scenario: Scenario, options: RunOptions = {}): Promise<Outcome> {
  const bench = await Bench.open(scenario, options.engine ?? "node");
  const results: StepResult[] = [];
  const tell = (result: StepResult): void => {
    results.push(result);
    options.told?.(result);
  };
  try {
    options.opened?.(bench);
    const run = new Run(bench, options);
    for (const [index, step] of scenario.steps.entries()) {
      const result = { number: index + 1, words: stepWords(step), passed: true, detail: "" };
      try {
        await run.step(step);
      } catch (error) {
        if (!(error instanceof Failed || error instanceof Unbound || error instanceof NotSeen)) throw error;
        const log = error instanceof NotSeen ? bench.engineLog.slice(-MOST_SHOWN).map((line) => `\n        ${line}`) : [];
        tell({ ...result, passed: false, detail: error.message + log.join("") });
        return { passed: false, results };
      }
      tell(result);
    }
    if (!scenario.lenient) tell({ number: scenario.steps.length + 1, ...judged(bench) });
    return { passed: results.every(({ passed }) => passed), results };
  } finally {
    await bench.close();
  }
}

function judged({ csms }: Bench): Omit<StepResult, "number"> {
  const faults = [
    ...csms.violations.filter(({ dir }) => dir === "in").map(({ reason, text }) => `${reason}: ${text.slice(0, 200)}`),
    ...csms.findings.map(({ text }) => text),
  ];
  const words = "every frame is valid, every transaction in order";
  return { words, passed: faults.length === 0, detail: faults.slice(0, 5).join("; ") };
}

class Run {
  private readonly bindings: Bindings = new Map();
  /** Number of the frame that the last expectation ended with. */
  private cursor = 0;

  constructor(
    private readonly bench: Bench,
    private readonly options: RunOptions,
  ) {}

  async step(step: Step): Promise<void> {
    const { bench } = this;
    if (step.post !== undefined) return this.post(step, step.post);
    if (step.call !== undefined) return this.call(step, step.call);
    if (step.send !== undefined) return bench.csms.raw(bench.identity, step.send);
    if (step.profile !== undefined) return this.profile(step, step.profile as ProfileName);
    if (step.handle !== undefined) return this.handle(step, step.handle);
    if (step.advance !== undefined) {
      await bench.advance(step.advance);
      return bench.quiet();
    }
    if (step.registered) return this.until(REGISTER_WITHIN, async () => (await bench.state()).registration === "Accepted");
    if (step.settled) {
      return this.until(SETTLE_WITHIN, async () => {
        await bench.quiet();
        const { online, queue } = await bench.state();
        return online && queue.events === 0;
      });
    }
    if (step.expect) {
      for (const pattern of step.expect) await this.frame(pattern, step.within ?? 0);
      return;
    }
    return this.state(step.state ?? {}, step.within ?? 0);
  }

  private async until(seconds: number, condition: () => Promise<boolean>): Promise<void> {
    if (await this.bench.within(seconds, condition)) return;
    throw new Failed(`not within ${seconds} simulated seconds; the state is ${JSON.stringify(await this.bench.state())}`);
  }

  private async post({ body = {}, status = 200 }: Step, path: string): Promise<void> {
    const answer = await this.bench.station.post(path, filled(body, this.bindings) as object);
    if (answer.status !== status) throw new Failed(`answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
    await this.bench.quiet();
  }

  private async call(step: Step, action: string): Promise<void> {
    const { csms, identity } = this.bench;
    const payload = filled(step.payload ?? {}, this.bindings) as Payload;
    let result: Payload;
    try {
      result = await csms.call(identity, action, payload, { unchecked: step.unchecked === true });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.code === step.error) return this.bench.quiet();
      throw new Failed(`it is answered with ${error.code}: ${error.message}`);
    }
    if (step.error !== undefined) throw new Failed(`${step.error} was expected, the answer is ${shown(result)}`);
    const difference = mismatch(step.answer ?? {}, result, this.bindings);
    if (difference !== null) throw new Failed(`in the answer ${difference}`);
    await this.bench.quiet();
  }

  private profile({ seconds = ACCEPT.seconds }: Step, name: ProfileName): void {
    applyProfile(this.bench.csms, { name, seconds });
    this.options.profileChosen?.({ name, seconds });
  }

  private handle(step: Step, action: string): void {
    let left = step.times ?? Infinity;
    const over = filled(step.with ?? {}, this.bindings) as Payload;
    const undo = this.bench.csms.on(action, (_request, { defaultAnswer }) => {
      if (--left <= 0) undo();
      if (step.silent) return NO_ANSWER;
      if (step.error !== undefined) throw rpcError(step.error);
      return { ...defaultAnswer(), ...over };
    });
  }

  private async state(wanted: object, within: number): Promise<void> {
    let difference: string | null = null;
    const matches = async (): Promise<boolean> => {
      difference = mismatch(wanted, await this.bench.state(), this.bindings);
      return difference === null;
    };
    if (!(await this.bench.within(within, matches))) throw new Failed(String(difference));
  }

  private async frame(pattern: FramePattern, within: number): Promise<void> {
    const found = (): boolean => {
      const match = this.calls().find((call) => this.differs(pattern, call) === null);
      if (match) this.cursor = match.k;
      return match !== undefined;
    };
    if (await this.bench.within(within, found)) return;
    throw new Failed(this.missing(pattern));
  }

  /** The CALLs behind the cursor with their answers. */
  private calls(): Call[] {
    const frames = this.bench.station.frames(this.cursor);
    return frames.flatMap((frame) => {
      const parts = parsed(frame);
      if (parts?.[0] !== 2) return [];
      const answer = frames.map(parsed).find((other, at) => {
        return frames[at].dir !== frame.dir && frames[at].k > frame.k && other?.[0] === 3 && other[1] === parts[1];
      });
      return [{ k: frame.k, dir: frame.dir, action: parts[2], payload: parts[3], answer: answer?.[2] }];
    });
  }

  private differs({ sends, receives, payload = {}, answered }: FramePattern, call: Call): string | null {
    if (call.dir !== (sends === undefined ? "in" : "out") || call.action !== (sends ?? receives)) return "another action";
    const trial = new Map(this.bindings);
    const difference = mismatch(payload, call.payload, trial) ?? (answered ? mismatch(answered, call.answer, trial) : null);
    if (difference === null) for (const [name, value] of trial) this.bindings.set(name, value);
    return difference;
  }

  private missing(pattern: FramePattern): string {
    const named = this.calls().filter(
      ({ action, dir }) => action === (pattern.sends ?? pattern.receives) && (dir === "out") === (pattern.sends !== undefined),
    );
    const reasons = named.slice(0, 3).map((call) => `in #${call.k} ${this.differs(pattern, call)}`);
    const words = new FrameWords();
    const lines = this.bench.station.frames().map((frame) => ({
      k: frame.k,
      line: `#${frame.k} ${words.line({ ...frame, from: frame.dir === "out" ? "station" : "csms" })}`,
    }));
    const since = lines
      .filter(({ k }) => k > this.cursor)
      .slice(0, MOST_SHOWN)
      .map(({ line }) => `\n        ${line}`);
    const what = `${frameWords(pattern)}: not among the frames${this.cursor ? ` after #${this.cursor}` : ""}`;
    return `${what}${reasons.length ? ` (${reasons.join("; ")})` : ""}${since.length ? `:${since.join("")}` : ", there are none"}`;
  }
}

interface Call {
  k: number;
  dir: "in" | "out";
  action: unknown;
  payload: unknown;
  answer: unknown;
}

function parsed({ text }: Frame): unknown[] | null {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : null;
  } catch {
    return null;
  }
}
