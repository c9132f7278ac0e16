/** What the page knows of the station: its last state, the simulator's view, and the history as curves. */
import type { StationState } from "../../sim/charger.ts";
import type { EvseRow, HistoryRow, StationRow } from "../history.ts";
import type { StationView } from "../station-calls.ts";

export type { StationState, StationView };
export type EvseState = StationState["evses"][number];

/** The simulated mains: one phase. */
export const VOLTS = 230;
const MOST_ROWS = 120_000;

export interface Stretch {
  from: number;
  /** null: it goes on. */
  to: number | null;
  label: string;
}

/** The curves of one EVSE, the arrays by the same index. */
export class EvseCurves {
  t: number[] = [];
  amps: number[] = [];
  limit: number[] = [];
  wattHours: number[] = [];
  transactions: (Stretch & { startWh: number })[] = [];
  /** The last point is the present, not a row. */
  private live = false;

  row([, t, , amps, limit, wattHours, transactionId]: EvseRow): void {
    this.point(t, amps, limit, wattHours, false);
    const last = this.transactions.at(-1);
    if (last && last.to === null && last.label !== transactionId) last.to = t;
    if (transactionId !== null && (last?.label !== transactionId || last.to !== null)) {
      this.transactions.push({ from: t, to: null, label: transactionId, startWh: wattHours });
    }
  }

  /** The present values, until the next row or the next present. */
  now(t: number, { amps, limitAmps, meterWh }: EvseState): void {
    this.point(t, amps, limitAmps, meterWh, true);
  }

  private point(t: number, amps: number, limit: number, wattHours: number, live: boolean): void {
    const lists = [this.t, this.amps, this.limit, this.wattHours];
    if (this.live) for (const list of lists) list.pop();
    [Math.max(t, this.t.at(-1) ?? 0), amps, limit, wattHours].forEach((value, i) => lists[i].push(value));
    this.live = live;
    if (this.t.length > MOST_ROWS * 1.1) for (const list of lists) list.splice(0, list.length - MOST_ROWS);
  }
}

export class StationModel {
  state: StationState | null = null;
  view: StationView | null = null;
  readonly curves = new Map<number, EvseCurves>();
  queueTimes: number[] = [];
  queueEvents: number[] = [];
  outages: Stretch[] = [];
  lastRow = 0;
  /** Transaction that ended since the cable came, by EVSE. */
  readonly ended = new Map<number, string>();
  private anchor = { simulated: 0, real: 0 };

  /** Simulated time, ms since 1970. */
  get now(): number {
    return this.anchor.simulated + (Date.now() - this.anchor.real) * (this.view?.timeScale ?? 1);
  }

  /** Takes a look at the simulator; true: it has been started anew, all that was known is gone. */
  takeView(view: StationView): boolean {
    const restarted = this.view !== null && this.view.run !== view.run;
    if (restarted) this.forget();
    this.view = view;
    this.anchor = { simulated: view.now, real: Date.now() };
    // Of a new start the rows were asked for by the numbers of the old one.
    if (!restarted) for (const row of view.history) this.takeRow(row);
    return restarted;
  }

  takeState(state: StationState): void {
    for (const evse of state.evses) {
      const before = this.state?.evses.find(({ id }) => id === evse.id)?.transactionId;
      if (before && evse.transactionId === null) this.ended.set(evse.id, before);
      if (!evse.plugged || evse.transactionId !== null) this.ended.delete(evse.id);
      if (this.view) this.curvesOf(evse.id).now(this.now, evse);
    }
    this.state = state;
  }

  curvesOf(id: number): EvseCurves {
    let curves = this.curves.get(id);
    if (!curves) this.curves.set(id, (curves = new EvseCurves()));
    return curves;
  }

  /** Wh since the begin of the running or the last transaction; null when none is known. */
  sessionWh(evse: EvseState): number | null {
    const last = this.curves.get(evse.id)?.transactions.at(-1);
    const current = evse.transactionId ?? this.ended.get(evse.id);
    return last && last.label === current ? evse.meterWh - last.startWh : null;
  }

  private takeRow(row: HistoryRow): void {
    if (row[0] <= this.lastRow) return;
    this.lastRow = row[0];
    if (row[2] === 0) this.takeStationRow(row as StationRow);
    else this.curvesOf(row[2]).row(row as EvseRow);
  }

  private takeStationRow([, t, , powered, online, queued]: StationRow): void {
    this.queueTimes.push(t);
    this.queueEvents.push(queued);
    const label = !powered ? "power off" : !online ? "no CSMS" : "";
    const last = this.outages.at(-1);
    if (last && last.to === null && last.label !== label) last.to = t;
    if (label !== "" && (last?.label !== label || last.to !== null)) this.outages.push({ from: t, to: null, label });
    if (this.queueTimes.length <= MOST_ROWS) return;
    this.queueTimes = this.queueTimes.slice(MOST_ROWS / 10);
    this.queueEvents = this.queueEvents.slice(MOST_ROWS / 10);
    this.outages = this.outages.slice(-MOST_ROWS / 10);
  }

  private forget(): void {
    this.state = null;
    this.curves.clear();
    this.queueTimes = [];
    this.queueEvents = [];
    this.outages = [];
    this.ended.clear();
    this.lastRow = 0;
  }
}
