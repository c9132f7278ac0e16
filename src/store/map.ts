/**
 * Flash map of the raw area: 16 pages of 4,096 bytes (docs/ARCHITECTURE.md, "Flash map").
 */
export const PAGE = 4096;

export const SETTINGS = 0;
export const SETTINGS_PAGES = 2;

export const JOURNAL = 8192;
export const JOURNAL_PAGES = 8;

/** Bytes at the begin of each settings or journal page: sequence number (4, little endian), its check (2), 0, and 0xFF until the page is done with. */
export const PAGE_HEADER = 8;

export const settings = {
  /** The settings page in force, offset in the raw area. */
  page: 0,
};
