/**
 * The connection with the simulator: frames and states as they come (`/events`), what was missed (`/frames`), and a look at everything once
 * a second. Says when the simulator is gone or does not answer, and comes back by itself.
 */
import type { Frame, FrameNote } from "./frames.ts";

/** ms between two looks; when nobody sees the page; at a simulator that is gone. */
const PERIOD = 1000;
const UNSEEN_PERIOD = 5000;
const RETRY = 1000;
/** ms after which a call counts as unanswered; the simulator itself gives up after 5 s. */
const PATIENCE = 8000;
/** ms in which frames are gathered. */
const GATHER = 60;
const NOTES_PAUSE = 150;

export interface LiveListener {
  frames(frames: Frame[]): void;
  notes(notes: FrameNote[]): void;
  state(state: unknown): void;
  /** The answer to a look; false: it was not one of this start of the simulator. */
  view(view: unknown): void;
  /** Path of the look, with what is known so far. */
  look(): string;
  /** Number of the last frame that is known. */
  lastFrame(): number;
  /** No answer from the simulator; null: it is there. */
  gone(reason: string | null): void;
}

export class Live {
  private source: EventSource | null = null;
  /** Frames that came; null while the ones before them are being fetched. */
  private gathered: Frame[] = [];
  private caughtUp = false;
  private flushTimer = 0;
  private noted = 0;
  private notesTimer = 0;
  private pollTimer = 0;
  private reason: string | null = null;

  constructor(private readonly listener: LiveListener) {
    document.addEventListener("visibilitychange", () => {
      // A browser keeps few connections to one place: windows that nobody sees leave theirs to the others.
      if (document.hidden) this.disconnect();
      this.poll();
    });
  }

  start(): void {
    this.connect();
    this.poll();
  }

  /** The simulator has been started anew: nothing that is known counts any more. */
  restart(): void {
    this.noted = 0;
    this.gathered = [];
    this.disconnect();
    this.connect();
  }

  /** Looks now. */
  poll(): void {
    window.clearTimeout(this.pollTimer);
    void this.look().finally(() => {
      window.clearTimeout(this.pollTimer);
      const pause = this.reason !== null ? RETRY : document.hidden ? UNSEEN_PERIOD : PERIOD;
      this.pollTimer = window.setTimeout(() => this.poll(), pause);
    });
  }

  private async look(): Promise<void> {
    try {
      this.listener.view(await read(this.listener.look()));
      this.listener.state(await read("/state"));
      this.setGone(null);
      if (this.source === null && !document.hidden) this.connect();
    } catch (error) {
      this.setGone(error instanceof Error ? error.message : String(error));
    }
  }

  private setGone(reason: string | null): void {
    if (reason === this.reason) return;
    this.reason = reason;
    this.listener.gone(reason);
  }

  private disconnect(): void {
    this.source?.close();
    this.source = null;
  }

  private connect(): void {
    const source = new EventSource("/events");
    this.source = source;
    this.caughtUp = false;
    source.addEventListener("open", () => void this.catchUp(source));
    source.addEventListener("frame", (event) => {
      this.gathered.push(JSON.parse((event as MessageEvent<string>).data) as Frame);
      this.flushLater();
    });
    source.addEventListener("state", (event) => this.listener.state(JSON.parse((event as MessageEvent<string>).data)));
    source.addEventListener("error", () => {
      source.close();
      if (this.source !== source) return;
      this.source = null;
      // The next look tells whether the simulator is gone, and connects again when it is there.
      this.poll();
    });
  }

  /** Frames from before the connection. */
  private async catchUp(source: EventSource): Promise<void> {
    try {
      const before = (await read(`/frames?since=${this.listener.lastFrame()}`)) as Frame[];
      if (this.source !== source) return;
      this.listener.frames(before);
      this.caughtUp = true;
      this.flushLater();
      this.noteLater();
    } catch {
      source.close();
      if (this.source === source) this.source = null;
    }
  }

  private flushLater(): void {
    if (!this.caughtUp || this.flushTimer !== 0) return;
    this.flushTimer = window.setTimeout(() => {
      this.flushTimer = 0;
      if (this.gathered.length === 0) return;
      this.listener.frames(this.gathered);
      this.gathered = [];
      this.noteLater();
    }, GATHER);
  }

  private noteLater(): void {
    if (this.notesTimer !== 0) return;
    this.notesTimer = window.setTimeout(() => {
      void this.fetchNotes().finally(() => {
        this.notesTimer = 0;
        if (this.noted < this.listener.lastFrame() && this.reason === null) this.noteLater();
      });
    }, NOTES_PAUSE);
  }

  private async fetchNotes(): Promise<void> {
    try {
      const { upTo, notes } = (await read(`/page/notes?since=${this.noted}`)) as { upTo: number; notes: FrameNote[] };
      // Notes of frames that are still to come are fetched again with them.
      this.noted = Math.min(upTo, this.listener.lastFrame());
      this.listener.notes(notes);
    } catch {
      // The frames are shown without; the look says what is wrong.
    }
  }
}

/** The JSON answer of a GET call. */
export async function read(path: string): Promise<unknown> {
  return answerOf(await call(path, { signal: AbortSignal.timeout(PATIENCE) }));
}

/** A POST call; throws what the simulator has against it. */
export async function post(path: string, body: object = {}): Promise<unknown> {
  return answerOf(
    await call(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  );
}

async function call(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new Error(late ? "The simulator does not answer." : "The simulator is gone.", { cause: error });
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error("What answers here is no simulator.");
  }
  if (response.ok) return answer;
  const { error } = answer as { error?: unknown };
  throw new Error(
    typeof error === "string" ? `${error[0]?.toUpperCase() ?? ""}${error.slice(1)}.` : `Status ${response.status}.`,
  );
}
