/** The flash part of the budget: the image by Storage file and by source module. Every byte belongs to exactly one of each. */
import type { Build } from "../build/build-board.ts";

export interface FlashReport {
  /** Bytes of the image. */
  total: number;
  /** Of these what only the simulator needs; a board with real hardware has drivers in its place. */
  link: number;
  /** Storage files and, last, what the records need beside the contents. */
  files: { name: string; bytes: number }[];
  /** Largest first; names in parentheses are no source files. */
  modules: { name: string; bytes: number; resident: number }[];
}

const RECORDS = "(storage)";
/** The other end of the simulator's link. */
const LINK = /^boards\/(sim|twin)\/(link|lines|obey|state)\.ts$/;

export function reportFlash(build: Build): FlashReport {
  const total = build.imageBytes;
  const files = build.manifest.files.map(({ name, bytes }) => ({ name, bytes }));
  const contents = sum(files);
  files.push({ name: RECORDS, bytes: total - contents });
  const resident = build.storedKernel.countByFile();
  const modules = [...build.bytesByModule].map(([name, bytes]) => ({ name, bytes, resident: resident.get(name) ?? 0 }));
  // Two independent counts: what each character was traced to, and the sizes of the files.
  const traced = sum(modules.filter(({ name }) => name !== RECORDS));
  if (traced !== contents) throw new Error(`the modules add up to ${traced} bytes, the files hold ${contents}`);
  return { total, link: sum(modules.filter(({ name }) => LINK.test(name))), files, modules };
}

function sum(parts: readonly { bytes: number }[]): number {
  return parts.reduce((bytes, part) => bytes + part.bytes, 0);
}
