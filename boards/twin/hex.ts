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

/** Bytes whose hexadecimal digits stand in `text` from `at` to its end. */
export function fromHex(text: string, at: number): string {
  let bytes = "";
  for (let i = at; i < text.length; i += 2) {
    bytes += String.fromCharCode(parseInt(text.substr(i, 2), 16));
  }
  return bytes;
}
