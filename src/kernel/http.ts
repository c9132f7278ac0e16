/**
 * The one HTTP request of the firmware that is under way (http-steps.ts): firmware images come by it, logs go by it. Nothing is resident
 * while there is none.
 */
import type { OpNumber } from "./overlay";

/** What the next byte of the answer belongs to. */
export const enum HttpStage {
  Status,
  Head,
  Body,
  /** The line with the length of a chunk; the empty one behind a chunk; what follows the last one. */
  ChunkLength,
  ChunkEnd,
  Trailer,
  Done,
}

/** How a request ended, for `end`: the status code of the answer when it came whole, else one of these. */
export const enum HttpEnd {
  /** No such URL, or nobody there. */
  Unreachable = -1,
  /** The answer was none, broke off, took too long or was too long. */
  Broken = -2,
  /** The operation that takes the body wanted no more, or `httpStop`. */
  Stopped = -3,
}

export interface HttpRequest {
  /** Method, then header lines of the request's own, each behind `\r\n`. */
  head: string;
  url: string;
  /**
   * GET: operation (bytes, offset of the first of them in the file), once for each piece; it returns true to stop.
   * PUT, POST: operation (offset), which returns the piece of the body that begins there, "" at its end.
   */
  body: OpNumber;
  /** Operation (status code or `HttpEnd`), once at the end. A body comes only with 200 and 206. */
  end: OpNumber;
  /** Undefined while the name is looked up, and before the next address of a redirection is called. */
  socket: Socket | undefined;
  /** Seconds without a byte that are left, and seconds in all. */
  quiet: number;
  left: number;
  stage: HttpStage;
  /** Line that is not complete yet, and bytes of the head so far. */
  text: string;
  size: number;
  /** Status code; 0 before it came. */
  code: number;
  /** Bytes to come of the body or the chunk; -1: until the connection is closed, -2: in chunks. */
  need: number;
  /** Offset in the file of the next byte of the body; of a body of ours, what was sent, -1 when all of it was. */
  at: number;
  /** Where the answer says that the file is. */
  location: string;
  /** Redirections followed. */
  hops: number;
}

export const http = {
  request: undefined as HttpRequest | undefined,
};
