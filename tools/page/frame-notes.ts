/**
 * What the simulator has to say about the frames of its log: their words and what is against the protocol in them. A frame is looked at when
 * somebody asks for its note, in the order of the log.
 */
import type { Protocol } from "../csms/schema.ts";
import { WireCheck, type Party } from "../csms/wire-check.ts";
import { FrameWords } from "../csms/words.ts";
import type { Frame, FrameLog } from "../sim/frames.ts";

export interface FrameNote {
  k: number;
  /** One line, begins with the action. */
  words: string;
  /** Left out when there are none. */
  faults?: string[];
}

const KEEP = 50_000;
/** Frames that one call looks at, and notes of one answer: more would keep the simulator from its work. */
const MOST = 2000;

export interface NotesAnswer {
  /** Number of the last frame that was looked at; when there are later ones: ask again. */
  upTo: number;
  notes: FrameNote[];
}

export class FrameNotes {
  private readonly notes: FrameNote[] = [];
  /** Number of the last frame that was looked at. */
  private seen = 0;
  private readonly words = new FrameWords();
  private protocol: Protocol = "ocpp2.0.1";
  private check = new WireCheck(this.protocol);

  constructor(private readonly log: FrameLog) {}

  /** The notes of the frames after number `k`, as far as they have been looked at. */
  since(k: number): NotesAnswer {
    for (const frame of this.log.since(this.seen).slice(0, MOST)) {
      this.notes.push(this.note(frame));
      this.seen = frame.k;
    }
    if (this.notes.length > KEEP * 1.1) this.notes.splice(0, this.notes.length - KEEP);
    const first = this.notes[0]?.k ?? 1;
    const start = Math.max(0, k + 1 - first);
    const notes = this.notes.slice(start, start + MOST);
    return { upTo: notes.at(-1)?.k ?? Math.max(k, 0), notes };
  }

  private note({ k, t, dir, text }: Frame): FrameNote {
    const from: Party = dir === "out" ? "station" : "csms";
    if (dir === "out") this.follow(text);
    const words = this.words.said({ t, from, text });
    const { faults } = this.check.check(from, text);
    return faults.length > 0 ? { k, words, faults } : { k, words };
  }

  /** A BootNotification tells which version is spoken from here on. */
  private follow(text: string): void {
    if (!text.includes('"BootNotification"')) return;
    const protocol = text.includes('"chargePointVendor"') ? "ocpp1.6" : "ocpp2.0.1";
    if (protocol === this.protocol) return;
    this.protocol = protocol;
    this.check = new WireCheck(protocol);
  }
}
