/** A flash with the boot file and what is in its slots, and engines that start it. */
import { decodeStorage, encodeStorage } from "../../tools/image/storage.ts";
import { buildBootFile, flashMap, type BootFile } from "../../tools/build/boot-file.ts";
import { PROJECT_ROOT } from "../../tools/build/boards.ts";
import { encodeSlices } from "../../tools/image/slices.ts";
import { encodeFactoryStorage, LAYOUT, SLOTS_NAME, type BoardFacts, type Code } from "../../tools/image/slot.ts";
import { blankChip, ENGINE_BASE, FILES_BYTES, NorFlash, RAW_BYTES } from "../../tools/sim/flash.ts";
import { NodeEngine } from "../../tools/sim/node-engine/node-engine.ts";

const map = flashMap(PROJECT_ROOT, ["sim"]);
export const FACTS: BoardFacts = {
  name: "sim",
  layout: LAYOUT,
  raw: ENGINE_BASE + FILES_BYTES,
  slots: map.SLOTS,
  slotBytes: map.SLOT_BYTES,
};

let boot: BootFile;
/** Has to be awaited before the first chip. */
export const ready = buildBootFile(PROJECT_ROOT, ["sim"]).then((built) => void (boot = built!));

/** A build that says its name, its slot and the begin of its slices. */
export function code(name: string): Code {
  const kernel = `function hello(a){print(a,SLOT,CODE.substr(4,3))}hello("build ${name}")`;
  return {
    buildId: `${name}${name}${name}`.repeat(2).slice(0, 6),
    kernel: Buffer.from(kernel, "latin1"),
    slices: encodeSlices([Buffer.from(`of ${name}`)]),
  };
}

/** A chip whose slots hold these bytes. `trial`: ms that a new build has, for a boot file that says so. */
export function chip(slots: readonly (Uint8Array | null)[], trial?: number): Buffer {
  const bytes = trial === undefined ? boot.bytes : Buffer.from(boot.text.replace("9e5", String(trial)), "latin1");
  const files = decodeStorage(encodeFactoryStorage(bytes, FACTS, code("0"))).map((file) => {
    if (file.name !== SLOTS_NAME) return file;
    const area = Buffer.alloc(file.bytes.length, 0xff);
    slots.forEach((slot, number) => slot && area.set(slot, number * FACTS.slotBytes));
    return { name: file.name, bytes: area };
  });
  const result = blankChip();
  result.set(encodeStorage(files), RAW_BYTES);
  return result;
}

/** Starts the chip once in Node; answers what was printed. The chip holds what the start left. */
export async function startInNode(bytes: Buffer): Promise<string[]> {
  const lines: string[] = [];
  const engine = new NodeEngine(new NorFlash(bytes), () => false, {
    log: (line) => void lines.push(line),
    stopped: () => undefined,
  });
  await engine.powerOn({ link: 0, relay: 0, seed: 1 });
  await engine.settled();
  await engine.powerOff();
  return lines;
}
