/**
 * An update of the slot that does not run (docs/ARCHITECTURE.md, "Two slots"): its pages are erased, the first one first, which ends whatever was there;
 * they are filled; the CRC is made on the device; and only then it is written, one word, which is what makes the update be. A power cut at any
 * of these operations leaves the old build running.
 */
import { crc32 } from "node:zlib";
import { newSlot, PAGE_BYTES, SLOT_HEAD, type BoardFacts, type Code } from "../image/slot.ts";
import { UsageError } from "../sim/engine.ts";
import type { DeviceConsole } from "./console.ts";
import { checkExpression, type Device } from "./device.ts";

/** Bytes in one line for the console: the device has it four times for a moment (line, order, text, bytes). */
const CHUNK = 512;

/** An operation on the device's flash; without bytes the page is erased. */
export interface Operation {
  address: number;
  bytes: Uint8Array | null;
}

export interface Plan {
  /** Slot that is written. */
  slot: number;
  /** Everything but the CRC. */
  operations: Operation[];
  /** Makes the update be. */
  seal: Operation;
  /** Bytes that the CRC is made of, and the CRC. */
  length: number;
  crc: number;
}

/** The update of a device whose slot `running` runs; `sequence` is the highest number that it has seen. */
export function planUpdate(facts: BoardFacts, running: number, sequence: number, code: Code): Plan {
  checkSize(facts, code);
  const slot = running === 0 ? 1 : 0;
  const bytes = newSlot(code, sequence + 1);
  const begin = facts.slots + slot * facts.slotBytes;
  const operations: Operation[] = [];
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) operations.push({ address: begin + at, bytes: null });
  for (let at = 4; at < bytes.length; at += CHUNK - (at % CHUNK))
    operations.push({ address: begin + at, bytes: bytes.subarray(at, at + CHUNK - (at % CHUNK)) });
  return {
    slot,
    operations,
    seal: { address: begin, bytes: bytes.subarray(0, 4) },
    length: bytes.length - 12,
    crc: crc32(bytes.subarray(12)),
  };
}

/** Refuses a build that no slot of the device takes. */
export function checkSize({ slotBytes }: BoardFacts, { kernel, slices }: Code): void {
  const bytes = SLOT_HEAD + kernel.length + slices.length;
  if (bytes > slotBytes)
    throw new UsageError(`The image is too large: it has ${bytes} bytes, a slot of the device takes ${slotBytes}.`);
}

/** Text of an operation for the console. */
export function statementOf({ address, bytes }: Operation): string {
  return bytes ? writeStatement(address, bytes) : `require("Flash").erasePage(${address})`;
}

export function writeStatement(address: number, bytes: Uint8Array): string {
  return `require("Flash").write(atob("${Buffer.from(bytes).toString("base64")}"),${address})`;
}

/**
 * Writes the idle slot and makes the update be; the device goes on with the old build until it starts anew. `progress` hears of parts done.
 * @throws UsageError when the device does not hold what was written
 */
export async function writeUpdate(device: Device, code: Code, progress: (done: number, all: number) => void): Promise<Plan> {
  const { console, facts, running, slots } = device;
  const plan = planUpdate(facts, running, Math.max(0, ...slots.map(({ sequence }) => sequence)), code);
  for (const [index, operation] of plan.operations.entries()) {
    progress(index, plan.operations.length);
    await console.ask(statementOf(operation));
  }
  progress(plan.operations.length, plan.operations.length);
  const found = Number(await console.ask(checkExpression(facts, plan.slot, plan.length)));
  if (found !== plan.crc)
    throw new UsageError("The device does not hold what was written (its CRC differs); it keeps the old build.");
  await console.ask(statementOf(plan.seal));
  return plan;
}

/** Starts the device anew; it answers before. */
export async function restart(console: DeviceConsole): Promise<void> {
  await console.ask('setTimeout("E.reboot()",200)');
}

/** Marks a slot as good, as its build would do itself once a CSMS has accepted it. */
export async function confirmSlot({ console, facts }: Device, slot: number): Promise<void> {
  await console.ask(`require("Flash").write(0,${facts.slots + slot * facts.slotBytes + 8})`);
}
