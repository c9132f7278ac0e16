/**
 * What a case works with: a station in the simulator and a CSMS of its own. Time moves when the case or an expectation lets it. Strict: each
 * CALL of the station must be expected, each answer belong to a call of the case, each frame be valid; `end` checks what is left.
 */
import assert from "node:assert/strict";
import { CallError, NO_ANSWER, type Handler, type Payload } from "../csms/csms.ts";
import { NO_CALL } from "../csms/wire-check.ts";
import type { StationState } from "../sim/sim.ts";
import type { CaseOptions } from "./case.ts";
import { anyOrder, judge, lineOf, optional, patternText, type Pattern, type Told } from "./lines.ts";
import { lineOf16 } from "./lines16.ts";
import { ID, openPlace, POLL_MS, Site, sleep, type EngineName } from "./site.ts";

export { CARD, ID, OTHER, type Card, type EngineName } from "./site.ts";

/**
 * Looks in a row without a new frame after which nothing more is expected before time moves on: the real engine takes some ms between an
 * answer and what it sends of its own behind it.
 */
const CALM_LOOKS = { node: 4, espruino: 10 };
const PATIENCE_MS = 3000;
/** Real ms that a busy machine gets before it is said that a frame never came. */
const GRACE_MS = 1500;
/** Simulated seconds that an expectation waits by itself. */
const WITHIN = 3;

export class Rig extends Site {
  /** CALLs of the station that no expectation has taken yet. */
  private waiting: Told[] = [];
  /** Answers of the station: id -> text, until a call takes them. */
  private readonly answers = new Map<string, { k: number; text: string }[]>();
  /** The last call of the CSMS, by action. */
  private readonly lastCall = new Map<string, { k: number; id: string }>();
  private calmLooks = 0;
  private seen = 0;
  private readonly transactions: string[] = [];
  /** CALLs that the CSMS does not answer at once. */
  private readonly late = new Set<string>();

  static async open(options: CaseOptions, engine: EngineName): Promise<Rig> {
    const rig = new Rig(await openPlace(options, engine));
    rig.calmLooks = CALM_LOOKS[engine];
    try {
      if (options.boot !== false && options.power !== false) await rig.booted();
      return rig;
    } catch (error) {
      await rig.close();
      throw error;
    }
  }

  /** Nothing unexpected is left, every frame was valid, transactions were in order. */
  async end(): Promise<void> {
    await this.silence(2);
    const answers = [...this.answers.values()].flat().map(({ text }) => text);
    assert.deepEqual(answers, [], "answers that belong to no call of the case");
    for (const csms of this.all) {
      const faults = csms.violations.filter(
        ({ dir, reason }) => dir === "in" && !(this.options.allowFaults && reason === NO_CALL),
      );
      assert.deepEqual(faults, [], "frames against the schema");
      if (!this.options.outOfOrder) assert.deepEqual(csms.findings, [], "transactions out of order");
    }
  }

  // --- what the station does ---

  /** The CALLs of the station that have come and were not expected so far are these; time moves on up to `within` seconds for it. */
  async expect(...patterns: Pattern[]): Promise<Told[]> {
    return this.expectWithin(WITHIN, ...patterns);
  }

  async expectWithin(within: number, ...patterns: Pattern[]): Promise<Told[]> {
    for (let second = 0; ; second++) {
      await this.quiet();
      let verdict = judge(
        patterns,
        this.waiting.map(({ line }) => line),
      );
      if (verdict === "begun" && second >= within) verdict = await this.afterAll(patterns);
      if (verdict === "all") return this.waiting.splice(0);
      if (verdict === "other" || second >= within) this.unexpected(patterns, second);
      await this.advance(1);
    }
  }

  private async afterAll(patterns: Pattern[]): Promise<"all" | "begun" | "other"> {
    for (const end = Date.now() + GRACE_MS; ;) {
      this.pull();
      const verdict = judge(
        patterns,
        this.waiting.map(({ line }) => line),
      );
      if (verdict !== "begun" || Date.now() > end) return verdict;
      await sleep(50);
    }
  }

  private unexpected(patterns: Pattern[], seconds: number): never {
    const got = this.waiting.splice(0).map(({ line }) => line);
    assert.fail(
      `expected${seconds > 0 ? ` within ${seconds} s` : ""}:\n    ${patternText(patterns) || "nothing"}\n  got:\n    ${got.join("\n    ") || "nothing"}`,
    );
  }

