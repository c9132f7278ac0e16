/**
 * Judges each frame of one connection, both directions: RPC framing, message ids, error form and payload schema.
 * OCPP 2.0.1 Part 4, 4 (RPC framework); OCPP-J 1.6, 4.
 *
 * The strict mode of ocpp-rpc looks at payloads only, and not at all of them: requests without a handler, answers to
 * unknown ids, error frames, ids and the number of elements pass it. Here every frame is looked at, as text.
 */
import { answeredActions } from "./answers.ts";
import { asObject, ERROR_CODES, payloadFault, type Payload, type Protocol } from "./schema.ts";

export type Party = "station" | "csms";

export const CALL = 2;
export const CALLRESULT = 3;
export const CALLERROR = 4;

/** The fault of an answer that nobody has asked for. */
export const NO_CALL = "an answer to no open CALL";

const ID_LENGTH = 36;
const DESCRIPTION_LENGTH = 255;

/** A frame taken apart. Fields that could not be read are null. */
export interface CheckedFrame {
  from: Party;
  type: number | null;
  id: string | null;
  /** The action of a request, or of the request that an answer belongs to. */
  action: string | null;
  /** Payload of a request or a result. */
  payload: Payload | null;
  /** The request's payload, on answers. */
  request: Payload | null;
  /** An older request of the same side that was still unanswered, on requests. */
  overlaps: string | null;
  /** What is against the protocol; empty when all is well. */
  faults: string[];
}

interface Open {
  /** null: the request could not be read; only an error may answer it. */
  action: string | null;
  payload: Payload;
}

export class WireCheck {
  /** Requests without an answer yet, by the side that asked. */
  private readonly open: Record<Party, Map<string, Open>> = { station: new Map(), csms: new Map() };

  constructor(private readonly protocol: Protocol) {}

  check(from: Party, text: string): CheckedFrame {
    const frame: CheckedFrame = {
      from,
      type: null,
      id: null,
      action: null,
      payload: null,
      request: null,
      overlaps: null,
      faults: [],
    };
    let parts: unknown;
    try {
      parts = JSON.parse(text);
    } catch {
      frame.faults.push("not JSON");
      return frame;
    }
    if (!Array.isArray(parts) || parts.length === 0) {
      frame.faults.push("not an array with elements");
      return frame;
    }
    if (typeof parts[1] === "string") frame.id = parts[1];
    else frame.faults.push("the message id is not a string");
    if (frame.id !== null && frame.id.length > ID_LENGTH) frame.faults.push(`the message id is longer than ${ID_LENGTH}`);
    frame.type = typeof parts[0] === "number" ? parts[0] : null;
    if (frame.type === CALL) this.checkCall(frame, parts);
    else if (frame.type === CALLRESULT) this.checkResult(frame, parts);
    else if (frame.type === CALLERROR) this.checkError(frame, parts);
    else {
      frame.faults.push(`message type ${JSON.stringify(parts[0])} is not 2, 3 or 4`);
      this.ask(frame);
    }
    return frame;
  }

  /** The side that has to answer will not: the request counts as ended. */
  forget(asker: Party, id: string): void {
    this.open[asker].delete(id);
  }

  private checkCall(frame: CheckedFrame, parts: unknown[]): void {
    if (parts.length !== 4) frame.faults.push(`a CALL has 4 elements, this has ${parts.length}`);
    if (typeof parts[2] !== "string") {
      frame.faults.push("the action is not a string");
      this.ask(frame);
      return;
    }
    frame.action = parts[2];
    const fault = payloadFault(this.protocol, frame.action, "req", parts[3]);
    if (fault) frame.faults.push(`${fault.code}: ${fault.text}`);
    else if (!this.maySend(frame.from, frame.action)) frame.faults.push(`${frame.action} is not for a ${frame.from} to send`);
    frame.payload = asObject(parts[3]);
    this.ask(frame);
  }

  private maySend(from: Party, action: string): boolean {
    const byStation = answeredActions(this.protocol).includes(action);
    return action === "DataTransfer" || byStation === (from === "station");
  }

  /** Whatever is no answer may get one. */
  private ask(frame: CheckedFrame): void {
    if (frame.id === null) return;
    const open = this.open[frame.from];
    for (const request of open.values()) frame.overlaps ??= request.action;
    if (open.has(frame.id)) frame.faults.push("the message id is in use by an unanswered CALL");
    open.set(frame.id, { action: frame.action, payload: frame.payload ?? {} });
  }

  private checkResult(frame: CheckedFrame, parts: unknown[]): void {
    if (parts.length !== 3) frame.faults.push(`a CALLRESULT has 3 elements, this has ${parts.length}`);
    const request = this.takeRequest(frame);
    if (!request) return;
    if (request.action === null) {
      frame.faults.push("a CALLRESULT for a frame that is no request");
      return;
    }
    const fault = payloadFault(this.protocol, request.action, "conf", parts[2]);
    if (fault) frame.faults.push(`${fault.code}: ${fault.text}`);
    frame.payload = asObject(parts[2]);
  }

  private checkError(frame: CheckedFrame, parts: unknown[]): void {
    if (parts.length !== 5) frame.faults.push(`a CALLERROR has 5 elements, this has ${parts.length}`);
    // "-1" stands for an id that could not be read (Part 4, 4.2.3); it belongs to no request.
    if (frame.id !== "-1") this.takeRequest(frame);
    const [, , code, description, details] = parts;
    if (typeof code !== "string" || !ERROR_CODES[this.protocol].includes(code)) {
      // ocpp-rpc answers in words of 2.0.1 where 1.6 has none.
      const library = frame.from === "csms" && ERROR_CODES["ocpp2.0.1"].includes(String(code));
      if (!library) frame.faults.push(`unknown error code ${JSON.stringify(code)}`);
    }
    if (typeof description !== "string") frame.faults.push("the error description is not a string");
    else if (description.length > DESCRIPTION_LENGTH) {
      frame.faults.push(`the error description is longer than ${DESCRIPTION_LENGTH}`);
    }
    if (asObject(details) === null) frame.faults.push("the error details are not an object");
  }

  private takeRequest(frame: CheckedFrame): Open | null {
    if (frame.id === null) return null;
    const asker = this.open[frame.from === "station" ? "csms" : "station"];
    const request = asker.get(frame.id);
    if (!request) {
      frame.faults.push(NO_CALL);
      return null;
    }
    asker.delete(frame.id);
    frame.action = request.action;
    frame.request = request.payload;
    return request;
  }
}
