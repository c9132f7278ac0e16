/**
 * What the CSMS's page shows live: frames in words with their faults and round-trip times, and the coming and going of
 * connections, numbered from 1. Kept in a ring and handed out in batches, so that a fast station does not flood a browser.
 */
import type { LogEntry } from "./api.ts";
import { masked } from "../page/shared/secrets.ts";
import { CALL } from "./wire-check.ts";
import { clean, FrameWords } from "./words.ts";

export interface FeedEntry {
  k: number;
  /** ms since 1970. */
  t: number;
  kind: "frame" | "link";
  identity: string;
  /** In words; of a connection, what happened to it. */
  words: string;
  /** Of frames: `in` comes from the station. */
  dir?: "in" | "out";
  /** As it was sent. */
  text?: string;
  /** The action of a request, or of the one that is answered; null when nobody knows. */
  action?: string | null;
  /** Message type: 2 call, 3 result, 4 error; null when it cannot be read. */
  type?: number | null;
  /** From the request to this answer, ms. */
  ms?: number;
  /** What is against the protocol or its rules. */
  faults?: string[];
}

/** Entries that a page which opens later still sees. */
const KEEP = 3000;
/** ms in which entries are gathered. */
const BATCH_PAUSE = 50;
/** Requests whose answer never came are forgotten from this number on. */
const MOST_OPEN = 200;

export class Feed {
  private readonly entries: FeedEntry[] = [];
  private readonly listeners = new Set<(batch: FeedEntry[]) => void>();
  private readonly words = new Map<string, FrameWords>();
  private readonly open = new Map<string, { t: number; action: string }>();
  private count = 0;
  private sent = 0;
  private timer: NodeJS.Timeout | null = null;

  /** Everything that the CSMS logs. */
  log(entry: LogEntry): void {
    const { t, kind, identity, text, frame } = entry;
    if (frame) this.add({ ...this.told(identity, frame.dir, frame.t, frame.text), t });
    else if (kind === "LINK") this.add({ t, kind: "link", identity, words: clean(text) });
    else this.blame(identity, text);
  }

  /** The entries after number `k` that are still known. */
  since(k: number): FeedEntry[] {
    const first = this.entries[0]?.k ?? 1;
    return this.entries.slice(Math.max(0, k + 1 - first));
  }

  /** Hears of new entries in batches; returns the way back. */
  listen(listener: (batch: FeedEntry[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Hands out what is gathered; before somebody new reads `since`, who would hear of it again. */
  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.sent === this.count) return;
    const batch = this.since(this.sent);
    this.sent = this.count;
    for (const listener of this.listeners) listener(batch);
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.listeners.clear();
  }

  private add(entry: Omit<FeedEntry, "k">): void {
    this.entries.push({ k: ++this.count, ...entry });
    if (this.entries.length > KEEP * 1.1) this.entries.splice(0, this.entries.length - KEEP);
    this.timer ??= setTimeout(() => this.flush(), BATCH_PAUSE);
  }

  /** Faults are logged right behind their frame. */
  private blame(identity: string, text: string): void {
    const fault = clean(text.replace(/^(->|<-) /, ""));
    const frame = this.entries.at(-1);
    const fresh = frame && frame.kind === "frame" && frame.identity === identity && frame.k > this.sent;
    if (fresh) (frame.faults ??= []).push(fault);
    else this.add({ t: Date.now(), kind: "link", identity, words: "", faults: [fault] });
  }

  private told(identity: string, dir: "in" | "out", t: number, text: string): Omit<FeedEntry, "k"> {
    let words = this.words.get(identity);
    if (!words) this.words.set(identity, (words = new FrameWords()));
    const said = words.said({ t, from: dir === "in" ? "station" : "csms", text });
    return { t, kind: "frame", identity, dir, words: said, text: masked(text), ...this.matched(identity, dir, t, text) };
  }

  private matched(identity: string, dir: "in" | "out", t: number, text: string): Pick<FeedEntry, "action" | "type" | "ms"> {
    const [, digit, id, called] = /^\s*\[\s*(\d)\s*,\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*"((?:[^"\\]|\\.)*)")?/.exec(text) ?? [];
    if (digit === undefined) return { action: null, type: null };
    const type = Number(digit);
    if (type === CALL) {
      if (this.open.size >= MOST_OPEN) this.open.clear();
      this.open.set(`${identity} ${dir} ${id}`, { t, action: clean(called ?? "") });
      return { action: clean(called ?? ""), type };
    }
    const key = `${identity} ${dir === "in" ? "out" : "in"} ${id}`;
    const asked = this.open.get(key);
    this.open.delete(key);
    return asked ? { action: asked.action, type, ms: t - asked.t } : { action: null, type };
  }
}
