/**
 * What the station's page reads beside the fixed calls: `/page/station` (the simulator and what `/state` does not tell), `/page/notes` (words and
 * faults of frames), `/page/settings` (the variables on flash). All of it is for looking at; nothing here acts on the station.
 */
import { randomUUID } from "node:crypto";
import type { Charger } from "../sim/charger.ts";
import type { FrameLog } from "../sim/frames.ts";
import { FAULT_CODES } from "../sim/hardware.ts";
import { FrameNotes } from "./frame-notes.ts";
import { History, type HistoryRow } from "./history.ts";
import { readSettings } from "./settings.ts";

/** `GET /page/station?since=n`: `n` is the number of the last row of the history that is known. */
export interface StationView {
  /** Another one after each start of the simulator: numbers of frames and rows begin anew. */
  run: string;
  build: string;
  engine: "node" | "espruino";
  /** Simulated time, ms since 1970, and simulated seconds in a real one. */
  now: number;
  timeScale: number;
  fixedCable: boolean;
  network: { up: boolean; stalled: boolean };
  /** The power cut that is still to come. */
  cut: { afterFlashOps: number; torn: boolean } | null;
  /** `POST /page/record` is there. */
  recorder: boolean;
  /** Page of the CSMS, when it has one. */
  csmsPage: string | null;
  evses: { id: number; fault: string | null; lockFails: boolean; wantedAmps: number }[];
  faultCodes: readonly string[];
  history: HistoryRow[];
}

export class StationCalls {
  private readonly run = randomUUID();
  private readonly history = new History();
  private readonly notes: FrameNotes;
  csmsPage: string | null = null;
  recorder = false;

  constructor(
    private readonly charger: Charger,
    frames: FrameLog,
    private readonly build: string,
    private readonly timeScale: number,
  ) {
    this.notes = new FrameNotes(frames);
  }

  /** The calls by path; each takes the number after `since`. */
  readonly calls = new Map<string, (since: number) => object>([
    ["/page/station", (since) => this.view(since)],
    ["/page/notes", (since) => this.notes.since(since)],
    ["/page/settings", () => readSettings(this.charger.chip())],
  ]);

  /** The charger may have changed; true: it has. */
  changed(): boolean {
    const { isPowered: powered, known, hardware } = this.charger;
    return this.history.note(this.charger.clock.now(), {
      powered,
      online: powered && (known?.online ?? false),
      queuedEvents: known?.queue.events ?? 0,
      evses: hardware.evses.map((evse) => {
        const { amps, limitAmps, meterWh } = evse.state();
        const transactionId = known?.evses.find(({ id }) => id === evse.id)?.transactionId ?? null;
        return { id: evse.id, amps, limitAmps, meterWh, transactionId };
      }),
    });
  }

  private view(since: number): StationView {
    const { hardware, network, cut, engineKind: engine } = this.charger;
    return {
      run: this.run,
      build: this.build,
      engine,
      now: Math.round(this.charger.clock.now()),
      timeScale: this.timeScale,
      fixedCable: hardware.evses.some(({ fixed }) => fixed),
      network,
      cut,
      recorder: this.recorder,
      csmsPage: this.csmsPage,
      evses: hardware.evses.map((evse) => {
        const { fault, lockFails, amps: wantedAmps } = evse.record();
        return { id: evse.id, fault, lockFails, wantedAmps };
      }),
      faultCodes: FAULT_CODES,
      history: this.history.since(since),
    };
  }
}
