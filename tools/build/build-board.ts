/**
 * The whole build of a board: TypeScript strict, rollup, linking of the overlays, terser, repairs, the gate, tokens, and the
 * Storage image with its manifest. The same sources give the same bytes.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { crc32 } from "node:zlib";
import { encodeSlices } from "../image/slices.ts";
import { BOARD_NAME, BOOT_NAME, encodeFactoryStorage, factsText, LAYOUT, SLOT_HEAD, type Code } from "../image/slot.ts";
import { encodeStorage, STORAGE_HEAD, type StorageFile } from "../image/storage.ts";
import { aliasBuiltIns } from "./aliases.ts";
import { withBoardDefaults } from "./board-defaults.ts";
import { buildBootFile, BOOT_SOURCE, type BootFile } from "./boot-file.ts";
import { layersOf, PROJECT_ROOT, requireBoard, targetName } from "./boards.ts";
import { bundle } from "./bundle.ts";
import { wrapCommas } from "./commas.ts";
import { cut } from "./cut.ts";
import { BuildFailure } from "./findings.ts";
import { foldOperations } from "./fold.ts";
import { hoistVariables } from "./hoist.ts";
import { inlineEngine } from "./inline-engine.ts";
import { NAME, link } from "./link.ts";
import { codeMembers } from "./member-names.ts";
import { minify } from "./minify.ts";
import { outputGate } from "./output-gate.ts";
import { pretokenise, pretokeniseBody } from "./pretokenise.ts";
import { projectVariables, tableSource, tableText } from "./tables.ts";
import { sumTemplates } from "./templates.ts";
import type { Traced } from "./traced.ts";

export { PROJECT_ROOT };

export interface ManifestFile {
  name: string;
  bytes: number;
  crc32: number;
}

export interface Manifest {
  board: string;
  buildId: string;
  files: ManifestFile[];
  /** By number. */
  slices: { number: number; name: string; module: string; bytes: number }[];
}

export interface Slice {
  name: string;
  /** Source file of the operation or the table. */
  module: string;
  isTable: boolean;
  /** For reading: a program before it was tokenised. */
  text: string;
  /** In the image. */
  bytes: Uint8Array;
}

export interface Build {
  board: string;
  buildId: string;
  /** Storage records, without padding to the size of the chip; the slots in their whole size. */
  storage: Uint8Array;
  /** Bytes that the build needs of the flash. */
  imageBytes: number;
  manifest: Manifest;
  /** For reading: before it was tokenised. */
  kernel: string;
  /** The same, with the source line of each of its characters. */
  tracedKernel: Traced;
  /** The kernel of the image, each byte with its source. */
  storedKernel: Traced;
  slices: Slice[];
  /** Bytes of the image by source file; `(index)` is the slices index, `(storage)` the record heads, `(build)` glue. */
  bytesByModule: Map<string, number>;
}

/**
 * Builds a board, with `isTwin` for the twins of its hardware in the simulator; throws `UsageError` for an unknown one and `BuildFailure`
 * for sources that make no program.
 */