  /** A message in parts: CALLs of `action` alone, up to the one that has no `tbc`. */
  async parts(action: string, within = 60): Promise<Told[]> {
    for (let second = 0; ; second++) {
      await this.quiet();
      if (this.waiting.some((told) => told.action !== action)) this.unexpected([`${action} *`], second);
      if (this.waiting.length > 0 && this.waiting.at(-1)!.payload.tbc !== true) return this.waiting.splice(0);
      if (second >= within) this.unexpected([`${action} * (the last one)`], second);
      await this.advance(1);
    }
  }

  /** `seconds` pass in which the station sends nothing. */
  async silence(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.advance(1);
      if (i % 10 === 9) await this.expect();
    }
    await this.expect();
  }

  /** What the station sends in `seconds` is no matter to the case; it is given. */
  async pass(seconds: number): Promise<Told[]> {
    for (let i = 0; i < seconds; i++) {
      await this.advance(1);
      await this.look();
    }
    await this.quiet();
    return this.waiting.splice(0);
  }

  /**
   * The messages of a boot: `reason` (1.6 has none), the status of each connector (default Available; with 1.6 the whole station before them),
   * security events as A-10 allows.
   */
  async booted(reason = "PowerUp", ...statuses: string[]): Promise<Told[]> {
    const status = Array.from(
      { length: this.options.evses ?? 1 },
      (_, i) => `SN ${i + 1} ${statuses[i] ?? statuses[0] ?? "Available"}`,
    );
    if (this.speaks16) return this.expectWithin(30, "BootNotification", anyOrder("SN 0 Available", ...status));
    const security = ["SEN StartupOfTheDevice", "SEN ResetOrReboot", "SEN SettingSystemTime"].map(optional);
    return this.expectWithin(30, `BootNotification ${reason}`, anyOrder(...status, ...security));
  }

  private get speaks16(): boolean {
    return this.options.protocol === "ocpp1.6";
  }

  /** No frame is under way any more. */
  async quiet(): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    let last = -1;
    for (let calm = 0; calm < this.calmLooks && Date.now() < end;) {
      const { online } = await this.look();
      const k = this.station.frames(this.seen).at(-1)?.k ?? this.seen;
      calm = k === last && !(online && this.answerDue()) ? calm + 1 : 0;
      last = k;
      await sleep(POLL_MS);
    }
    this.pull();
  }

  /** The firmware looks at its connection between two answers on its link. */
  private look(): Promise<StationState> {
    return this.station.state();
  }

  /** Is the station's last CALL still to be answered by a CSMS that answers? */
  private answerDue(): boolean {
    if (this.stalled) return false;
    const frames = this.station.frames(Math.max(0, this.seen - 20));
    const call = frames.filter(({ dir, text }) => dir === "out" && text.startsWith("[2")).at(-1);
    if (!call) return false;
    const [, id] = JSON.parse(call.text) as string[];
    if (this.late.has(id)) return false;
    return !frames.some(({ k, dir, text }) => k > call.k && dir === "in" && !text.startsWith("[2") && text.includes(id));
  }

  private pull(): void {
    for (const { k, t, dir, text } of this.station.frames(this.seen)) {
      this.seen = k;
      if (dir === "in") {
        const [, , id, action] = /^\[2,("([^"]*)"),"([^"]*)"/.exec(text) ?? [];
        if (action !== undefined) this.lastCall.set(action, { k, id });
        continue;
      }
      const [type, id, action, payload] = JSON.parse(text) as [number, string, string, Payload];
      if (type !== 2) this.answers.set(id, [...(this.answers.get(id) ?? []), { k, text }]);
      else if (!this.options.tolerate?.includes(action)) {
        const line = this.speaks16 ? lineOf16(action, payload) : lineOf(action, payload, this.transactions);
        this.waiting.push({ k, t, id, action, payload, line });
      }
    }
  }

  // --- what the CSMS does ---

  /**
   * The CSMS calls; the answer must be `expected`: a status, one of several, or the whole payload. `statusInfo` may come with each. Nothing is
   * sent by the station between call and answer. Gives the answer.
   */
  async call(action: string, payload: Payload = {}, expected?: string | string[] | Payload): Promise<Payload> {
    await this.quiet();
    let answer: Payload;
    try {
      answer = await this.csms.call(ID, action, payload, { unchecked: true });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.takeAnswer(action);
      assert.fail(`${action} ${JSON.stringify(payload).slice(0, 200)}: expected ${JSON.stringify(expected)}, got ${error.code}`);
    }
    this.takeAnswer(action);
    if (expected === undefined) return answer;
    if (typeof expected === "string" || Array.isArray(expected)) {
      const { status } = answer;
      assert.ok([expected].flat().includes(String(status)), `${action}: status ${status}, not ${[expected].flat().join(" or ")}`);
    } else {
      const bare = { ...answer };
      if (!("statusInfo" in expected)) delete bare.statusInfo;
      assert.deepEqual(bare, expected, action);
    }
    return answer;
  }

  /** The CSMS calls; the answer is a CALLERROR with one of the codes. */
  async refused(action: string, payload: unknown, ...codes: string[]): Promise<void> {
    await this.quiet();
    let got: string;
    try {
      got = JSON.stringify(await this.csms.call(ID, action, payload as Payload, { unchecked: true }));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      got = error.code;
    }
    this.takeAnswer(action);
    assert.ok(codes.includes(got), `${action} ${JSON.stringify(payload).slice(0, 200)}: got ${got}, not ${codes.join(" or ")}`);
  }

  /** The answer to the last call of `action` leaves `answers`: exactly one, and nothing of the station's own before it. */
  private takeAnswer(action: string): void {
    this.pull();
    const call = this.lastCall.get(action);
    if (!call) return;
    const answers = this.answers.get(call.id) ?? [];
    this.answers.delete(call.id);
    if (answers.length === 0) return;
    assert.equal(answers.length, 1, `answers to ${action}: ${answers.map(({ text }) => text).join(" ")}`);
    if (this.options.crossing) return;
    const before = this.waiting.filter(({ k }) => k > call.k && k < answers[0].k);
    assert.deepEqual(
      before.map(({ line }) => line),
      [],
      `before the answer to ${action}`,
    );
  }

  /** Sends text as it is, and a request behind it; gives the answers that came before that one's: `type id code`. */
  async raw(text: string | string[]): Promise<string[]> {
    await this.quiet();
    const id = `barrier${this.seen}`;
    for (const part of [text].flat()) this.csms.raw(ID, part);
    const harmless = this.speaks16
      ? ["RemoteStopTransaction", { transactionId: 2147483647 }]
      : ["RequestStopTransaction", { transactionId: "none" }];
    this.csms.raw(ID, JSON.stringify([2, id, ...harmless]));
    await this.until(`an answer behind ${[text].flat().join(" ").slice(0, 100)}`, () => {
      this.pull();
      return this.answers.has(id);
    });
    this.answers.delete(id);
    const answers = [...this.answers.values()].flat().sort((a, b) => a.k - b.k);
    this.answers.clear();
    return answers.map((answer) => {
      const [type, ofId, code, description, details] = JSON.parse(answer.text) as [number, string, string, unknown, unknown];
      if (type === 4) {
        assert.ok(typeof description === "string" && description.length <= 255, "RPC-07: description");
        assert.deepEqual(details, {}, "RPC-07: details");
      }
      return type === 4 ? `4 ${ofId} ${code}` : `${type} ${ofId}`;
    });
  }

  /** Takes the answers to what the case sent past `call`; each of them looks so. */
  takeAnswers(like: RegExp): number {
    this.pull();
    const answers = [...this.answers.values()].flat().map(({ text }) => text);
    this.answers.clear();
    for (const text of answers) assert.match(text, like);
    return answers.length;
  }

  /** From now on the CSMS answers `action` so; fields that are not given are as by default. Gives the way back. */
  answer(action: string, answer: Payload | ((request: Payload) => Payload)): () => void {
    return this.csms.on(action, (request, { defaultAnswer }) => ({
      ...defaultAnswer(),
      ...(typeof answer === "function" ? answer(request) : answer),
    }));
  }

  /** From now on a handler of the case answers `action`, in its own time. */
  handle(action: string, handler: Handler): () => void {
    return this.csms.on(action, (request, context) => {
      this.late.add(context.messageId);
      return handler(request, context);
    });
  }

  /** From now on the CSMS leaves `action` without an answer. */
  mute(action: string): () => void {
    return this.handle(action, () => NO_ANSWER);
  }
}
