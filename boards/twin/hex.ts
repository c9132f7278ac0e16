/**
 * @overlay
 * Bytes as the lines of the link have them.
 */

/** Hexadecimal digits of `bytes`. */
export function hex(bytes: string): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i);
    text += (byte < 16 ? "0" : "") + byte.toString(16);
  }
  return text;
}