export async function buildBoard(name: string, root: string = PROJECT_ROOT, isTwin = false): Promise<Build> {
  root = path.resolve(root);
  const target = requireBoard(name, root, isTwin);
  const board = targetName(target);
  const bundled = codeMembers(await bundle(root, target));
  const flat = inlineEngine({ ...bundled, code: sumTemplates(bundled.code) });
  const linked = aliasBuiltIns(foldOperations(link(flat, projectVariables(root, bundled.modules))));
  const minified = await minify(linked);
  const { kernel, slices } = cut(wrapCommas(hoistVariables(minified)), linked.slices);
  if (kernel.text === "") throw new BuildFailure([{ file: "src/main.ts", line: 1, reason: "the program does nothing" }]);
  const findings = outputGate(
    kernel,
    slices.flatMap(({ code }) => code ?? []),
  );
  if (findings.length > 0) throw new BuildFailure(findings);

  const storedKernel = pretokenise(kernel);
  const stored = slices.map(({ code }) => code && pretokeniseBody(code));
  const tableOf = (table: string): string => {
    const text = tableText(root, table, bundled.modules);
    return table === "variables" ? withBoardDefaults(root, name, text) : text;
  };
  const texts = slices.map((slice) => slice.code?.text ?? tableOf(slice.name));
  const contents = stored.map((code, number) => code?.text ?? texts[number]);
  const buildId = idOf([storedKernel.text, ...contents]);
  // As long as what it replaces, so strings keep their length.
  const named = (text: string): string => text.replaceAll(NAME.buildId, buildId);
  const built = slices.map(({ name, module, isTable }, number) => ({
    name,
    module: isTable ? tableSource(name) : module,
    isTable,
    text: named(texts[number]),
    bytes: latin1(named(contents[number])),
  }));
  const kernelBytes = latin1(named(storedKernel.text));
  const slicesBytes = encodeSlices(built.map((slice) => slice.bytes));
  const bootFile = await buildBootFile(root, layersOf(target));
  const { files, storage, imageBytes } = bootFile
    ? slotted(board, bootFile, { buildId, kernel: kernelBytes, slices: slicesBytes })
    : plain(kernelBytes, built.length > 0 ? { name: "o" + buildId, bytes: slicesBytes } : undefined);
  const manifest: Manifest = {
    board,
    buildId,
    files: files.map(({ name, bytes }) => ({ name, bytes: bytes.length, crc32: crc32(bytes) })),
    slices: built.map(({ name, module, bytes }, number) => ({ number, name, module, bytes: bytes.length })),
  };
  const bytesByModule = count(imageBytes, files, [storedKernel, ...stored], built, bootFile);
  return {
    board,
    buildId,
    storage,
    imageBytes,
    manifest,
    kernel: named(kernel.text),
    tracedKernel: kernel,
    storedKernel,
    slices: built,
    bytesByModule,
  };
}

function idOf(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:`).update(text, "latin1");
  return hash.digest("hex").slice(0, NAME.buildId.length);
}

/** A file of the image, or a part of a slot, and what of it is the build's. */
interface Parts {
  files: StorageFile[];
  storage: Uint8Array;
  imageBytes: number;
}

/** Boot file and two slots of which the first holds the build. */
function slotted(board: string, { map, bytes: boot }: BootFile, code: Code): Parts {
  const facts = { name: board, layout: LAYOUT, raw: map.RAW, slots: map.SLOTS, slotBytes: map.SLOT_BYTES };
  const files = [
    { name: BOOT_NAME, bytes: boot },
    { name: "kernel", bytes: code.kernel },
    { name: "slices", bytes: code.slices },
  ];
  const heads =
    encodeStorage([files[0], { name: BOARD_NAME, bytes: latin1(factsText(facts)) }]).length + STORAGE_HEAD + SLOT_HEAD;
  const imageBytes = heads + code.kernel.length + code.slices.length;
  const slotBytes = SLOT_HEAD + code.kernel.length + code.slices.length;
  if (slotBytes > map.SLOT_BYTES)
    throw new BuildFailure([
      { file: `boards/${board}`, line: 1, reason: `the image is too large: ${slotBytes} bytes, a slot takes ${map.SLOT_BYTES}` },
    ]);
  return { files, storage: encodeFactoryStorage(boot, facts, code), imageBytes };
}

/** The kernel as boot file, for a project without slots. */
function plain(kernel: Uint8Array, slices: StorageFile | undefined): Parts {
  const files = [{ name: BOOT_NAME, bytes: kernel }, ...(slices ? [slices] : [])];
  const storage = encodeStorage(files);
  return { files, storage, imageBytes: storage.length };
}

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** @param programs the kernel, then each slice; undefined for a table */
function count(
  imageBytes: number,
  files: readonly { bytes: Uint8Array }[],
  programs: readonly (Traced | undefined)[],
  built: readonly Slice[],
  bootFile: BootFile | undefined,
): Map<string, number> {
  const bytes = new Map<string, number>();
  const add = (name: string, size: number): void => void bytes.set(name, (bytes.get(name) ?? 0) + size);
  for (const program of programs) for (const [name, size] of program?.countByFile() ?? []) add(name, size);
  for (const slice of built) if (slice.isTable) add(slice.module, slice.bytes.length);
  const sum = (parts: readonly { bytes: Uint8Array }[]): number => parts.reduce((size, part) => size + part.bytes.length, 0);
  if (bootFile) add(BOOT_SOURCE, bootFile.bytes.length);
  add("(index)", sum(files.slice(bootFile ? 2 : 1)) - sum(built));
  add("(storage)", imageBytes - sum(files));
  return new Map([...bytes].filter(([, size]) => size > 0).sort(([, a], [, b]) => b - a));
}
