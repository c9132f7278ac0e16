/**
 * The command panel: a form for each request that the chosen station may receive, the payload as JSON beside it, judged by
 * the schema before it is sent, and the station's answer.
 */
import { button, byId, element, say, toast } from "../shared/elements.ts";
import { payload as pretty } from "../shared/pretty.ts";
import { get, post, type StationDetail, type StationSummary } from "./link.ts";
import { sample, USUAL, type Known, type Schema } from "./sample.ts";
import { SchemaForm } from "./schema-form.ts";

type Payload = Record<string, unknown>;
interface Fault {
  code: string;
  text: string;
}
interface CallAnswer {
  result?: unknown;
  error?: { code: string; description: string; details: unknown };
  fault?: Fault;
}

/** ms after the last key until the payload is judged. */
const CHECK_PAUSE = 200;
/** Answers that stay in sight. */
const MOST_ANSWERS = 5;

export class Command {
  private readonly action = element("select", { id: "command-action" });
  private readonly box = element("div", { class: "form-box" });
  private readonly text = element("textarea", {
    id: "command-json",
    rows: 8,
    spellcheck: "false",
    "aria-label": "Payload as JSON",
  });
  private readonly fault = element("p", { id: "command-fault", class: "verdict", role: "status" });
  private readonly answers = element("div", { id: "command-answers", class: "answers", role: "log", "aria-label": "Answers" });
  private readonly send: HTMLButtonElement;
  private readonly anyway: HTMLButtonElement;
  private readonly schemas = new Map<string, Record<string, Schema>>();
  private form: SchemaForm | null = null;
  private station: StationSummary | null = null;
  private detail: StationDetail | null = null;
  private shownProtocol = "";
  private number = 0;
  private timer = 0;
  private checks = 0;
  private url = "";
  /** Of the CSMS's clock against this one, ms. */
  private ahead = 0;

  constructor(root: HTMLElement) {
    this.send = button("Send", () => void this.submit(false), { class: "primary", id: "command-send" });
    this.anyway = button("Send anyway", () => void this.submit(true), { class: "danger", id: "command-anyway", hidden: true });
    const anew = button("Fill in anew", () => this.fill());
    root.append(
      element("div", { class: "row pick" }, element("label", { for: "command-action" }, "Request"), this.action, anew),
      this.box,
      element("details", { class: "json" }, element("summary", {}, "Payload as JSON"), this.text),
      this.fault,
      element("div", { class: "row" }, this.send, this.anyway),
      this.answers,
      element("datalist", { id: "known-tokens" }),
      element("datalist", { id: "known-transactions" }),
    );
    this.action.addEventListener("change", () => this.rebuild());
    this.text.addEventListener("input", () => this.fromText());
    this.update(null, null);
  }

  /** What the CSMS says of itself. */
  csms(url: string, now: number): void {
    this.url = url;
    this.ahead = now - Date.now();
  }

  /** The station that commands go to, and what is known of it. */
  update(station: StationSummary | null, detail: StationDetail | null): void {
    this.station = station;
    this.detail = detail;
    say(
      byId("command-station"),
      station ? `to ${station.identity}${station.online ? "" : ", which is offline"}` : "no station has connected yet",
    );
    this.send.disabled = !station?.online;
    this.anyway.disabled = !station?.online;
    options("known-tokens", detail?.tokens ?? []);
    options("known-transactions", [...(station?.running ?? [])].reverse());
    if (station?.protocol && station.protocol !== this.shownProtocol) void this.show(station.protocol);
  }

  /** Shows the form of that request, filled in; with `payload` instead of an example when there is one. */
  open(action: string, payload?: Payload): void {
    if (!this.pick(action, payload)) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    byId("command").scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
    this.send.focus({ preventScroll: true });
  }

  /** The same, sent at once; what the station has against it is said wherever the page is. */
  async call(action: string, payload?: Payload): Promise<void> {
    if (!this.pick(action, payload)) return;
    const refusal = await this.submit(false);
    if (refusal !== null) toast(`${action}: ${refusal}`);
  }

  private pick(action: string, payload?: Payload): boolean {
    if (![...this.action.options].some(({ value }) => value === action)) return false;
    this.action.value = action;
    this.rebuild(payload);
    return true;
  }

  private known(): Known {
    const running = this.station?.running.at(-1) ?? null;
    const evse = this.detail?.transactions.find(({ id }) => id === running)?.evse;
    return {
      transactionId: running,
      idToken: this.detail?.tokens[0] ?? "04A1B2C3",
      evse: evse || 1,
      now: Date.now() + this.ahead,
      number: this.number + 1,
      url: this.url,
    };
  }

