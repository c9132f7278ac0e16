/** The transactions of the chosen station, newest first; each opens to its events with their payloads. */
import { button, byId, element, say } from "../shared/elements.ts";
import { payload as pretty } from "../shared/pretty.ts";
import { get, type TransactionEvent, type TransactionSummary } from "./link.ts";

interface Shown {
  root: HTMLDetailsElement;
  facts: HTMLElement;
  body: HTMLElement;
  stop: HTMLButtonElement;
  /** Number of events that are drawn. */
  drawn: number;
  summary: TransactionSummary;
}

export class Transactions {
  private station = "";
  private readonly shown = new Map<string, Shown>();

  constructor(
    private readonly box: HTMLElement,
    private readonly stop: (transactionId: string) => void,
  ) {}

  draw(station: string, transactions: readonly TransactionSummary[], total: number): void {
    if (station !== this.station) {
      this.station = station;
      this.shown.clear();
      this.box.replaceChildren();
    }
    const running = transactions.filter(({ ended }) => !ended).length;
    say(byId("transactions-count"), total === 0 ? "none so far" : `${total}, ${running} running`);
    for (const summary of [...transactions].reverse()) {
      let one = this.shown.get(summary.id);
      if (!one) {
        this.shown.set(summary.id, (one = this.entry(summary)));
        this.box.prepend(one.root);
      }
      this.refresh(one, summary);
    }
    const kept = new Set(transactions.map(({ id }) => id));
    for (const [id, { root }] of this.shown) {
      if (kept.has(id)) continue;
      root.remove();
      this.shown.delete(id);
    }
  }

  private entry(summary: TransactionSummary): Shown {
    const facts = element("span", { class: "tx-facts" });
    const body = element("div", { class: "tx-body table-box" });
    const stop = button("Stop", () => this.stop(summary.id), { "aria-label": `Stop transaction ${summary.id}` });
    const root = element("details", { class: "tx" }, element("summary", {}, facts), element("div", { class: "row" }, stop), body);
    const one: Shown = { root, facts, body, stop, drawn: -1, summary };
    root.addEventListener("toggle", () => void this.events(one));
    return one;
  }

  private refresh(one: Shown, summary: TransactionSummary): void {
    const { id, evse, idToken, startWh, lastWh, chargingState, ended, stoppedReason, started, last, count, resends } = summary;
    one.summary = summary;
    const energy = startWh === null || lastWh === null ? null : `${((lastWh - startWh) / 1000).toFixed(3)} kWh`;
    const state = ended ? `ended: ${stoppedReason ?? ""}` : (chargingState ?? "running");
    const words = [
      state,
      energy,
      `EVSE ${evse}`,
      idToken && `card ${idToken}`,
      started && `${started.slice(0, 10)} ${started.slice(11, 19)}`,
      started && last && duration(Date.parse(last) - Date.parse(started)),
      `${count} events`,
      resends > 0 && `${resends} sent again`,
      id,
    ];
    say(one.facts, words.filter(Boolean).join(" · "));
    one.root.classList.toggle("running", !ended);
    one.stop.hidden = ended;
    void this.events(one);
  }

  private async events(one: Shown): Promise<void> {
    if (!one.root.open || one.drawn === one.summary.count) return;
    one.drawn = one.summary.count;
    const { events } = await get<{ events: TransactionEvent[] }>("/api/transaction", { id: this.station, tx: one.summary.id });
    const head = ["#", "Time", "Event", "Why", "State", ""].map((title) => element("th", { scope: "col" }, title));
    const open = new Set([...one.body.querySelectorAll<HTMLElement>("tr[data-open]")].map((row) => row.dataset.open));
    const rows = events.flatMap((event) => this.rows(event, open.has(String(event.seqNo))));
    if (events.length === 0)
      return one.body.replaceChildren(element("p", { class: "quiet" }, "No events: the transaction is of OCPP 1.6."));
    one.body.replaceChildren(
      element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)),
    );
  }

  private rows(event: TransactionEvent, open: boolean): HTMLElement[] {
    const { seqNo, timestamp, eventType, triggerReason, chargingState, offline, payload } = event;
    const detail = element("tr", { hidden: true });
    const look = button("Payload", () => show(detail.hidden === true), { "aria-expanded": "false" });
    const show = (visible: boolean): void => {
      if (visible) detail.replaceChildren(element("td", { colspan: 6 }, pretty(JSON.stringify(payload))));
      detail.hidden = !visible;
      look.setAttribute("aria-expanded", String(visible));
      if (visible) detail.dataset.open = String(seqNo);
      else delete detail.dataset.open;
    };
    if (open) show(true);
    const cells = [
      String(seqNo),
      timestamp.slice(11, 19),
      eventType,
      triggerReason,
      [chargingState, offline && "offline"].filter(Boolean).join(", "),
    ];
    return [element("tr", {}, ...cells.map((text) => element("td", {}, text)), element("td", {}, look)), detail];
  }
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (!Number.isFinite(minutes)) return "";
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
