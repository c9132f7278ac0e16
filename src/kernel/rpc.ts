/**
 * RPC of OCPP-J (Part 4, 4): one CALL of ours in flight, answers streamed in WebSocket fragments, and one place that decides what to
 * send next. State changes only call `soon()`; nothing is ever sent from inside them.
 */
import { Connection, connection } from "./connection";
import { message } from "./json";
import { load, type OpNumber } from "./overlay";
import { frame, received, sendFrame } from "./websocket";

/** Bytes after which a streamed answer is cut into the next fragment. */
export const FRAGMENT = 200;

export const rpc = {
  /** Which CALL of ours is unanswered (the protocol's own numbering), 0 = none. */
  call: 0,
  /** Its message id. */
  id: "",
  /** Seconds until it counts as failed. */
  left: 0,
  /** Beginning of every id that this boot makes: random, boot number. */
  prefix: "",
  /** Ids made since boot. */
  count: 0,
  /** Text of the frame being written. */
  out: "",
  /** An answer that waits for the hardware: for what, then its beginning; `next` writes the rest. */
  held: undefined as string | undefined,
  /** 1 when a fragment of the message has already left. */
  begun: 0,
  /** Operation that writes the next piece of a streamed message, 0 = none. */
  stream: 0 as OpNumber,
  /** Its cursor in the request, or what it likes to remember. */
  at: 0,
  /** 1 while no CALL of the CSMS is allowed (RPC-08 k). */
  barred: 1,
  /** Error code to answer with instead of the result, "" = none. */
  error: "",
  /** 1 when `next` is already scheduled. */
  scheduled: 0,
  /** Operations of the protocol in use: a CALL came, a result came (cursor, -1 error, -2 connection lost), what to send next. */
  request: 0 as OpNumber,
  result: 0 as OpNumber,
  next: 0 as OpNumber,
  /** Its schema table and its list of actions that are known but not offered. */
  schema: 0 as OpNumber,
  actions: 0 as OpNumber,
};

/** Send what has been written; `last` is 128 at the end of the message, else 0. */
export function flush(last: number): void {
  const text = rpc.out;
  const first = rpc.begun ? 0 : 1;
  rpc.out = "";
  rpc.begun = last ? 0 : 1;
  sendFrame(last | first, text);
}

/** The socket's buffer is empty: write the next piece of a streamed message. */
export function drained(): void {
  if (rpc.stream && connection.state === Connection.Open) {
    load(rpc.stream);
    if (!rpc.stream) {
      rpc.out += "]";
    }
    flush(rpc.stream ? 0 : 128);
    if (!rpc.stream) {
      if (!frame.opcode) {
        message.text = ""; // else the beginning of a message that came before a CALL of ours was streamed
      }
      received("");
      soon();
    }
  }
}

/** Something may have to be sent: look soon, from the outermost level. */
export function soon(): void {
  if (!rpc.scheduled) {
    setTimeout(next, 0);
    rpc.scheduled = 1; // behind it: without memory for the timer the next one tries again
  }
}

function next(): void {
  rpc.scheduled = 0;
  if (connection.state === Connection.Open && (!rpc.call || rpc.held) && !rpc.stream) {
    load(rpc.next);
    if (rpc.stream) {
      flush(0);
    } else if (rpc.out) {
      rpc.out += "]";
      flush(128);
    }
  }
}
