/**
 * Journal records as bytes, without the length and the check byte that frame them in a raw page: head, content. Reference for the
 * device's coder (`src/store/append.ts`, `replay.ts`); docs/ARCHITECTURE.md, "Flash map".
 */

/** Kinds above the samples 0 … 7. */
export const KIND = { event: 8, context: 9, clock: 10, boot: 11, skip: 12, move: 13 } as const;

/** In a sample's head: the time step is given. */
const STEP = 64;

/** What an event holds besides cause, state and time; in one byte with the EVSE. */
export const HAS = { start: 8, end: 16, token: 32, remoteStart: 64, values: 128 } as const;

/** More of it, in one byte with the reason: the EVSE is told, a reservation was used, voltage and offered current. */
export const EXTRA = { reason: 31, evse: 32, reservation: 64, supply: 128 } as const;

/** Station times below are uptimes of a boot that did not know the time. */
export const DATED = 134_217_728;

/** EVSEs that a record can name. */
export const EVSES = 8;

/** Of an EVSE: what the numbers of its next record refer to. */
export interface EvseState {
  time: number;
  wattHours: number;
  /** Last step of the register: energy is a difference of differences. */
  step: number;
  watts: number;
  centiamps: number;
  /** Time between the last sample and the record before it. */
  interval: number;
  /** seqNo of the next record. */
  seqNo: number;
  /** When the transaction began at this EVSE, and the register then. */
  beginTime: number;
  beginWattHours: number;
  /** Transaction that runs; undefined when none is known. */
  id?: string;
  token?: string;
}

export interface Values {
  wattHours: number;
  watts: number;
  centiamps: number;
}

export interface Sample extends Values {
  kind: "sample";
  evse: number;
  time: number;
}

export interface Event {
  kind: "event";
  evse: number;
  cause: number;
  charging: number;
  reason: number;
  time: number;
  end: boolean;
  /** transactionId, in a start. */
  start?: string;
  /** Type letter and text. */
  token?: string;
  remoteStartId?: number;
  values?: Values;
  /** The event tells its EVSE. */
  tellsEvse?: boolean;
  reservationId?: number;
  supply?: { decivolts: number; deciamps: number };
  /** In an end: samples of the transaction, 11 bytes each (`src/station/samples.ts`). */
  history?: string;
}

/** State of a running transaction; never sent. */
export interface Context extends EvseState {
  kind: "context";
  evse: number;
  id: string;
}

export type JournalRecord =
  | Sample
  | Event
  | Context
  /** Station time of the boot's begin. */
  | { kind: "clock"; time: number }
  | { kind: "boot" }
  /** So many seqNos of the EVSE were dropped here. */
  | { kind: "skip"; evse: number; seqNos: number }
  /** The transaction of the EVSE goes on at another one. */
  | { kind: "move"; evse: number; to: number };

/** Bytes that are no record. */
export class DamagedRecord extends Error {}

export function freshStates(): EvseState[] {
  return Array.from({ length: EVSES }, freshState);
}

function freshState(): EvseState {
  return { time: 0, wattHours: 0, step: 0, watts: 0, centiamps: 0, interval: 0, seqNo: 0, beginTime: 0, beginWattHours: 0 };
}

/** Zigzag varint, low group first. */
export function varint(number: number): number[] {
  let n = number < 0 ? -2 * number - 1 : 2 * number;
  const bytes: number[] = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  bytes.push(n);
  return bytes;
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value, "latin1")];
}

/** Head (without the confirmation bit) and content of a record; the states move on. */
export function encodeRecord(record: JournalRecord, states: EvseState[]): Uint8Array {
  const bytes = encode(record, states);
  follow(record, states);
  return Uint8Array.from(bytes);
}

