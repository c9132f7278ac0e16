/**
 * The constant Huffman code of the packed journal: trained on synthetic sessions, the same on every machine. A block of the journal
 * is the payload of a gzip file (RFC 1952) whose deflate header (RFC 1951, 3.2.7) never changes and is not stored; the device packs
 * and unpacks with the table slice `huffman`. docs/ARCHITECTURE.md, "Flash map", has its layout. Blocks in the field were packed
 * with the code as it was then: a change of the code is a change of the flash format.
 */
import { fileURLToPath } from "node:url";
import { MODEL_NAMES, MODELS, plainBlocks, Random, session, type ModelName, type PlainBlock } from "../flash/sessions.ts";

/** Literals 0 … 255 and the end of the block. */
export const SYMBOLS = 257;
export const END_OF_BLOCK = 256;
const LONGEST_CODE = 12;

/** Bytes around a payload: length, events, size and check before it, CRC-32 behind it. */
export const BLOCK_FRAME = 12;

/** Intervals between samples (s) with their share in what the code is trained on. */
const INTERVALS = [60, 60, 60, 60, 900, 300, 30, 10];

/** Order in which the header gives the lengths of the code length code. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

interface Code {
  lengths: readonly number[];
  /** First bit of the code is bit 0, as deflate packs them. */
  reversed: readonly number[];
  /** Canonical order: by length, then by symbol. */
  order: readonly number[];
}

interface Trained extends Code {
  header: BitWriter;
}

let trained: Trained | undefined;

function train(): Trained {
  if (!trained) {
    const lengths = codeLengths(frequencies(), LONGEST_CODE);
    trained = { ...canonical(lengths), header: deflateHeader(lengths) };
  }
  return trained;
}

/** Length of the code of each symbol. */
export function huffmanLengths(): readonly number[] {
  return train().lengths;
}

/** The device's table slice. */
export function huffmanTable(): Uint8Array {
  const { lengths, order, header } = train();
  const table = new Uint8Array(276);
  table[0] = header.bits % 8;
  table[1] = header.bits % 8 === 0 ? 0 : header.bytes[header.bytes.length - 1];
  for (const length of lengths) table[1 + length]++;
  order.forEach((symbol, index) => (table[17 + index] = symbol & 255));
  const end = order.indexOf(END_OF_BLOCK);
  table[274] = end & 255;
  table[275] = end >> 8;
  return table;
}

/** The payload of a block: the last bits of the deflate header, the bytes' codes, the end of the block. */
export function payloadOf(bytes: Uint8Array): Uint8Array {
  const { lengths, reversed, header } = train();
  const rest = header.bits % 8;
  const out = new BitWriter();
  out.put(rest === 0 ? 0 : header.bytes[header.bytes.length - 1], rest);
  for (const symbol of [...bytes, END_OF_BLOCK]) out.put(reversed[symbol], lengths[symbol]);
  return Uint8Array.from(out.bytes);
}

/** Least significant bit first. */
class BitWriter {
  readonly bytes: number[] = [];
  bits = 0;

  put(value: number, count: number): void {
    for (let i = 0; i < count; i++, this.bits++) {
      if (this.bits % 8 === 0) this.bytes.push(0);
      this.bytes[this.bytes.length - 1] |= ((value >> i) & 1) << (this.bits % 8);
    }
  }
}

/** How often each symbol occurs in the training sessions; at least once. */
function frequencies(): number[] {
  const counts = new Array<number>(SYMBOLS).fill(1);
  for (const name of MODEL_NAMES) {
    for (let seed = 0; seed < 16; seed++) {
      for (const block of sessionBlocks(name, seed, {
        interval: INTERVALS[seed % INTERVALS.length],
        evse: seed % 8 === 5 ? 1 : 0,
      })) {
        for (const byte of block.bytes) counts[byte] += 8;
        counts[END_OF_BLOCK] += 8;
      }
    }
  }
  return counts;
}

function sessionBlocks(name: ModelName, seed: number, { interval = 60, evse = 0 } = {}): PlainBlock[] {
  const random = new Random(0x51ed * (seed + 1) + MODEL_NAMES.indexOf(name));
  return plainBlocks(session(MODELS[name], random, { events: 200, interval, evse }));
}

