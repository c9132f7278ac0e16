/** How the hardware is joined to the firmware: which lines of the link tell it what has happened, and which ones it drives the hardware by. */
import type { Hardware } from "./hardware.ts";

/** Sends a line; resolves when the firmware has dealt with it. */
export type Send = (line: string) => Promise<void>;

export interface Wiring {
  /** A firmware has started: it learns all inputs. */
  start(send: Send): Promise<void>;
  /** The hardware has changed; `lines` say so in the words of board `sim`. Resolves when the firmware knows. */
  changed(lines: readonly string[], send: Send): Promise<void>;
  /** A second passes, which the hardware has counted already. */
  second(send: Send): Promise<void>;
  /** A card is at the reader of an EVSE, or (0) at that of the station. */
  card(evse: number, type: string, idToken: string, send: Send): Promise<void>;
  /** An output of the firmware; false when there is no such line. */
  heard(line: string, send: Send): boolean;
  /** A frame of OCPP passes: the firmware may drive something because of it. */
  stirred?(): void;
  /** The firmware has started a watchdog: it may hang. */
  readonly isWatched?: boolean;
  /** A second of a firmware is over, or it has hung for it; true when its watchdog has waited long enough and resets it. */
  bites?(): boolean;
  /** Resolves when nothing moves any more. */
  settled(): Promise<void>;
  /** No firmware drives anything. */
  release(): void;
}

/** Board `sim`: the hardware speaks the firmware's own words. */
export class DirectWiring implements Wiring {
  /** @param unknown hears of what makes no sense */
  constructor(
    private readonly hardware: Hardware,
    private readonly unknown: (line: string) => void,
  ) {}

  start(send: Send): Promise<void> {
    return all(
      this.hardware.evses.flatMap((evse) => evse.lines()),
      send,
    );
  }

  changed(lines: readonly string[], send: Send): Promise<void> {
    return all(lines, send);
  }

  second(send: Send): Promise<void> {
    return all([...this.hardware.evses.flatMap((evse) => evse.meterLines()), "T"], send);
  }

  card(evse: number, type: string, idToken: string, send: Send): Promise<void> {
    return send(`K${evse},${type},${idToken}`);
  }

  heard(line: string, send: Send): boolean {
    const [, id, contactor, lock, limit] = /^o([1-8])([01])([01]),(\d+)$/.exec(line) ?? [];
    if (id === undefined) return false;
    const evse = this.hardware.evses[Number(id) - 1];
    if (!evse) this.unknown(`link: outputs of EVSE ${id}, which does not exist`);
    for (const answer of evse?.drive(contactor === "1", lock === "1", Number(limit)) ?? []) send(answer).catch(() => undefined);
    return true;
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  release(): void {
    this.hardware.release();
  }
}

/** Sends all of them at once. */
export async function all(lines: readonly string[], send: Send): Promise<void> {
  await Promise.all(lines.map((line) => send(line)));
}
