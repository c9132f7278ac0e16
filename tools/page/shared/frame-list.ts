/**
 * The list of frames: search, filters, rows, and the payloads of the chosen one. Only the rows in view are elements, so thousands of frames and
 * hundreds a second cost little.
 */
import { button, clockTime, element, say } from "./elements.ts";
import { matches, type Filter, type Frame, type FrameNote, type FrameStore, type ListedFrame } from "./frames.ts";
import { payload } from "./pretty.ts";

/** ms between two drawings. */
const PAUSE = 80;
/** Rows drawn beyond the view. */
const MARGIN = 6;
const ERROR = 4;

export interface FrameListLabels {
  /** Title of the frames that leave the station, and of those that come. */
  out: string;
  in: string;
  /** What to say while there are no frames. */
  empty: string;
}

export class FrameList {
  readonly root = element("div", { class: "frames" });
  private readonly view = element("div", { class: "frames-view", role: "listbox", tabindex: 0, "aria-label": "Messages" });
  private readonly all = element("div", { class: "frames-all" });
  private readonly empty = element("div", { class: "frames-empty" });
  private readonly detail = element("div", { class: "frame-detail", hidden: true, tabindex: 0, role: "region" });
  private readonly count = element("span", { class: "quiet" });
  private readonly search = element("input", { type: "search", placeholder: "Search", "aria-label": "Search in messages" });
  private readonly direction = element("select", { "aria-label": "Direction" });
  private readonly action = element("select", { "aria-label": "Kind of message" });
  private readonly faults = element("input", { type: "checkbox" });
  private readonly follow: HTMLButtonElement;
  private shown: ListedFrame[] = [];
  private rows: HTMLElement[] = [];
  private chosen = 0;
  private following = true;
  private timer = 0;

