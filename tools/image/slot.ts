/**
 * The two slots of code in the engine's Storage (docs/ARCHITECTURE.md, "Two slots"; `src/boot-file.ts` is the device's side). Storage holds three files:
 * the boot file, what the board is, and the slots, which begin with the second page so that their pages can be erased and filled without Storage. Behind them the same
 * file has pages of data (`src/store/map.ts`, `MORE`).
 */
import { crc32 } from "node:zlib";
import { MORE_PAGES } from "../../src/store/map.ts";
import { encodeStorage, STORAGE_HEAD, type StorageFile } from "./storage.ts";

export const PAGE_BYTES = 4096;
/** Bytes of a slot's head; the kernel follows it. */
export const SLOT_HEAD = 32;
/** Where the CRC-32 of a slot begins: behind its CRC, its tries and its confirmation. */
const CHECKED = 12;
const ID_LENGTH = 6;

export const BOOT_NAME = ".bootcde";
export const BOARD_NAME = "board";
export const SLOTS_NAME = "slots";
/** Of the boot file, the board file and the head of a slot: one that knows another number has to leave the device alone. */
export const LAYOUT = 2;
/** Bytes behind the slots that hold data. */
export const MORE_BYTES = MORE_PAGES * PAGE_BYTES;

/** What a device says of itself in its file `board`. */
export interface BoardFacts {
  name: string;
  layout: number;
  /** Flash addresses, as the engine's Flash module takes them. */
  raw: number;
  slots: number;
  slotBytes: number;
}

/** A build, ready for a slot. */
export interface Code {
  buildId: string;
  kernel: Uint8Array;
  /** The slices file. */
  slices: Uint8Array;
}

export interface Slot extends Code {
  /** Number of the update. */
  sequence: number;
  /** Starts that are left until it is given up, 0 to 4; of no meaning once it is confirmed. */
  tries: number;
  confirmed: boolean;
}

const TRIES = 4;

/** A slot as it stands on flash, from its head to the end of its slices. Without its CRC (`encodeSlotCheck`) it does not exist. */
export function encodeSlot({ buildId, kernel, slices, sequence, tries, confirmed }: Slot): Buffer {
  if (!/^[0-9a-f]{6}$/.test(buildId)) throw new Error(`"${buildId}" is no build id.`);
  const head = Buffer.alloc(SLOT_HEAD);
  const slot = Buffer.concat([head, kernel, slices]);
  slot.fill(0xff, 4, CHECKED);
  slot.fill(0, 4, 4 + TRIES - tries);
  if (confirmed) slot[8] = 0;
  slot.writeInt32LE(sequence, 12);
  slot.writeInt32LE(slot.length - CHECKED, 16);
  slot.writeInt32LE(kernel.length, 20);
  slot.write(buildId, 24, "latin1");
  slot.writeUInt32LE(crc32(slot.subarray(CHECKED)), 0);
  return slot;
}

/** What an update writes: nothing has been tried, and the build has to prove itself. */
export function newSlot(code: Code, sequence: number): Buffer {
  return encodeSlot({ ...code, sequence, tries: TRIES, confirmed: false });
}

/** The slot at the begin of `bytes`; null when its CRC is not that of its content. */
export function decodeSlot(bytes: Uint8Array): Slot | null {
  const slot = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (slot.length < SLOT_HEAD) return null;
  const end = CHECKED + slot.readInt32LE(16);
  const code = SLOT_HEAD + slot.readInt32LE(20);
  if (code < SLOT_HEAD || end < code || end > slot.length) return null;
  if (crc32(slot.subarray(CHECKED, end)) !== slot.readUInt32LE(0)) return null;
  return {
    sequence: slot.readInt32LE(12),
    tries: [...slot.subarray(4, 4 + TRIES)].filter((mark) => mark !== 0).length,
    confirmed: (slot[8] & 1) === 0,
    buildId: slot.toString("latin1", 24, 24 + ID_LENGTH),
    kernel: new Uint8Array(slot.subarray(SLOT_HEAD, code)),
    slices: new Uint8Array(slot.subarray(code, end)),
  };
}

/** The slot that the boot file starts, by the rule that it has: 0 or 1, or -1 for none. */
export function chosenSlot(slots: readonly (Slot | null)[]): number {
  const newer = (slots[1]?.sequence ?? -1) > (slots[0]?.sequence ?? -1) ? 1 : 0;
  const order = [newer, 1 - newer];
  const hopeful = order.find((number) => slots[number] && (slots[number].confirmed || slots[number].tries > 0));
  return hopeful ?? order.find((number) => slots[number]) ?? -1;
}

/** Storage of a board with `code` in its first slot, confirmed, and a blank second one. */
export function encodeFactoryStorage(boot: Uint8Array, facts: BoardFacts, code: Code): Uint8Array {
  const slot = encodeSlot({ ...code, sequence: 1, tries: TRIES, confirmed: true });
  if (slot.length > facts.slotBytes) throw new Error(`The image has ${slot.length} bytes, a slot takes ${facts.slotBytes}.`);
  const slots = Buffer.alloc(2 * facts.slotBytes + MORE_BYTES, 0xff);
  slots.set(slot);
  return encodeStorage([{ name: BOOT_NAME, bytes: boot }, boardFile(boot.length, facts), { name: SLOTS_NAME, bytes: slots }]);
}

/** Fills the first page up to the head of the slots' file. */
function boardFile(boot: number, facts: BoardFacts): StorageFile {
  const room = PAGE_BYTES - 3 * STORAGE_HEAD - ((boot + 3) & ~3);
  const text = factsText(facts);
  if (text.length > room) throw new Error(`The boot file has ${boot} bytes, which is ${text.length - room} too many.`);
  const bytes = Buffer.alloc(room, 0xff);
  bytes.write(text, "latin1");
  return { name: BOARD_NAME, bytes };
}

/** One line: name, layout, addresses of raw area and slots, bytes of a slot. */
export function factsText({ name, layout, raw, slots, slotBytes }: BoardFacts): string {
  return [name, layout, raw, slots, slotBytes].join(",") + "\n";
}

/** What `factsText` wrote, with whatever is behind it; undefined when it is no such line. */
export function parseFacts(text: string): BoardFacts | undefined {
  const [, name, ...numbers] = /^([\w-]+),(\d+),(\d+),(\d+),(\d+)\n/.exec(text) ?? [];
  if (name === undefined) return undefined;
  const [layout, raw, slots, slotBytes] = numbers.map(Number);
  return { name, layout, raw, slots, slotBytes };
}

/** The slots of a Storage area by its files; undefined for a Storage that has none. */
export function slotsOf(files: readonly StorageFile[]): { facts: BoardFacts; slots: (Slot | null)[] } | undefined {
  const board = files.find(({ name }) => name === BOARD_NAME);
  const area = files.find(({ name }) => name === SLOTS_NAME);
  const facts = board && parseFacts(Buffer.from(board.bytes).toString("latin1"));
  if (!facts || !area) return undefined;
  const { slotBytes } = facts;
  return { facts, slots: [0, 1].map((number) => decodeSlot(area.bytes.subarray(number * slotBytes, (number + 1) * slotBytes))) };
}

/** The build that a Storage area starts; undefined when it holds none. */
export function startedBuild(files: readonly StorageFile[]): Slot | undefined {
  const found = slotsOf(files);
  return found?.slots[chosenSlot(found.slots)] ?? undefined;
}
