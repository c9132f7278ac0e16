/**
 * WebSocket client, RFC 6455: frames out (masked through a 32-bit view), frames in from chunks cut anywhere, control frames between
 * fragments. The opening handshake is in `connect.ts`; there is one connection.
 */
import { random32 } from "./engine/entropy";
import { socketWrite } from "./engine/socket";
import { closeReceived, closeWith, upgraded } from "./connect";
import { Connection, connection } from "./connection";
import { message } from "./json";
import { receiveMessage } from "./receive";
import { rpc } from "./rpc";
import { find } from "./text";

/** Longest message that is kept, in bytes; the table announces it as BytesPerMessage. A longer one is answered without being stored. */
export const MESSAGE_LIMIT = 4000;
/** A frame longer than this ends the connection (close code 1009). */
const FRAME_LIMIT = 65535;
/** Bytes that may wait to be read: a CALL and an answer, which is all that OCPP allows to be on the way. More ends the connection (1008). */
const REST_LIMIT = 4600;
/** Longest answer to the upgrade request, headers included. */
const HANDSHAKE_LIMIT = 2000;

export const enum Opcode {
  Continuation = 0,
  Text = 1,
  Binary = 2,
  Close = 8,
  Ping = 9,
  Pong = 10,
}

/** What has to be done from the timer; a larger number is a close code. */
const enum Due {
  Nothing,
  Frame,
  Handshake,
}

export const frame = {
  /** Header bytes read so far; during the handshake the accept key that the server has to send. */
  head: "",
  /** Payload bytes still to come, -1 while the header is incomplete. */
  left: -1,
  /** Opcode of the data message being received, 0 when none is. */
  opcode: 0,
  /** Bytes of that message that were longer than the limit and are not kept. */
  surplus: 0,
  /** Payload of the control frame being received. */
  control: "",
  /** Bytes that came and are not read yet. */
  rest: "",
  /** `Due`: reading goes on when this is done. */
  due: 0,
};

/** Send one frame: `head` is the first byte (FIN 128 + opcode), `payload` bytes. */
export function sendFrame(head: number, payload: string): void {
  const n = payload.length;
  const bytes = new Uint8Array((n + 11) & -4);
  const words = new Int32Array(bytes.buffer);
  const mask = random32();
  words[1] = mask;
  bytes.set(payload as unknown as ArrayLike<number>, 8);
  for (let i = words.length; --i > 1;) {
    words[i] ^= mask;
  }
  let from = 2;
  if (n > 125) {
    from = 0;
    bytes[0] = head;
    bytes[1] = 254;
    bytes[2] = n >> 8;
    bytes[3] = n;
  } else {
    bytes[2] = head;
    bytes[3] = n | 128;
  }
  socketWrite(E.toString(new Uint8Array(bytes.buffer, from, n + 8 - from)));
}

/**
 * Bytes from the socket: payload is taken in place, a frame that wants something done ends the reading. That is done from a timer, because
 * the event comes from inside the engine's socket loop, where a write or a close breaks a TLS socket.
 */
export function received(chunk: string): void {
  let p = 0;
  if (rpc.stream) {
    connection.quiet = 0; // the pong may be in it
    // The engine, asked to keep it, gives what is beyond 512 bytes twice.
    if (frame.rest.length + chunk.length > REST_LIMIT) {
      frame.due = 1008;
    } else {
      frame.rest += chunk;
    }
    return;
  }
  if (frame.rest) {
    chunk = chunk ? frame.rest + chunk : frame.rest;
    frame.rest = "";
  }
  if (connection.state === Connection.Upgrading) {
    message.text += chunk;
    p = chunk.length;
    if (find(message.text, "\r\n\r\n") >= 0 || message.text.length > HANDSHAKE_LIMIT) {
      frame.due = Due.Handshake;
    }
  }
  while (p < chunk.length && connection.state === Connection.Open && !frame.due) {
    let size;
    if (frame.left < 0) {
      // Not by an index, which makes a character of UTF-8 of a byte on an engine with such strings.
      frame.head += chunk.substr(p++, 1);
      size = frame.head.charCodeAt(1);
      if (frame.head.length < (size === 126 ? 4 : size === 127 ? 10 : 2)) {
        continue;
      }
      if (size > 125) {
        // A 64-bit length whose upper bytes are not zero is beyond every limit.
        const at = size === 127 ? 8 : 2;
        size =
          size === 127 && frame.head.substr(2, 6) !== "\0\0\0\0\0\0"
            ? FRAME_LIMIT + 1
            : frame.head.charCodeAt(at) * 256 + frame.head.charCodeAt(at + 1);
      }
      const first = frame.head.charCodeAt(0);
      const opcode = first & 15;
      // RFC 6455 5.2, 5.4, 5.5: reserved bits, masked by the server, unknown opcode, control frame long or fragmented, wrong sequence.
      if (
        first & 0x70 ||
        frame.head.charCodeAt(1) > 127 ||
        (opcode > 2 && (opcode < 8 || opcode > 10 || size > 125 || first < 128)) ||
        (opcode === Opcode.Continuation && !frame.opcode) ||
        (opcode > 0 && opcode < 3 && frame.opcode)
      ) {
        frame.due = 1002;
      } else if (size > FRAME_LIMIT) {
        frame.due = 1009;
      }
      if (opcode && opcode < 3) {
        frame.opcode = opcode;
      }
      frame.left = size;
      frame.control = "";
    } else {
      const part = chunk.substr(p, frame.left > 256 ? 256 : frame.left); // in pieces: a rest may be long
      p += part.length;
      frame.left -= part.length;
      if (frame.head.charCodeAt(0) & 8) {
        frame.control += part;
      } else {
        const room = MESSAGE_LIMIT - message.text.length;
        message.text += part.substr(0, room);
        if (part.length > room) {
          frame.surplus += part.length - room;
          if (frame.surplus > FRAME_LIMIT) {
            frame.due = 1009;
          }
        }
      }
    }
    if (!frame.left && !frame.due) {
      frame.due = Due.Frame;
    }
  }
  // Behind a close nothing is read any more.
  frame.rest = connection.state === Connection.Open ? chunk.substr(p) : "";
  if (frame.rest.length > REST_LIMIT) {
    frame.rest = "";
    if (frame.due <= Due.Handshake) {
      frame.due = 1008;
    }
  }
  if (frame.due) {
    setTimeout(read, 0);
  }
}

/** Do what the last frame wants, then read on. */
function read(): void {
  if (rpc.stream || connection.state === Connection.Draining) {
    return; // a CALL of ours is being streamed: `drained` comes back to this; or behind our close, where nothing is answered
  }
  const due = frame.due;
  frame.due = 0;
  if (due === Due.Handshake) {
    const end = find(message.text, "\r\n\r\n");
    if (end < 0) {
      closeWith(0);
      return;
    }
    frame.rest = message.text.substr(end + 4);
    upgraded(end);
  } else if (due > Due.Handshake) {
    closeWith(due);
    return;
  } else if (due) {
    const first = frame.head.charCodeAt(0);
    frame.left = -1;
    frame.head = "";
    connection.quiet = 0;
    if (first & 8) {
      if ((first & 15) === Opcode.Ping) {
        sendFrame(128 | Opcode.Pong, frame.control);
      } else if ((first & 15) === Opcode.Close) {
        closeReceived();
        return;
      }
    } else if (first & 128) {
      const opcode = frame.opcode;
      const surplus = frame.surplus;
      frame.opcode = frame.surplus = 0;
      if (opcode === Opcode.Text) {
        receiveMessage(surplus);
      } else {
        message.text = "";
      }
    }
  }
  received("");
}