  private async show(protocol: string): Promise<void> {
    this.shownProtocol = protocol;
    let schemas = this.schemas.get(protocol);
    if (!schemas) {
      schemas = await get<Record<string, Schema>>("/api/requests", { protocol });
      this.schemas.set(protocol, schemas);
    }
    if (this.shownProtocol !== protocol) return;
    const names = Object.keys(schemas);
    const usual = USUAL.filter((name) => names.includes(name));
    const group = (label: string, members: string[]): HTMLElement =>
      element("optgroup", { label }, ...members.map((name) => element("option", { value: name }, name)));
    const before = this.action.value;
    const others = names.filter((name) => !usual.includes(name));
    this.action.replaceChildren(group("Usual", usual), group("All others", others));
    this.action.value = names.includes(before) ? before : usual[0];
    this.rebuild();
  }

  private rebuild(payload?: Payload): void {
    const schema = this.schemas.get(this.shownProtocol)?.[this.action.value];
    if (!schema) return;
    this.form = new SchemaForm(
      schema,
      () => this.known(),
      () => this.fromForm(),
    );
    this.box.replaceChildren(this.form.root);
    this.fill(payload);
  }

  private fill(payload?: Payload): void {
    const schema = this.schemas.get(this.shownProtocol)?.[this.action.value];
    if (!schema || !this.form) return;
    this.form.set(payload ?? sample(this.action.value, schema, this.known()));
    this.fromForm();
  }

  private fromForm(): void {
    this.text.value = JSON.stringify(this.form?.get() ?? {}, null, 2);
    this.judgeLater();
  }

  private fromText(): void {
    const payload = this.payload();
    if (payload) this.form?.set(payload);
    this.judgeLater();
  }

  /** null: the text is no JSON object. */
  private payload(): Payload | null {
    try {
      const value: unknown = JSON.parse(this.text.value);
      return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Payload) : null;
    } catch {
      return null;
    }
  }

  private judgeLater(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.judge(), CHECK_PAUSE);
  }

  private async judge(): Promise<void> {
    const check = ++this.checks;
    const payload = this.payload();
    if (!payload) return this.blame({ code: "", text: "The payload is no JSON object." }, false);
    try {
      const body = { protocol: this.shownProtocol, action: this.action.value, payload };
      const { fault } = await post<{ fault: Fault | null }>("/api/check", body);
      if (check === this.checks) this.blame(fault, true);
    } catch (error) {
      if (check === this.checks) this.blame({ code: "", text: (error as Error).message }, false);
    }
  }

  private blame(fault: Fault | null, sendable: boolean): void {
    this.fault.className = `verdict ${fault ? "bad" : "good"}`;
    say(this.fault, fault ? `⚠ ${fault.code ? `${fault.code}: ` : ""}${fault.text}` : "✓ The schema has nothing against it.");
    this.anyway.hidden = !fault || !sendable;
  }

  /** null: the station has done what it was asked for. */
  private async submit(unchecked: boolean): Promise<string | null> {
    const payload = this.payload();
    if (!payload || !this.station) {
      await this.judge();
      return this.fault.textContent;
    }
    const { identity } = this.station;
    const action = this.action.value;
    const began = performance.now();
    const status = element("span", { class: "chip" }, "waiting …");
    const entry = element("section", { class: "answer" }, element("h3", {}, `${action} to ${identity} `, status));
    this.answers.prepend(entry);
    while (this.answers.children.length > MOST_ANSWERS) this.answers.lastElementChild?.remove();
    try {
      const answer = await post<CallAnswer>("/api/call", { station: identity, action, payload, unchecked });
      if (answer.fault) {
        entry.remove();
        this.blame(answer.fault, true);
        this.anyway.focus();
        return answer.fault.text;
      }
      this.number++;
      const ms = `after ${Math.round(performance.now() - began)} ms`;
      if (answer.error) {
        status.className = "chip bad";
        say(status, `${answer.error.code}, ${ms}`);
        if (answer.error.description) entry.append(element("p", {}, answer.error.description));
        return answer.error.code;
      }
      const verdict = (answer.result as { status?: unknown }).status;
      const refused = typeof verdict === "string" && !["Accepted", "Unlocked", "Scheduled", "RebootRequired"].includes(verdict);
      status.className = `chip ${refused ? "warn" : "good"}`;
      say(status, `${typeof verdict === "string" ? verdict : "answered"}, ${ms}`);
      entry.append(pretty(JSON.stringify(answer.result)));
      return refused ? verdict : null;
    } catch (error) {
      status.className = "chip bad";
      say(status, (error as Error).message);
      return (error as Error).message;
    }
  }
}

function options(id: string, values: string[]): void {
  const list = byId(id);
  const known = [...list.children].map((child) => child.getAttribute("value"));
  if (known.join("\n") === values.join("\n")) return;
  list.replaceChildren(...values.map((value) => element("option", { value })));
}
