/**
 * The boot file of a board (`src/boot-file.ts`): one function and no names, so it goes through the minifier alone, with the addresses of the board's
 * flash. Other passes are for programs of many modules.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { minify as terser } from "terser";
import ts from "typescript";
import { BuildFailure } from "./findings.ts";
import { hoistVariables } from "./hoist.ts";
import { outputGate } from "./output-gate.ts";
import { pretokenise } from "./pretokenise.ts";
import { Traced } from "./traced.ts";

/** Flash addresses of a board, as the Flash module takes them. */
export interface FlashMap {
  RAW: number;
  SLOTS: number;
  SLOT_BYTES: number;
}

export interface BootFile {
  map: FlashMap;
  /** Tokenised. */
  bytes: Uint8Array;
  /** For reading. */
  text: string;
}

export const BOOT_SOURCE = "src/boot-file.ts";
/** Stands for `eval` while the minifier is at work. */
const EVALUATE = "__evaluate";

/**
 * Undefined for a project that has none: its image is one kernel and its slices.
 * @param layers directories below boards whose engine files stand in for the kernel's, by precedence
 */
export async function buildBootFile(root: string, layers: readonly string[]): Promise<BootFile | undefined> {
  const source = path.join(root, BOOT_SOURCE);
  if (!existsSync(source)) return undefined;
  const map = flashMap(root, layers);
  const { outputText } = ts.transpileModule(readFileSync(source, "utf8"), {
    compilerOptions: {
      target: ts.ScriptTarget.ES5,
      module: ts.ModuleKind.ESNext,
      ignoreDeprecations: "6.0",
      removeComments: true,
    },
  });
  // The minifier shortens no name that `eval` could see.
  const source5 = outputText.replaceAll(/^import .*$|^export .*$/gm, "").replaceAll(/\beval\(/g, `${EVALUATE}(`);
  const { code } = await terser(source5, {
    ecma: 5,
    toplevel: true,
    compress: { passes: 3, toplevel: true, arrows: false, negate_iife: false, global_defs: { ...map } },
    format: { ascii_only: true, comments: false, ecma: 5 },
  });
  const program = hoistVariables(Traced.ofFile(BOOT_SOURCE, code!.replace(/;$/, "").replaceAll(EVALUATE, "eval")));
  const findings = outputGate(program, []).filter(({ reason }) => !reason.includes("[nested-function]"));
  if (findings.length > 0) throw new BuildFailure(findings);
  return { map, bytes: new Uint8Array(Buffer.from(pretokenise(program).text, "latin1")), text: program.text };
}

/** Constants of the board's `engine/slots.ts`, or the kernel's. */
export function flashMap(root: string, layers: readonly string[]): FlashMap {
  const rooms = [...layers.map((layer) => `boards/${layer}/engine`), "src/kernel/engine"];
  const file = rooms.map((room) => path.join(root, room, "slots.ts")).find((own) => existsSync(own))!;
  const text = readFileSync(file, "utf8");
  const constant = (name: string): number => {
    const terms = new RegExp(`^export const ${name}: number = ([0-9a-fx+ ]+);$`, "m").exec(text)?.[1];
    if (terms === undefined)
      throw new BuildFailure([
        { file: path.relative(root, file), line: 1, reason: `exports no constant ${name} that is a sum of numbers` },
      ]);
    return terms.split("+").reduce((sum, term) => sum + Number(term), 0);
  };
  return { RAW: constant("RAW"), SLOTS: constant("SLOTS"), SLOT_BYTES: constant("SLOT_BYTES") };
}
