/**
 * Text on this engine: strings are bytes, and `indexOf` with more than one character takes a tail of the text that is a prefix
 * of the needle for a hit.
 */

/** Has `text` only ASCII characters that a JSON string holds as they are? One native pass; the engine's JSON builds no frame. */
export function plain(text: string): boolean {
  return JSON.stringify(text).length === text.length + 2;
}

/** Index of `needle` in `text` at or after `from`, -1 when absent. The only multi-character search of the firmware. */
export function find(text: string, needle: string, from?: number): number {
  const i = text.indexOf(needle, from);
  return i + needle.length > text.length ? -1 : i;
}
