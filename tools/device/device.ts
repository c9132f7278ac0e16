/** What a device says of itself, and whether these tools can deal with it. Each refusal is one line. */
import { LAYOUT, parseFacts, SLOT_HEAD, type BoardFacts } from "../image/slot.ts";
import { UsageError } from "../sim/engine.ts";
import { DeviceError, type DeviceConsole } from "./console.ts";

/** Espruino that the image was made for, and the oldest that runs it. */
const OLDEST = [2, 29] as const;

export interface SlotState {
  /** Number of the update; -1 for a blank slot. */
  sequence: number;
  /** Its CRC is right. */
  whole: boolean;
  /** Any byte set of the tries that are left. */
  hopeful: boolean;
  confirmed: boolean;
  /** "" when the slot is not whole. */
  buildId: string;
}

export interface Device {
  console: DeviceConsole;
  version: string;
  facts: BoardFacts;
  /** The slot that runs; -1 when the boot file found none. */
  running: number;
  slots: SlotState[];
}

const bytes = (address: number, length: number): string => `E.toString(require("Flash").read(${length},${address}))`;

/** Asks the device; `UsageError` when it is none that an image can be put on. */
export async function meet(console: DeviceConsole): Promise<Device> {
  const version = await console.ask("process.version");
  if (isTooOld(version))
    throw new UsageError(
      `The device runs Espruino ${version}; the firmware needs ${OLDEST.join("v")} or newer (--engine-firmware flashes one).`,
    );
  const text = await console.ask('(require("Storage").read("board",0,99)||"").split("\\n")[0]');
  const facts = parseFacts(text + "\n");
  if (!facts) throw new UsageError("The device holds no image with slots; `npm run flash -- --image` writes the first one.");
  if (facts.layout !== LAYOUT)
    throw new UsageError(
      `The device's flash has layout ${facts.layout} and these tools know ${LAYOUT}; ` +
        (facts.layout < LAYOUT ? "it is too old: `--image` writes it anew." : "they are too old for it."),
    );
  const running = Number(await console.ask('typeof CODE=="string"?SLOT:-1'));
  return { console, version, facts, running, slots: await slotsOf(console, facts) };
}

/** `2v29.277` and the like; anything else is no release. */
export function isTooOld(version: string): boolean {
  const [, major, minor] = /^(\d+)v(\d+)/.exec(version) ?? [];
  if (major === undefined) return true;
  return Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
}

export async function slotsOf(console: DeviceConsole, facts: BoardFacts): Promise<SlotState[]> {
  const states: SlotState[] = [];
  for (const number of [0, 1]) {
    const head = await readFlash(console, facts.slots + number * facts.slotBytes, SLOT_HEAD);
    const length = head.readInt32LE(16);
    const sequence = head.readInt32LE(12);
    const possible = length > 0 && length <= facts.slotBytes - 12;
    const crc = possible ? Number(await console.ask(checkExpression(facts, number, length))) : -1;
    const whole = crc === head.readUInt32LE(0);
    states.push({
      sequence: whole ? sequence : -1,
      whole,
      hopeful: head.readInt32LE(4) !== 0,
      confirmed: (head[8] & 1) === 0,
      buildId: whole ? head.toString("latin1", 24, 30) : "",
    });
  }
  return states;
}

/** CRC-32 of a slot as the boot file makes it: from the fourth word on. */
export function checkExpression({ slotBytes }: BoardFacts, number: number, length: number): string {
  return `E.CRC32(require("Storage").read("slots",${number * slotBytes + 12},${length}))`;
}

const PART = 384;

/** `length` bytes at `address` of the Flash module. */
export async function readFlash(console: DeviceConsole, address: number, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at < length; at += PART) {
    const part = Math.min(PART, length - at);
    const text = await console.ask(`btoa(${bytes(address + at, part)})`);
    const read = Buffer.from(text, "base64");
    if (read.length !== part) throw new DeviceError(`read ${read.length} of ${part} bytes`);
    parts.push(read);
  }
  return Buffer.concat(parts);
}
