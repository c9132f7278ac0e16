/**
 * What the simulated charger did over time, for the page's plots: a row whenever something has changed. Between two rows of an EVSE current and
 * limit are constant and the register grows evenly, so a day of charging is a few rows.
 */

/** `evse` 0 is the station. */
export type HistoryRow = EvseRow | StationRow;
export type EvseRow = [
  n: number,
  t: number,
  evse: number,
  amps: number,
  limitAmps: number,
  meterWh: number,
  transactionId: string | null,
];
export type StationRow = [n: number, t: number, evse: 0, powered: boolean, online: boolean, queuedEvents: number];

export interface EvseNow {
  id: number;
  amps: number;
  limitAmps: number;
  meterWh: number;
  transactionId: string | null;
}

export interface StationNow {
  powered: boolean;
  online: boolean;
  queuedEvents: number;
  evses: EvseNow[];
}

const KEEP = 100_000;
/** Rows of one answer. */
const MOST = 20_000;
/** Value columns from here on are compared; the register counts on by itself. */
const REGISTER = 5;

export class History {
  private readonly rows: HistoryRow[] = [];
  private readonly last: HistoryRow[] = [];
  private count = 0;

  /** Keeps what has changed at the simulated time `t`, ms since 1970; answers whether anything has. */
  note(t: number, { powered, online, queuedEvents, evses }: StationNow): boolean {
    const before = this.count;
    this.keep([0, t, 0, powered, online, queuedEvents]);
    for (const { id, amps, limitAmps, meterWh, transactionId } of evses) {
      this.keep([0, t, id, amps, limitAmps, meterWh, transactionId]);
    }
    return this.count > before;
  }

  /** The rows after number `n`, at most 20,000. */
  since(n: number): HistoryRow[] {
    const first = this.rows[0]?.[0] ?? 1;
    const start = Math.max(0, n + 1 - first);
    return this.rows.slice(start, start + MOST);
  }

  private keep(row: HistoryRow): void {
    const [, , id] = row;
    const last = this.last[id];
    if (last && row.every((value, column) => column < 3 || (id > 0 && column === REGISTER) || value === last[column])) return;
    row[0] = ++this.count;
    row[1] = Math.round(row[1]);
    this.rows.push(row);
    this.last[id] = row;
    if (this.rows.length > KEEP * 1.1) this.rows.splice(0, this.rows.length - KEEP);
  }
}