function encode(record: JournalRecord, states: EvseState[]): number[] {
  switch (record.kind) {
    case "sample": {
      const state = states[record.evse];
      const step = record.time - state.time;
      const values = valueNumbers(record, state).flatMap(varint);
      return step === state.interval ? [record.evse, ...values] : [record.evse | STEP, ...varint(step), ...values];
    }
    case "event": {
      const { start, token, remoteStartId, values } = record;
      const state = start === undefined ? states[record.evse] : freshState();
      const has =
        (start === undefined ? 0 : HAS.start) |
        (record.end ? HAS.end : 0) |
        (token === undefined ? 0 : HAS.token) |
        (remoteStartId === undefined ? 0 : HAS.remoteStart) |
        (values === undefined ? 0 : HAS.values);
      return [
        KIND.event,
        record.evse | has,
        record.cause | (record.charging << 5),
        record.reason | extraOf(record),
        ...(start === undefined ? [] : text(start)),
        ...(token === undefined ? [] : text(token)),
        ...(record.end ? text(record.history ?? "") : []),
        ...varint(record.time - state.time),
        ...(values === undefined ? [] : valueNumbers(values, state).flatMap(varint)),
        ...(remoteStartId === undefined ? [] : varint(remoteStartId)),
        ...(record.reservationId === undefined ? [] : varint(record.reservationId)),
        ...(record.supply === undefined ? [] : [record.supply.decivolts, record.supply.deciamps].flatMap(varint)),
      ];
    }
    case "context": {
      const { evse, id, token, time, wattHours, step, watts, centiamps, interval, seqNo, beginTime, beginWattHours } = record;
      return [
        KIND.context,
        evse | HAS.start | (token === undefined ? 0 : HAS.token),
        0,
        0,
        ...text(id),
        ...(token === undefined ? [] : text(token)),
        ...[time, wattHours, step, watts, centiamps, interval, seqNo, beginTime, beginWattHours].flatMap(varint),
      ];
    }
    case "clock":
      return [KIND.clock, ...varint(record.time)];
    case "boot":
      return [KIND.boot];
    case "skip":
      return [KIND.skip, record.evse, ...varint(record.seqNos)];
    case "move":
      return [KIND.move, record.evse, record.to];
  }
}

function extraOf({ tellsEvse, reservationId, supply }: Event): number {
  return (
    (tellsEvse ? EXTRA.evse : 0) |
    (reservationId === undefined ? 0 : EXTRA.reservation) |
    (supply === undefined ? 0 : EXTRA.supply)
  );
}

function valueNumbers(values: Values, state: EvseState): number[] {
  return [values.wattHours - state.wattHours - state.step, values.watts - state.watts, values.centiamps - state.centiamps];
}

/** The states after a record. */
function follow(record: JournalRecord, states: EvseState[]): void {
  switch (record.kind) {
    case "context": {
      const { id, token, time, wattHours, step, watts, centiamps, interval, seqNo, beginTime, beginWattHours } = record;
      states[record.evse] = {
        id,
        token,
        time,
        wattHours,
        step,
        watts,
        centiamps,
        interval,
        seqNo,
        beginTime,
        beginWattHours,
      };
      return;
    }
    case "skip":
      states[record.evse].seqNo += record.seqNos;
      return;
    case "move":
      states[record.to] = states[record.evse];
      states[record.evse] = { ...states[record.to], id: undefined, token: undefined };
      return;
    case "clock":
    case "boot":
      for (const state of states)
        if (state.beginTime && state.beginTime < DATED)
          state.beginTime = record.kind === "clock" && record.time ? state.beginTime + record.time : 0;
      return;
  }
  const starts = record.kind === "event" && record.start !== undefined;
  const state = starts ? freshState() : states[record.evse];
  states[record.evse] = state;
  const values = record.kind === "sample" ? record : record.values;
  if (record.kind === "sample") state.interval = record.time - state.time;
  state.time = record.time;
  if (starts || (record.kind === "event" && record.tellsEvse)) {
    state.beginTime = record.time;
    state.beginWattHours = values?.wattHours ?? state.wattHours;
  }
  if (values) {
    state.step = starts ? 0 : values.wattHours - state.wattHours;
    state.wattHours = values.wattHours;
    state.watts = values.watts;
    state.centiamps = values.centiamps;
  }
  state.seqNo++;
  if (record.kind === "event") {
    if (starts) {
      state.id = record.start;
      state.token = record.token;
    }
    if (record.end) state.id = state.token = undefined;
  }
}

/** The record that begins at `at`, and where it ends; the states move on. Throws `DamagedRecord`, and then they stay. */
export function decodeRecord(bytes: Uint8Array, at: number, states: EvseState[]): { record: JournalRecord; next: number } {
  const reader = new Reader(bytes, at);
  const record = decode(reader, states);
  follow(record, states);
  return { record, next: reader.at };
}

