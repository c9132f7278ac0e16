/**
 * @overlay
 * Pages of an append log in raw flash: a header with a sequence number makes a page valid, and it is written last.
 */
import { flashErase, flashRead, flashWrite } from "../kernel/engine/flash";
import { PAGE, PAGE_HEADER } from "./map";

/** Sequence number of the page at `at`, 0 when the page holds no valid header. */
export function pageSequence(at: number): number {
  const head = flashRead(at, PAGE_HEADER);
  const check = E.CRC32(head.subarray(0, 4));
  const valid = head[4] === (check & 255) && head[5] === ((check >> 8) & 255) && !head[6];
  return valid ? head[0] + head[1] * 256 + head[2] * 65536 + head[3] * 16777216 : 0;
}

/** Make the page at `at` valid as number `sequence`. */
export function sealPage(at: number, sequence: number): void {
  const head = new Uint8Array(PAGE_HEADER);
  for (let i = 0; i < 4; i++) {
    head[i] = sequence >>> (8 * i);
  }
  const check = E.CRC32(head.subarray(0, 4));
  head[4] = check;
  head[5] = check >> 8;
  head[7] = 255;
  flashWrite(at, head);
}

/** Erase the page at `at` unless it is blank from its first byte to its last. */
export function blankPage(at: number): void {
  for (let i = 0; i < PAGE; i += 256) {
    const part = new Uint32Array(flashRead(at + i, 256).buffer);
    for (let k = 0; k < 64; k++) {
      if (part[k] !== 0xffffffff) {
        flashErase(at);
        return;
      }
    }
  }
}

/** Mark the page that holds `at` as done with: a boot does not read it again. */
export function pageDone(at: number): void {
  flashWrite(at - (at % PAGE) + PAGE_HEADER - 1, new Uint8Array(1));
}

/** Is everything from `at` to the end of its page blank? */
export function blankFrom(at: number, end: number): boolean {
  while (at < end) {
    const part = flashRead(at, end - at > 128 ? 128 : end - at);
    for (let i = 0; i < part.length; i++) {
      if (part[i] !== 255) {
        return false;
      }
    }
    at += part.length;
  }
  return true;
}
