/**
 * From TypeScript to one flat script: rollup with the TypeScript plugin (strict, all type errors collected), the board's
 * files put in the place of the engine's, and nothing exported. What is an overlay operation is still an ordinary function.
 */
import typescript from "@rollup/plugin-typescript";
import { existsSync } from "node:fs";
import path from "node:path";
import { rollup, type Plugin, type RollupLog, type RollupOptions } from "rollup";
import { layersOf, targetName, type Target } from "./boards.ts";
import { BuildFailure, type Finding } from "./findings.ts";
import { sourceGate } from "./source-gate.ts";
import { Traced, type SourceMapLike } from "./traced.ts";

/** The overlay loader: its `load` and `slice` are the only functions that the build knows by name. */
export const OVERLAY_MODULE = "src/kernel/overlay.ts";
const ENTRY = "src/main.ts";
const ENGINE_ROOM = "src/kernel/engine/";

/** Names that only live between the passes. */
export const MARK = {
  opNumber: "__opNumber",
  table: "__table",
  tableNumber: "__tableNumber",
  variable: "__variable",
} as const;
export const LOADER_MARK = "__loader";

/** Logs of rollup that say nothing about a program for this engine. */
const HARMLESS = new Set(["EVAL", "CIRCULAR_DEPENDENCY", "EMPTY_BUNDLE"]);

export interface Bundle {
  code: Traced;
  /** Files, relative to the project, whose functions are overlay operations. */
  overlays: ReadonlySet<string>;
  /** Operations, as `file#name`, that are asked to be written out at each call. */
  inlined: ReadonlySet<string>;
  /** Source files that are in it, relative to the project. */
  modules: ReadonlySet<string>;
}

/** Options of rollup for a board; what is found wrong goes to `findings`. */
export function rollupOptions(
  root: string,
  target: Target,
  findings: Finding[] = [],
  overlays = new Set<string>(),
  inlined = new Set<string>(),
): RollupOptions {
  const relative = (file: string): string => path.relative(root, path.resolve(file)).split(path.sep).join("/");
  return {
    input: path.join(root, ENTRY),
    preserveEntrySignatures: false,
    treeshake: { unknownGlobalSideEffects: false },
    onLog(level, log) {
      if (level !== "debug" && level !== "info" && !HARMLESS.has(log.code ?? "")) findings.push(logFinding(log, relative));
    },
    plugins: [
      boardFiles(root, target),
      typescript({
        tsconfig: path.join(root, "tsconfig.json"),
        filterRoot: false,
        compilerOptions: {
          noEmitOnError: false,
          sourceMap: true,
          paths: { board: [path.join(root, `boards/${target.board}/board.ts`)] },
        },
        transformers: {
          before: [{ type: "program", factory: (program) => sourceGate(program, { root, target, findings, overlays, inlined }) }],
        },
      }),
      overlayMarks(root, relative),
    ],
    output: { file: path.join(root, "dist", targetName(target), "bundle.js"), format: "es", sourcemap: true, strict: false },
  };
}

/** Compiles and bundles; type errors and everything that the source gate refuses end it with a `BuildFailure`. */
export async function bundle(root: string, target: Target): Promise<Bundle> {
  const findings: Finding[] = [];
  const overlays = new Set<string>();
  const inlined = new Set<string>();
  const options = rollupOptions(root, target, findings, overlays, inlined);
  const output = options.output as { file: string };
  const relative = (file: string): string => path.relative(root, file).split(path.sep).join("/");
  try {
    const built = await rollup(options);
    const chunk = (await built.generate(output)).output[0];
    await built.close();
    if (findings.length > 0) throw new BuildFailure(findings);
    const map = chunk.map as unknown as SourceMapLike;
    const code = chunk.code.replace(/\/\/# sourceMappingURL=.*\n?$/, "");
    const traced = Traced.fromMap(code, map, (source) => relative(path.resolve(path.dirname(output.file), source)));
    return { code: traced, overlays, inlined, modules: new Set(Object.keys(chunk.modules).map(relative)) };
  } catch (error) {
    if (error instanceof BuildFailure || !isRollupLog(error)) throw error;
    // What stops rollup mostly follows from what was found before.
    throw new BuildFailure(findings.length > 0 ? findings : [logFinding(error, relative)]);
  }
}

/** `board` is the board's own file; an engine file that a layer of the target has too is that layer's, and so is a file of a layer below it. */
function boardFiles(root: string, target: Target): Plugin {
  const engine = path.join(root, ENGINE_ROOM);
  const layers = layersOf(target).map((layer) => path.join(root, "boards", layer) + path.sep);
  const within = (id: string): string | undefined => {
    if (id.startsWith(engine)) return path.join("engine", id.slice(engine.length));
    const layer = layers.find((directory) => id.startsWith(directory));
    return layer && id.slice(layer.length);
  };
  return {
    name: "board-files",
    async resolveId(name, importer) {
      if (name === "board") return path.join(root, `boards/${target.board}/board.ts`);
      const found = await this.resolve(name, importer, { skipSelf: true });
      const file = found ? within(found.id) : undefined;
      const own = file && layers.map((layer) => path.join(layer, file)).find((id) => existsSync(id));
      return own && importer !== own ? own : found;
    },
  };
}

/** Gives the declared functions of the loader a body that the link pass recognises, and keeps the loader in the bundle. */
function overlayMarks(root: string, relative: (file: string) => string): Plugin {
  const hasLoader = existsSync(path.join(root, OVERLAY_MODULE));
  return {
    name: "overlay-marks",
    transform(code, id) {
      // Imports are hoisted, so behind the text it moves no line.
      if (relative(id) === ENTRY && hasLoader) return { code: `${withoutMapUrl(code)}\nimport "./kernel/overlay";\n`, map: null };
      if (relative(id) !== OVERLAY_MODULE) return null;
      const declared = Object.entries(MARK).map(([name, mark]) => `${name} = ${mark}`);
      const marks = `\nexport var ${declared.join(", ")};\n${LOADER_MARK}(load, slice);\n`;
      return { code: withoutMapUrl(code) + marks, map: null };
    },
  };
}

function withoutMapUrl(code: string): string {
  return code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "");
}

function isRollupLog(error: unknown): error is RollupLog {
  return error instanceof Error && "code" in error;
}

function logFinding(log: RollupLog, relative: (file: string) => string): Finding {
  const reason = log.message.replace(/^(\[plugin [^\]]*\]\s*)?(\S+ \(\d+:\d+\): )?(@rollup\/plugin-typescript )?/, "");
  const file = log.loc?.file ?? log.id;
  return { file: file ? relative(file) : "tsconfig.json", line: log.loc?.line ?? 1, reason: reason.split("\n")[0] };
}
