/**
 * @overlay
 * OCPP 2.0.1 Part 2, E14 GetTransactionStatus (E-50): is a transaction running, and do events of it wait to be confirmed? The queue may be
 * long, so the answer is a stream: spaces, which JSON allows there, leave while the records are looked through.
 */
import { type Cursor, member, scalar } from "../kernel/json";
import { opNumber } from "../kernel/overlay";
import { rpc } from "../kernel/rpc";
import { evses, Field } from "../station/evse";
import { advance, DAMAGED, fetch, nextPage } from "../store/cursor";
import { Cursor as At, Head, journal, READER, SOURCE } from "../store/journal";
import { Has } from "../store/fact";
import { peek, transactionId } from "../store/replay";

/** Records for each piece of the answer. */
const SLICE = 12;

/** GetTransactionStatus. */
export function getTransactionStatus(p: Cursor): void {
  const at = member(p, "transactionId");
  if (at < 0) {
    rpc.out += '{"messagesInQueue":' + (journal.count > 0) + "}";
    return;
  }
  const id = scalar(at);
  let ongoing = false;
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    if (evses.v[evse * Field.Size + Field.Transaction] && transactionId(evse) === id) {
      ongoing = true;
    }
  }
  rpc.out += '{"ongoingIndicator":' + ongoing + ',"messagesInQueue":';
  if (!peek()) {
    rpc.out += "false}";
    return;
  }
  // Where the id stands in the request, and a bit for each EVSE whose transaction at the reader it is. The packer's cursor, which rests while
  // we are online, walks on from there.
  rpc.at = at << 8;
  for (let evse = 0; evse < evses.tokens.length; evse++) {
    const known = journal.identity[evse];
    if (known && known.substr(1, known.charCodeAt(0)) === id) {
      rpc.at |= 1 << evse;
    }
  }
  for (let i = 0; i < At.Size; i++) {
    journal.cursor[SOURCE + i] = journal.cursor[READER + i];
  }
  rpc.stream = opNumber(statusNext);
}

/** Look at some records. */
export function statusNext(): void {
  for (let n = 0; n < SLICE; n++) {
    const text = fetch(SOURCE);
    if (!text || text === DAMAGED) {
      if (!nextPage(SOURCE)) {
        finish(false);
        return;
      }
      continue;
    }
    const kind = text.charCodeAt(0) & 63;
    const evse = kind < Head.Event ? kind : text.charCodeAt(1) & 7;
    if (kind === Head.Move) {
      rpc.at = rpc.at & (1 << evse) ? (rpc.at & ~(1 << evse)) | (1 << text.charCodeAt(2)) : rpc.at;
    } else if ((kind === Head.Event || kind === Head.Context) && text.charCodeAt(1) & Has.Start) {
      rpc.at &= ~(1 << evse);
      if (text.substr(5, text.charCodeAt(4)) === scalar(rpc.at >> 8)) {
        rpc.at |= 1 << evse;
      }
    }
    if (kind <= Head.Event && text.charCodeAt(0) & Head.Unconfirmed && rpc.at & (1 << evse)) {
      finish(true);
      return;
    }
    advance(SOURCE);
  }
  rpc.out += " ";
}

function finish(waiting: boolean): void {
  rpc.out += waiting + "}";
  rpc.stream = 0;
}
