/**
 * A build that tells more: the operations of chosen modules also sample the variables in use, before every statement of a block and at its end, not only where the board does (at frames, writes to flash and lines of the link).
 */
import { residentsOf } from "../budget/residents.ts";
import type { Build } from "../build/build-board.ts";
import { PROJECT_ROOT } from "../build/boards.ts";
import { bodyOf } from "../build/pretokenise.ts";
import { parse, type Node } from "../build/syntax.ts";
import { encodeSlices } from "../image/slices.ts";
import { BOOT_NAME, encodeFactoryStorage, slotsOf } from "../image/slot.ts";
import { decodeStorage } from "../image/storage.ts";

/** Names on the engine. */
export interface ProbeNames {
  sample: string;
  peak: string;
  load: string;
}

export function probeNames(build: Build, root: string = PROJECT_ROOT): ProbeNames {
  const residents = residentsOf(build.tracedKernel, root);
  const named = (name: string): string => {
    const resident = residents.find((one) => one.name === name);
    if (!resident) throw new Error(`the kernel has no ${name}`);
    return resident.shortName;
  };
  return { sample: named("sample"), peak: named("link.peak"), load: named("load") };
}

/** Number of an operation. */
export function operation(build: Build, name: string, module: string): number {
  const number = build.slices.findIndex((slice) => slice.name === name && slice.module === module);
  if (number < 0) throw new Error(`the image has no operation ${name} of ${module}`);
  return number;
}

export function sampling(build: Build, modules: readonly string[], { sample }: ProbeNames): Uint8Array {
  const slices = build.slices.map(({ module, isTable, text, bytes }) =>
    !isTable && modules.includes(module)
      ? new Uint8Array(Buffer.from(bodyOf(withSamples(text, `${sample}();`)), "latin1"))
      : bytes,
  );
  const files = decodeStorage(build.storage);
  const { facts, slots } = slotsOf(files)!;
  const boot = files.find(({ name }) => name === BOOT_NAME)!;
  return encodeFactoryStorage(boot.bytes, facts, { ...slots[0]!, slices: encodeSlices(slices) });
}

/** `text`, an operation, with `call` before each statement of a block and at the end of each block of a loop or a function. */
export function withSamples(text: string, call: string): string {
  const opening = `(${text})`;
  const { each, parentOf } = parse(opening);
  const places = new Set<number>();
  each((node: Node) => {
    const parent = parentOf(node);
    if (parent?.type === "BlockStatement") places.add(node.start);
    if (node.type === "BlockStatement" && parent !== undefined && /^(For|While|DoWhile|Function|Arrow)/.test(parent.type)) {
      const last = node.body.at(-1);
      if (last && last.type !== "ReturnStatement") places.add(node.end - 1);
    }
  });
  let out = opening;
  // A statement in front may have left out its semicolon.
  for (const at of [...places].sort((a, b) => b - a))
    out = out.slice(0, at) + (/[;{}]\s*$/.test(out.slice(0, at)) ? "" : ";") + call + out.slice(at);
  return out.slice(1, -1);
}
