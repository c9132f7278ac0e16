/**
 * The whole build of a board: TypeScript strict, rollup, linking of the overlays, terser, repairs, the gate, tokens, and the
 * Storage image with its manifest. The same sources give the same bytes.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { crc32 } from "node:zlib";
import { encodeSlices } from "../image/slices.ts";
import { encodeStorage } from "../image/storage.ts";
import { aliasBuiltIns } from "./aliases.ts";
import { PROJECT_ROOT, requireBoard, targetName } from "./boards.ts";
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

/** The kernel's name in Storage: the engine runs it at boot. */
export const KERNEL_FILE = ".bootcde";

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
  /** Storage records, without padding to the size of the chip. */
  storage: Uint8Array;
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
  const texts = slices.map((slice) => slice.code?.text ?? tableText(root, slice.name, bundled.modules));
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
  const files = [{ name: KERNEL_FILE, bytes: latin1(named(storedKernel.text)) }];
  if (built.length > 0) files.push({ name: "o" + buildId, bytes: encodeSlices(built.map((slice) => slice.bytes)) });
  const storage = encodeStorage(files);
  const manifest: Manifest = {
    board,
    buildId,
    files: files.map(({ name, bytes }) => ({ name, bytes: bytes.length, crc32: crc32(bytes) })),
    slices: built.map(({ name, module, bytes }, number) => ({ number, name, module, bytes: bytes.length })),
  };
  const bytesByModule = count(storage, files, [storedKernel, ...stored], built);
  return {
    board,
    buildId,
    storage,
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

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** @param programs the kernel, then each slice; undefined for a table */
function count(
  storage: Uint8Array,
  files: readonly { bytes: Uint8Array }[],
  programs: readonly (Traced | undefined)[],
  built: readonly Slice[],
): Map<string, number> {
  const bytes = new Map<string, number>();
  const add = (name: string, size: number): void => void bytes.set(name, (bytes.get(name) ?? 0) + size);
  for (const program of programs) for (const [name, size] of program?.countByFile() ?? []) add(name, size);
  for (const slice of built) if (slice.isTable) add(slice.module, slice.bytes.length);
  const sum = (parts: readonly { bytes: Uint8Array }[]): number => parts.reduce((size, part) => size + part.bytes.length, 0);
  add("(index)", sum(files.slice(1)) - sum(built));
  add("(storage)", storage.length - sum(files));
  return new Map([...bytes].filter(([, size]) => size > 0).sort(([, a], [, b]) => b - a));
}
