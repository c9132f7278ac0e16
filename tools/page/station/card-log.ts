/** What the frames tell about cards: what the CSMS has said of the last one, and with which a transaction was begun. */
import type { Frame } from "../shared/frames.ts";

export interface CardVerdict {
  idToken: string;
  /** null: not answered so far. */
  status: string | null;
  t: number;
}

const CALL = 2;
const ACTIONS = /^\s*\[2,"[^"]*","(Authorize|TransactionEvent|StartTransaction)"/;
const MOST = 100;

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export class CardLog {
  last: CardVerdict | null = null;
  /** Card by transaction. */
  private readonly cards = new Map<string, string>();
  private readonly asked = new Map<string, string>();

  add(frames: readonly Frame[]): void {
    for (const frame of frames) {
      // Only a few frames are worth reading as a whole.
      if (frame.dir === "out" ? !ACTIONS.test(frame.text) : this.asked.size === 0 || !frame.text.includes('Info"')) continue;
      try {
        this.read(frame, JSON.parse(frame.text) as unknown[]);
      } catch {
        // No frame that could tell anything.
      }
    }
  }

  /** The card that began a transaction. */
  cardOf(transactionId: string): string | null {
    return this.cards.get(transactionId) ?? null;
  }

  private read({ dir, t }: Frame, [type, id, third, payload]: unknown[]): void {
    if (dir === "out" && type === CALL) {
      const request = fields(payload);
      const idToken = text(fields(request.idToken).idToken) ?? text(request.idTag);
      if (idToken === null) return;
      const transactionId = text(fields(request.transactionInfo).transactionId);
      if (transactionId !== null && request.eventType !== "Ended") remember(this.cards, transactionId, idToken);
      remember(this.asked, String(id), idToken);
      if (third === "Authorize") this.last = { idToken, status: null, t };
    } else if (dir === "in") {
      const idToken = this.asked.get(String(id));
      if (idToken === undefined) return;
      this.asked.delete(String(id));
      const answer = fields(third);
      const status = text(fields(answer.idTokenInfo).status) ?? text(fields(answer.idTagInfo).status);
      if (status !== null) this.last = { idToken, status, t };
    }
  }
}

function remember(map: Map<string, string>, key: string, value: string): void {
  map.set(key, value);
  if (map.size > MOST) map.delete([...map.keys()][0]);
}
