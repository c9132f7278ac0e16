/** OCPP frames as the pages keep them: a bounded list, answers joined to their requests. OCPP-J 1.6 and OCPP 2.0.1 Part 4, 4. */
import { masked } from "./secrets.ts";

/** As `GET /frames` has it: `out` leaves the station; `t` in ms since 1970. */
export interface Frame {
  k: number;
  t: number;
  dir: "in" | "out";
  text: string;
}

export interface FrameNote {
  k: number;
  words: string;
  faults?: string[];
}

export interface ListedFrame extends Frame {
  type: number | null;
  /** Of a request, or of the request that an answer belongs to; "" when it cannot be told. */
  action: string;
  /** Number of the request or the answer to this frame; 0: none is known. */
  partner: number;
  /** ms from the request to this answer. */
  roundTrip: number | null;
  /** "" until they have been fetched. */
  words: string;
  faults: readonly string[];
}

export interface Filter {
  /** In the payload or the words, in any case. */
  search: string;
  dir: "in" | "out" | "";
  action: string;
  faultsOnly: boolean;
}

const CALL = 2;
const HEAD = /^\s*\[\s*(\d{1,4})\s*,\s*"((?:[^"\\]|\\.){0,200})"\s*(?:,\s*"((?:[^"\\]|\\.){0,100})"\s*[,\]])?/;
const MOST_OPEN = 200;
const NO_FAULTS: readonly string[] = [];

export class FrameStore {
  /** In the order of their numbers. */
  list: ListedFrame[] = [];
  /** Every action that was seen. */
  readonly actions = new Set<string>();
  private characters = 0;
  private readonly open = new Map<string, ListedFrame>();

  /** Limits: number of frames, and of the characters of all their texts. */
  constructor(
    private readonly mostFrames = 20_000,
    private readonly mostCharacters = 20_000_000,
  ) {}

  /** Number of the newest frame. */
  get last(): number {
    return this.list.at(-1)?.k ?? 0;
  }

  /** Takes frames with numbers above the last one; answers the new ones and how many old ones had to go. */
  add(frames: readonly Frame[]): { added: ListedFrame[]; dropped: number } {
    const added: ListedFrame[] = [];
    for (const frame of frames) {
      if (frame.k <= this.last) continue;
      const listed = this.read(frame);
      this.list.push(listed);
      added.push(listed);
      this.characters += listed.text.length;
    }
    return { added, dropped: this.shorten() };
  }

  note(notes: readonly FrameNote[]): void {
    for (const { k, words, faults } of notes) {
      const frame = this.find(k);
      if (!frame) continue;
      frame.words = words;
      frame.faults = faults ?? NO_FAULTS;
    }
  }

  find(k: number): ListedFrame | undefined {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle].k < k) low = middle + 1;
      else high = middle;
    }
    return this.list[low]?.k === k ? this.list[low] : undefined;
  }

  clear(): void {
    this.list = [];
    this.characters = 0;
    this.open.clear();
  }

  private read({ k, t, dir, text }: Frame): ListedFrame {
    const [, type, id, action] = HEAD.exec(text) ?? [];
    const frame: ListedFrame = {
      k,
      t,
      dir,
      text: masked(text),
      type: type === undefined ? null : Number(type),
      action: "",
      partner: 0,
      roundTrip: null,
      words: "",
      faults: NO_FAULTS,
    };
    if (frame.type === CALL) {
      frame.action = action ?? "";
      if (this.open.size >= MOST_OPEN) this.open.clear();
      this.open.set(`${dir} ${id}`, frame);
      if (frame.action !== "" && this.actions.size < 200) this.actions.add(frame.action);
    } else if (id !== undefined) {
      const key = `${dir === "out" ? "in" : "out"} ${id}`;
      const request = this.open.get(key);
      if (request) {
        this.open.delete(key);
        frame.action = request.action;
        frame.partner = request.k;
        frame.roundTrip = t - request.t;
        request.partner = k;
      }
    }
    return frame;
  }

  private shorten(): number {
    if (this.list.length <= this.mostFrames && this.characters <= this.mostCharacters) return 0;
    let dropped = 0;
    // A tenth more than needed, so that this is rare.
    const frames = this.mostFrames * 0.9;
    const characters = this.mostCharacters * 0.9;
    while (this.list.length - dropped > frames || (this.characters > characters && dropped < this.list.length)) {
      this.characters -= this.list[dropped].text.length;
      dropped++;
    }
    this.list = this.list.slice(dropped);
    return dropped;
  }
}

export function matches(frame: ListedFrame, { search, dir, action, faultsOnly }: Filter): boolean {
  if (dir !== "" && frame.dir !== dir) return false;
  if (action !== "" && frame.action !== action) return false;
  if (faultsOnly && frame.faults.length === 0) return false;
  if (search === "") return true;
  const wanted = search.toLowerCase();
  return frame.text.toLowerCase().includes(wanted) || frame.words.toLowerCase().includes(wanted);
}
