/**
 * The connection with the CSMS: its calls, and what it tells by itself (`/api/events`; the calls are described in
 * tools/csms/page-api.ts). Says when the CSMS is gone, and comes back by itself.
 */
import type { FeedEntry } from "../../csms/feed.ts";

export type { FeedEntry };

export interface StationSummary {
  identity: string;
  protocol: string | null;
  online: boolean;
  registration: string | null;
  connects: number;
  boots: number;
  vendor: string | null;
  model: string | null;
  firmware: string | null;
  connectors: { place: string; status: string; timestamp: string }[];
  running: string[];
  transactionCount: number;
}

export interface CsmsState {
  run: string;
  now: number;
  profile: { name: string; seconds: number };
  recorder: boolean;
  url: string;
  stationPage: string | null;
  stations: StationSummary[];
}

export interface TransactionSummary {
  id: string;
  evse: number;
  idToken: string | null;
  resends: number;
  startWh: number | null;
  lastWh: number | null;
  chargingState: string | null;
  ended: boolean;
  stoppedReason: string | null;
  started: string | null;
  last: string | null;
  count: number;
}

export interface TransactionEvent {
  t: number;
  seqNo: number;
  eventType: string;
  triggerReason: string;
  timestamp: string;
  chargingState: string | null;
  offline: boolean;
  payload: unknown;
}

export interface StationDetail extends StationSummary {
  transactions: TransactionSummary[];
  variables: [name: string, value: string][];
  tokens: string[];
}

export interface LinkListener {
  state(state: CsmsState, restarted: boolean): void;
  feed(batch: FeedEntry[]): void;
  /** null: the CSMS is there. */
  gone(reason: string | null): void;
}

/** ms until a connection that is lost is said so: a short interruption is no news. */
const GRACE = 1500;
const RETRY = 1000;
/** ms; a call to a station takes as long as the station does. */
const PATIENCE = 310_000;

export class Link {
  private run = "";
  private lastId = "";
  private goneTimer = 0;

  constructor(private readonly listener: LinkListener) {}

  start(): void {
    const source = new EventSource(`/api/events?since=${encodeURIComponent(this.lastId)}`);
    source.addEventListener("open", () => {
      window.clearTimeout(this.goneTimer);
      this.goneTimer = 0;
      this.listener.gone(null);
    });
    source.addEventListener("state", (event) => {
      const state = JSON.parse((event as MessageEvent<string>).data) as CsmsState;
      const restarted = this.run !== "" && this.run !== state.run;
      this.run = state.run;
      this.listener.state(state, restarted);
    });
    source.addEventListener("feed", (event) => {
      const { data, lastEventId } = event as MessageEvent<string>;
      this.lastId = lastEventId;
      this.listener.feed(JSON.parse(data) as FeedEntry[]);
    });
    source.addEventListener("error", () => {
      this.goneTimer ||= window.setTimeout(() => this.listener.gone("The CSMS is gone. It is looked for every second."), GRACE);
      // The browser itself gives up after some errors.
      if (source.readyState !== EventSource.CLOSED) return;
      window.setTimeout(() => this.start(), RETRY);
    });
  }
}

export async function get<T>(path: string, query: Record<string, string>): Promise<T> {
  return (await answered(`${path}?${new URLSearchParams(query).toString()}`, {})) as T;
}

export async function post<T>(path: string, body: object): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return (await answered(path, { method: "POST", headers, body: JSON.stringify(body) })) as T;
}

async function answered(path: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new Error("The CSMS does not answer.", { cause: error });
  }
  const answer = (await response.json()) as { error?: unknown };
  if (response.ok) return answer;
  throw new Error(typeof answer.error === "string" ? answer.error : `Status ${response.status}.`);
}