  constructor(
    private readonly store: FrameStore,
    private readonly labels: FrameListLabels,
  ) {
    this.direction.append(
      element("option", { value: "" }, "Both directions"),
      element("option", { value: "out" }, `→ ${labels.out}`),
      element("option", { value: "in" }, `← ${labels.in}`),
    );
    this.action.append(element("option", { value: "" }, "All kinds"));
    this.follow = button("Newest", () => this.setFollowing(true), {
      "aria-pressed": "true",
      title: "Go to the newest and stay there",
    });
    const faultsOnly = element("label", { class: "field" }, this.faults, "Faults only");
    this.view.append(this.all, this.empty);
    this.root.append(
      element("div", { class: "frames-tools" }, this.search, this.direction, this.action, faultsOnly, this.follow, this.count),
      this.view,
      this.detail,
    );
    for (const field of [this.search, this.direction, this.action, this.faults]) {
      field.addEventListener("input", () => this.refilter());
    }
    this.view.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.view.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.view);
  }

  add(frames: readonly Frame[]): void {
    const known = this.store.actions.size;
    const { added, dropped } = this.store.add(frames);
    if (this.store.actions.size !== known) this.listActions();
    if (dropped > 0) {
      const before = this.shown.length;
      this.refilter();
      if (!this.following) this.view.scrollTop -= (before + added.length - this.shown.length) * this.rowHeight;
      return;
    }
    const { filter } = this;
    for (const frame of added) if (matches(frame, filter)) this.shown.push(frame);
    this.later();
  }

  note(notes: readonly FrameNote[]): void {
    this.store.note(notes);
    const { search, faultsOnly } = this.filter;
    if (search !== "" || faultsOnly) this.refilter();
    else this.later();
  }

  clear(): void {
    this.store.clear();
    this.choose(0);
    this.refilter();
  }

  private get filter(): Filter {
    return {
      search: this.search.value,
      dir: this.direction.value as Filter["dir"],
      action: this.action.value,
      faultsOnly: this.faults.checked,
    };
  }

  private get rowHeight(): number {
    return parseInt(getComputedStyle(this.view).getPropertyValue("--row")) || 30;
  }

  private refilter(): void {
    const { filter } = this;
    this.shown = this.store.list.filter((frame) => matches(frame, filter));
    this.later();
  }

  private listActions(): void {
    const chosen = this.action.value;
    const names = [...this.store.actions].sort();
    this.action.replaceChildren(
      element("option", { value: "" }, "All kinds"),
      ...names.map((name) => element("option", { value: name }, name)),
    );
    this.action.value = chosen;
  }

  private later(): void {
    if (this.timer !== 0) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.draw();
    }, PAUSE);
  }

  private draw(): void {
    const { shown, view, rowHeight } = this;
    const total = this.store.list.length;
    say(this.count, shown.length === total ? `${total} messages` : `${shown.length} of ${total}`);
    this.empty.hidden = shown.length > 0;
    say(this.empty, total === 0 ? this.labels.empty : "No message fits the search.");
    this.all.style.height = `${shown.length * rowHeight}px`;
    if (this.following) view.scrollTop = shown.length * rowHeight;
    const first = Math.max(0, Math.floor(view.scrollTop / rowHeight) - MARGIN);
    const end = Math.min(shown.length, Math.ceil((view.scrollTop + view.clientHeight) / rowHeight) + MARGIN);
    while (this.rows.length < end - first) this.rows.push(this.newRow());
    this.rows.forEach((row, i) => {
      const frame = shown[first + i];
      row.hidden = first + i >= end;
      if (!row.hidden) this.fill(row, frame, (first + i) * rowHeight);
    });
    if (this.chosen > 0) view.setAttribute("aria-activedescendant", `frame-${this.chosen}`);
  }

  private newRow(): HTMLElement {
    const row = element(
      "div",
      { role: "option" },
      element("span", { class: "frame-time" }),
      element("span", { class: "frame-way" }),
      element(
        "span",
        { class: "frame-said" },
        element("span", { class: "frame-fault" }),
        element("span", { class: "frame-action" }),
        element("span"),
      ),
      element("span", { class: "frame-ms" }),
    );
    row.addEventListener("click", () => this.choose(Number(row.dataset.k)));
    this.all.append(row);
    return row;
  }

  private fill(row: HTMLElement, frame: ListedFrame, top: number): void {
    const isFault = frame.faults.length > 0 || frame.type === ERROR;
    const [time, way, said, ms] = row.children;
    const [fault, action, rest] = said.children;
    row.id = `frame-${frame.k}`;
    row.dataset.k = String(frame.k);
    row.className = `frame ${frame.dir}${frame.faults.length > 0 ? " fault" : ""}`;
    row.style.top = `${top}px`;
    row.setAttribute("aria-selected", String(frame.k === this.chosen));
    say(time, clockTime(frame.t));
    say(way, frame.dir === "out" ? "→" : "←");
    way.setAttribute("aria-label", frame.dir === "out" ? this.labels.out : this.labels.in);
    say(fault, frame.faults.length > 0 ? "⚠ against the schema " : isFault ? "⚠ " : "");
    const words =
      frame.words === "" ? "" : frame.words.startsWith(frame.action) ? frame.words.slice(frame.action.length) : frame.words;
    say(action, frame.action);
    say(rest, frame.words === "" && frame.action === "" ? frame.text.slice(0, 200) : words);
    say(ms, frame.roundTrip === null ? "" : `${frame.roundTrip} ms`);
  }

  private scrolled(): void {
    const { view } = this;
    const atEnd = view.scrollTop + view.clientHeight >= this.shown.length * this.rowHeight - 4;
    if (atEnd !== this.following) this.setFollowing(atEnd);
    this.later();
  }

  private setFollowing(following: boolean): void {
    this.following = following;
    this.follow.setAttribute("aria-pressed", String(following));
    this.later();
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, number | undefined> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const step = steps[event.key];
    if (event.key === "Escape") this.choose(0);
    else if (event.key === "Home") this.choose(this.shown[0]?.k ?? 0);
    else if (event.key === "End") this.choose(this.shown.at(-1)?.k ?? 0);
    else if (step !== undefined) {
      const at = this.shown.findIndex(({ k }) => k === this.chosen);
      const next = at < 0 ? this.shown.length - 1 : Math.min(this.shown.length - 1, Math.max(0, at + step));
      this.choose(this.shown[next]?.k ?? 0);
    } else return;
    event.preventDefault();
  }

  /** The chosen row comes into view. */
  private reveal(): void {
    const index = this.shown.findIndex(({ k }) => k === this.chosen);
    const { view, rowHeight } = this;
    if (index >= 0 && index * rowHeight < view.scrollTop) view.scrollTop = index * rowHeight;
    const bottom = (index + 1) * rowHeight - view.clientHeight;
    if (index >= 0 && bottom > view.scrollTop) view.scrollTop = bottom;
  }

  /** Shows the payloads of frame `k` and its partner; 0 shows none. */
  private choose(k: number): void {
    const frame = this.store.find(k);
    this.chosen = frame?.k ?? 0;
    if (frame && this.following) this.setFollowing(frame.k === this.shown.at(-1)?.k);
    this.detail.hidden = !frame;
    this.detail.replaceChildren();
    if (frame) {
      const partner = frame.partner === 0 ? undefined : this.store.find(frame.partner);
      const close = button("Close", () => this.choose(0));
      this.detail.setAttribute("aria-label", `Message ${frame.action}`);
      this.detail.append(element("div", { class: "panel-head" }, element("strong", {}, frame.action || "Message"), close));
      const both = partner ? [frame, partner].sort((a, b) => a.k - b.k) : [frame];
      for (const one of both) this.detail.append(...this.described(one));
      if (!partner && frame.type === 2) this.detail.append(element("p", { class: "quiet" }, "No answer so far."));
      this.detail.scrollTop = 0;
      if (!this.following) this.reveal();
    }
    this.later();
  }

  private described(frame: ListedFrame): HTMLElement[] {
    const kind = frame.type === 2 ? "request" : frame.type === 3 ? "answer" : frame.type === ERROR ? "error" : "message";
    const way = frame.dir === "out" ? `→ ${this.labels.out}` : `← ${this.labels.in}`;
    const after = frame.roundTrip === null ? "" : `, after ${frame.roundTrip} ms`;
    const parts: HTMLElement[] = [element("h3", {}, `${way}: ${kind}, ${clockTime(frame.t)} UTC${after}`)];
    if (frame.faults.length > 0) {
      parts.push(element("ul", { class: "faults" }, ...frame.faults.map((fault) => element("li", {}, fault))));
    }
    return [...parts, payload(frame.text)];
  }
}
