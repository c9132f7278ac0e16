/**
 * Flash map: the raw area, 16 pages of 4,096 bytes, and behind the slots of code 16 more, at offsets as on a 4 MB ESP32, where Storage follows
 * the raw area (docs/ARCHITECTURE.md, "Flash map").
 */
export const PAGE = 4096;

export const SETTINGS = 0;

export const JOURNAL = 8192;
export const JOURNAL_PAGES = 8;
export const JOURNAL_END = 40960;

export const SECURITY_LOG = 40960;

/** Local authorization list and authorization cache. */
export const TOKENS = 49152;

/** Charging profiles. */
export const PROFILES = 57344;

/** The pages behind the slots: free so far, kept by every update. */
export const MORE = 331776;
export const MORE_PAGES = 16;

/** Bytes at the begin of each page: sequence number (4, little endian), its check (2), the kind of page, 0xFF until it is done with. */
export const PAGE_HEADER = 8;

/** Kinds of page: records as they were written; the same, but packing it would not make it smaller (a bit fell); blocks of records. */
export const RAW = 3;
export const KEPT = 2;
export const PACKED = 1;

/** In a packed page: where its content ends in the page behind it (8), confirmation bits (16), first block. */
export const UNTIL = 8;
export const CONFIRMED = 16;
export const BLOCKS = 144;

export const settings = {
  /** The settings page in force, offset in the raw area. */
  page: 0,
};

/** Bytes that a transaction takes at most until it is over: a context without its token, and its end. */
export const END_ROOM = 320;
