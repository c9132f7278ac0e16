/** Power, current, energy and the queue over time; transactions and outages as lanes, the offered limit as a dashed line. */
import { byId, element } from "../shared/elements.ts";
import { TimePlot, type Lane, type Track } from "../shared/plot.ts";
import { valueAt, type Trace } from "../shared/traces.ts";
import { VOLTS, type Stretch, type StationModel } from "./model.ts";

const RANGES: [label: string, ms: number][] = [
  ["5 minutes", 300_000],
  ["30 minutes", 1_800_000],
  ["2 hours", 7_200_000],
  ["24 hours", 86_400_000],
  ["everything", 0],
];
const COLOURS = 4;
/** ms between two drawings. */
const PAUSE = 200;

export class Curves {
  private readonly plot: TimePlot;
  private readonly range = byId<HTMLSelectElement>("plots-range");
  private legend = 0;
  private drawn = 0;
  private end = 0;

  constructor(private readonly model: StationModel) {
    this.plot = new TimePlot("Power, current, energy and queue over time", (t) => this.words(t));
    byId("plots-canvas").append(this.plot.root);
    this.range.append(...RANGES.map(([label, ms]) => element("option", { value: String(ms) }, label)));
    this.range.addEventListener("change", () => {
      this.drawn = 0;
      this.render();
    });
  }

  render(): void {
    if (performance.now() - this.drawn < PAUSE) return;
    this.drawn = performance.now();
    const { model } = this;
    const ids = [...model.curves.keys()].sort((a, b) => a - b);
    if (ids.length === 0) return;
    this.listLegend(ids);
    const first = Math.min(...ids.map((id) => model.curvesOf(id).t[0] ?? model.now));
    this.end = model.now;
    const span = Number(this.range.value);
    const from = span === 0 ? first : this.end - span;
    this.plot.set(this.lanes(ids), this.tracks(ids), from, this.end);
  }

  private lanes(ids: number[]): Lane[] {
    const transactions = ids.map((id) => ({
      title: `EVSE ${id}`,
      spans: this.spans(this.model.curvesOf(id).transactions, colourOf(id), "transaction ", true),
    }));
    const outages = this.model.outages.map((stretch) => ({
      ...this.span(stretch, stretch.label === "power off" ? "--text" : "--warn", ""),
      shades: false,
    }));
    return [...transactions, { title: "Outages", spans: outages }];
  }

  private spans(stretches: Stretch[], colour: string, prefix: string, shades: boolean): Lane["spans"] {
    return stretches.map((stretch) => ({ ...this.span(stretch, colour, prefix), shades }));
  }

  private span({ from, to, label }: Stretch, colour: string, prefix: string): Omit<Lane["spans"][number], "shades"> {
    return { from, to: to ?? this.end, colour, label: prefix + label };
  }

  private tracks(ids: number[]): Track[] {
    const { model } = this;
    const power: Trace[] = [];
    const current: Trace[] = [];
    const energy: Trace[] = [];
    for (const id of ids) {
      const { t, amps, limit, wattHours } = model.curvesOf(id);
      const colour = colourOf(id);
      const start = wattHours[0] ?? 0;
      power.push({ colour, t, v: amps.map((one) => (one * VOLTS) / 1000), kind: "step", filled: true });
      current.push({ colour, t, v: limit, kind: "step", dashed: true, filled: true }, { colour, t, v: amps, kind: "step" });
      energy.push({ colour, t, v: wattHours.map((one) => (one - start) / 1000), kind: "line" });
    }
    const queue: Trace[] = [{ colour: "--series-4", t: model.queueTimes, v: model.queueEvents, kind: "step", filled: true }];
    return [
      { title: "Power, kW", traces: power, least: 4, digits: 1 },
      { title: "Current and limit (dashed), A", traces: current, least: 16, digits: 0 },
      { title: "Energy, kWh", traces: energy, least: 0.5, digits: 2 },
      { title: "Events waiting for the CSMS", traces: queue, least: 4, digits: 0 },
    ];
  }

  private words(t: number): string {
    const parts = [...this.model.curves].map(([id, { t: times, amps, limit, wattHours }]) => {
      const now = valueAt({ t: times, v: amps, kind: "step" }, t);
      const offered = valueAt({ t: times, v: limit, kind: "step" }, t);
      const energy = (valueAt({ t: times, v: wattHours, kind: "line" }, t) - (wattHours[0] ?? 0)) / 1000;
      return `EVSE ${id} ${((now * VOLTS) / 1000).toFixed(2)} kW, ${now} of ${offered} A, ${energy.toFixed(3)} kWh`;
    });
    const queued = valueAt({ t: this.model.queueTimes, v: this.model.queueEvents, kind: "step" }, t);
    return [...parts, `${queued} events waiting`].join("; ");
  }

  private listLegend(ids: number[]): void {
    if (this.legend === ids.length) return;
    this.legend = ids.length;
    byId("plots-legend").replaceChildren(...ids.map((id) => element("span", { class: colourOf(id).slice(2) }, `EVSE ${id}`)));
  }
}

function colourOf(id: number): string {
  return `--series-${((id - 1) % COLOURS) + 1}`;
}