/** Lengths of an optimal prefix code in which none is longer than `longest`: package-merge (Larmore and Hirschberg, 1990). */
function codeLengths(counts: readonly number[], longest: number): number[] {
  interface Package {
    weight: number;
    symbols: readonly number[];
  }
  const leaves: Package[] = counts
    .map((weight, symbol) => ({ weight, symbols: [symbol] }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.weight - b.weight || a.symbols[0] - b.symbols[0]);
  let level = leaves;
  for (let i = 1; i < longest; i++) {
    const pairs: Package[] = [];
    for (let k = 0; k + 1 < level.length; k += 2)
      pairs.push({ weight: level[k].weight + level[k + 1].weight, symbols: [...level[k].symbols, ...level[k + 1].symbols] });
    // Stable, so leaves come before packages of the same weight.
    level = [...leaves, ...pairs].sort((a, b) => a.weight - b.weight);
  }
  const lengths = counts.map(() => 0);
  for (const { symbols } of level.slice(0, 2 * leaves.length - 2)) for (const symbol of symbols) lengths[symbol]++;
  return lengths;
}

/** The canonical code of these lengths (RFC 1951, 3.2.2). */
function canonical(lengths: readonly number[]): Code {
  const order = [...lengths.keys()].filter((symbol) => lengths[symbol] > 0);
  order.sort((a, b) => lengths[a] - lengths[b] || a - b);
  const reversed = lengths.map(() => 0);
  let code = 0;
  let length = 0;
  for (const symbol of order) {
    code <<= lengths[symbol] - length;
    length = lengths[symbol];
    for (let i = 0; i < length; i++) reversed[symbol] |= ((code >> i) & 1) << (length - 1 - i);
    code++;
  }
  return { lengths, reversed, order };
}

/** Header of the last and only deflate block. Two distance codes that nothing uses make their code complete for every reader. */
function deflateHeader(lengths: readonly number[]): BitWriter {
  const runs = runLengths([...lengths, 1, 1]);
  const counts = new Array<number>(19).fill(0);
  for (const { symbol } of runs) counts[symbol]++;
  const code = canonical(codeLengths(counts, 7));
  let given = LENGTH_ORDER.length;
  while (given > 4 && code.lengths[LENGTH_ORDER[given - 1]] === 0) given--;
  const out = new BitWriter();
  out.put(1, 1);
  out.put(2, 2);
  out.put(lengths.length - 257, 5);
  out.put(1, 5);
  out.put(given - 4, 4);
  for (const symbol of LENGTH_ORDER.slice(0, given)) out.put(code.lengths[symbol], 3);
  for (const { symbol, extra, bits } of runs) {
    out.put(code.reversed[symbol], code.lengths[symbol]);
    out.put(extra, bits);
  }
  return out;
}

/** Code lengths, none of them 0, with repetitions as symbol 16 (the length before, 3 … 6 times). */
function runLengths(lengths: readonly number[]): { symbol: number; extra: number; bits: number }[] {
  const runs: { symbol: number; extra: number; bits: number }[] = [];
  for (let i = 0; i < lengths.length;) {
    let same = 1;
    while (same < 7 && lengths[i + same] === lengths[i]) same++;
    runs.push({ symbol: lengths[i], extra: 0, bits: 0 });
    if (same > 3) runs.push({ symbol: 16, extra: same - 4, bits: 2 });
    else same = 1;
    i += same;
  }
  return runs;
}

/** Bytes an event in sessions that the code was not trained on, everything counted that a page holds for a block. */
export function bytesPerEvent(name: ModelName, interval = 60, seeds = 20): { plain: number; packed: number } {
  let plain = 0;
  let packed = 0;
  let events = 0;
  for (let seed = 1000; seed < 1000 + seeds; seed++) {
    for (const block of sessionBlocks(name, seed, { interval })) {
      plain += block.bytes.length;
      packed += payloadOf(block.bytes).length + BLOCK_FRAME;
      events += block.events;
    }
  }
  return { plain: plain / events, packed: packed / events };
}

/** What a payload follows in its gzip file: the gzip header and the whole bytes of the deflate header. */
export const PREFIX: Uint8Array = (() => {
  const { bits, bytes } = train().header;
  // Deflate; no flags, no time, no hints; unknown system.
  return Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, ...bytes.slice(0, Math.floor(bits / 8))]);
})();

function report(): void {
  const table = huffmanTable();
  const longest = Math.max(...huffmanLengths());
  console.log(`table ${table.length} bytes, prefix ${PREFIX.length} bytes + ${table[0]} bits, longest code ${longest} bits`);
  console.log("bytes per event in packed blocks, unseen sessions of 200 events (uncompressed in brackets)");
  const intervals = [10, 60, 300, 900];
  console.log("".padEnd(20) + intervals.map((interval) => `every ${interval} s`.padStart(14)).join(""));
  for (const name of MODEL_NAMES) {
    const cells = intervals.map((interval) => {
      const { plain, packed } = bytesPerEvent(name, interval);
      return `${packed.toFixed(2)} (${plain.toFixed(2)})`.padStart(14);
    });
    console.log(name.padEnd(20) + cells.join(""));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) report();
