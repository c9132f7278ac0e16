/**
 * The journal: an append log of facts in raw flash, which is at the same time the queue of what the CSMS has not confirmed yet
 * (OCPP 2.0.1 E04, E11–E13). State only; the operations are in `append.ts`, `replay.ts`.
 *
 * A page begins with a header (`page.ts`) and a context record for each running transaction, so that it can be read without the pages
 * before it. A record is: length of the rest · head · content · check byte. The head's top bit falls when the record is confirmed; a
 * record is never rewritten otherwise. Numbers are zigzag varints, differences to the record before of the same EVSE.
 */

/** Fields of a context: what the differences refer to. Two an EVSE: the writer's, and eight behind it the reader's. */
export const enum Context {
  Time,
  WattHours,
  /** The last step of the register: energy is a difference of differences. */
  Step,
  Watts,
  Centiamps,
  /** The last step of time between two samples. */
  Interval,
  /** seqNo of the next record. */
  SeqNo,
  /** Where the record stands that holds transactionId and token; 0 = no transaction. */
  Begin,
  Reader = 8,
  Size = 16,
}

/** The head of a record. 0 … 7: a periodic sample of that EVSE. */
export const enum Head {
  Event = 8,
  /** State of a running transaction, at the begin of a page; never sent. */
  Context = 9,
  /** Station time of this boot's begin: dates the undated records before. */
  Clock = 10,
  /** A boot that found undated records of an earlier one. */
  Boot = 11,
  /** In a sample: the time step differs from the one before and is given. */
  Step = 64,
  Unconfirmed = 128,
}

export const journal = {
  context: undefined as unknown as Int32Array,
  /** Where the next record goes, and where the page ends that holds it; both in the raw area. */
  write: 0,
  /** Where the last record was put. */
  begun: 0,
  /** The oldest record that is not confirmed; equal to `write` when there is none. */
  read: 0,
  /** Sequence number of the page being written. */
  sequence: 0,
  /** Events that are not confirmed. */
  count: 0,
  /** How many of them were recorded before the present connection (E11.FR.07: they are sent with offline true). */
  old: 0,
  /** 1 when records of this boot stand undated in the journal. */
  undated: 0,
  /** Samples that were not recorded because the journal was full. */
  dropped: 0,
};
