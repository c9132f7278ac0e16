/**
 * The journal: an append log of facts in raw flash, which is at the same time the queue of what the CSMS has not confirmed yet
 * (OCPP 2.0.1 E04, E11–E13). State only; docs/ARCHITECTURE.md, "Journal", has the formats.
 *
 * Records are written to raw pages. While the CSMS is away full raw pages are packed into blocks of packed pages (`pack.ts`). Either kind
 * of page can be read without the pages before it, because contexts of the running transactions stand at its begin.
 */

/** What the differences of records refer to, for an EVSE and a side. */
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
  /** 0 = no transaction. The writer's: where the record stands that holds transactionId and token, always in a raw page. */
  Begin,
  /** When the transaction began at this EVSE, and the register then: its Ended tells them (J-07). */
  BeginTime,
  BeginWattHours,
  /** Fields of a side … */
  Fields,
  /** … and of both sides of an EVSE. */
  Size = 20,
}

/** Whose contexts: the first two are in `journal.context`, the others in `journal.packing`. */
export const enum Side {
  Writer = 0,
  Reader = 10,
  /** What the packer reads … */
  Source = 32,
  /** … and what it has written. */
  Target = 42,
  /** Bits of a side's place among the fields of an EVSE. */
  Place = 31,
}

/** The head of a record. 0 … 7: a periodic sample of that EVSE. */
export const enum Head {
  Event = 8,
  /** State of a running transaction; never sent. */
  Context = 9,
  /** Station time of this boot's begin: dates the undated records before. */
  Clock = 10,
  /** A boot that found undated records of an earlier one. */
  Boot = 11,
  /** Records of this EVSE that were dropped here. */
  Skip = 12,
  /** The transaction of an EVSE goes on at another one: it began before its EVSE was known. */
  Move = 13,
  /** In a sample: the time step differs from the one before and is given. */
  Step = 64,
  Unconfirmed = 128,
}

/** A position in the journal: four numbers in `journal.cursor`. */
export const enum Cursor {
  /** Raw page: the record. Packed page: the header of the block. Offset in the raw area. */
  At,
  /** Packed page: next bit of the payload. */
  Bit,
  /** Packed page: uncompressed bytes of the block that are still to come; 0 = the block is to be begun. */
  Left,
  /** Packed page: number of the next event in the page. */
  Nth,
  Size = 4,
}

/** Whose cursor: the reader's, the packer's, and the position behind the record that was fetched last. */
export const READER = 0;
export const SOURCE = 4;
export const NEXT = 8;

/** Behind the cursors in `journal.cursor`: what dates the undated records where the reader stands (`factTime`), 0 = to be found … */
export const DATE = 12;
/** … and for each EVSE the seqNos of records that could not be written (E-42). */
export const MISSED = 13;

export const journal = {
  context: undefined as unknown as Int32Array,
  cursor: undefined as unknown as Int32Array,
  /** transactionId and token of the running transactions, as they stand in a record: the reader's by EVSE, then the packer's. */
  identity: undefined as unknown as string[],
  /** Where the next record goes. */
  write: 0,
  /** Where the last record was put. */
  begun: 0,
  /** Sequence number of the page being written. */
  sequence: 0,
  /** The page that was taken last, offset in the raw area: pages are taken in turn, for even wear. */
  taken: 0,
  /** Events that are not confirmed. */
  count: 0,
  /** How many of them were recorded before the present connection (E11.FR.07: they are sent with offline true). */
  old: 0,
  /** Not 0 when records stand undated in the journal: the clock is to be recorded when it is known. */
  undated: 0,
  /** Events that were dropped because the journal was full (E04.FR.07). */
  dropped: 0,
  /** 1 when a raw page has filled while the CSMS was away: there is something to pack. */
  full: 0,
  /** The page that the packer writes, which is not valid yet; 0 = none. */
  target: 0,
  /** Contexts of the packer while it works. */
  packing: undefined as Int32Array | undefined,
  /** State of the packer while it works (`Pack` in pack.ts). */
  pack: undefined as Int32Array | undefined,
};
