/**
 * Options of `npm run scenario`. Whatever is wrong with one is said in one sentence that names it.
 */
import { parseArgs } from "node:util";
import type { EngineName } from "./bench.ts";

export const USAGE = `npm run scenario -- FILE... [options]
  FILE           scenario file, YAML or JSON (examples: tools/scenario/files)
  --engine NAME  node, or espruino: the binary in ESPRUINO or on PATH (default node)
  --record OUT   write what happens as a scenario file
  --help         this text`;

export interface Options {
  files: string[];
  engine: EngineName;
  record: string | null;
}

/** The message is the sentence. */
export class UsageError extends Error {}

/** null: only the usage is wanted. Throws UsageError. */
export function readOptions(args: string[]): Options | null {
  let values: { engine?: string; record?: string; help?: boolean };
  let files: string[];
  try {
    const options = { engine: { type: "string" }, record: { type: "string" }, help: { type: "boolean" } } as const;
    ({ values, positionals: files } = parseArgs({ args, options, allowPositionals: true }));
  } catch (error) {
    // Its first sentence names the option; what follows explains "--".
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; --help lists the options`);
  }
  if (values.help) return null;
  const { engine = "node", record = null } = values;
  if (engine !== "node" && engine !== "espruino") throw new UsageError(`--engine ${engine}: it is node or espruino`);
  if (files.length === 0) throw new UsageError("a scenario file is missing; there are some in tools/scenario/files");
  if (record !== null && files.length > 1)
    throw new UsageError(`--record ${record}: only one scenario can be recorded at a time`);
  return { files, engine, record };
}