function decode(reader: Reader, states: EvseState[]): JournalRecord {
  const head = reader.byte();
  const kind = head & ~STEP;
  if (kind < EVSES) {
    const state = states[kind];
    const step = head & STEP ? reader.number() : state.interval;
    return { kind: "sample", evse: kind, time: sum(state.time, step), ...reader.values(state) };
  }
  if (head & STEP) throw new DamagedRecord(`a record of unknown kind ${head}`);
  switch (kind) {
    case KIND.event:
      return decodeEvent(reader, states);
    case KIND.context: {
      const first = reader.byte();
      const evse = first & 7;
      if ((first & ~7 & ~HAS.token) !== HAS.start || reader.byte() !== 0 || reader.byte() !== 0)
        throw new DamagedRecord("a context record with unknown flags");
      const id = reader.text();
      const token = first & HAS.token ? reader.text() : undefined;
      const [time, wattHours, step, watts, centiamps, interval, seqNo] = Array.from({ length: 7 }, () => reader.number());
      const [beginTime, beginWattHours] = [reader.number(), reader.number()];
      return {
        kind: "context",
        evse,
        id,
        token,
        time,
        wattHours,
        step,
        watts,
        centiamps,
        interval,
        seqNo,
        beginTime,
        beginWattHours,
      };
    }
    case KIND.clock:
      return { kind: "clock", time: reader.number() };
    case KIND.boot:
      return { kind: "boot" };
    case KIND.skip: {
      const evse = reader.byte();
      const seqNos = reader.number();
      if (evse >= EVSES || seqNos < 0) throw new DamagedRecord("a skip record with impossible numbers");
      return { kind: "skip", evse, seqNos };
    }
    case KIND.move: {
      const evse = reader.byte();
      const to = reader.byte();
      if (evse >= EVSES || to >= EVSES) throw new DamagedRecord("a move record with impossible numbers");
      return { kind: "move", evse, to };
    }
    default:
      throw new DamagedRecord(`a record of unknown kind ${kind}`);
  }
}

function decodeEvent(reader: Reader, states: EvseState[]): Event {
  const first = reader.byte();
  const second = reader.byte();
  const third = reader.byte();
  const evse = first & 7;
  const start = first & HAS.start ? reader.text() : undefined;
  const token = first & HAS.token ? reader.text() : undefined;
  const end = (first & HAS.end) !== 0;
  const history = (end && reader.text()) || undefined;
  const state = start === undefined ? states[evse] : freshState();
  const time = sum(state.time, reader.number());
  const values = first & HAS.values ? reader.values(state) : undefined;
  const remoteStartId = first & HAS.remoteStart ? reader.number() : undefined;
  const reservationId = third & EXTRA.reservation ? reader.number() : undefined;
  const supply = third & EXTRA.supply ? { decivolts: reader.number(), deciamps: reader.number() } : undefined;
  return {
    kind: "event",
    evse,
    cause: second & 31,
    charging: second >> 5,
    reason: third & EXTRA.reason,
    time,
    end,
    start,
    token,
    remoteStartId,
    values,
    tellsEvse: (third & EXTRA.evse) !== 0 || undefined,
    reservationId,
    supply,
    history,
  };
}

function sum(...numbers: number[]): number {
  const total = numbers.reduce((a, b) => a + b, 0);
  if (!Number.isSafeInteger(total)) throw new DamagedRecord("a number beyond 53 bits");
  return total;
}

/** The number at `at`, and where it ends; throws `DamagedRecord`. */
export function readVarint(bytes: Uint8Array, at: number): { number: number; next: number } {
  const reader = new Reader(bytes, at);
  return { number: reader.number(), next: reader.at };
}

class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  byte(): number {
    if (this.at >= this.bytes.length) throw new DamagedRecord("a record that ends too early");
    return this.bytes[this.at++];
  }

  number(): number {
    let n = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = this.byte();
      n += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127 && scale < 2 ** 56);
    if (byte > 127 || !Number.isSafeInteger(n)) throw new DamagedRecord("a number beyond 53 bits");
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  }

  text(): string {
    const length = this.byte();
    if (this.at + length > this.bytes.length) throw new DamagedRecord("a text that ends too early");
    const from = this.at;
    this.at += length;
    return Buffer.from(this.bytes.subarray(from, this.at)).toString("latin1");
  }

  values(state: EvseState): Values {
    return {
      wattHours: sum(state.wattHours, state.step, this.number()),
      watts: sum(state.watts, this.number()),
      centiamps: sum(state.centiamps, this.number()),
    };
  }
}
