/** Writes a build below dist: the image and its manifest, and copies of its parts for reading. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { minify as terser } from "terser";
import type { Build } from "./build-board.ts";

/** Replaces dist/BOARD; answers its path relative to the project. */
export async function writeBuild(build: Build, root: string): Promise<string> {
  const directory = path.join("dist", build.board);
  const target = path.join(root, directory);
  const readable: [name: string, text: string][] = [["kernel.js", await beautified(build.kernel)]];
  for (const [number, slice] of build.slices.entries()) {
    const name = `slices/${String(number).padStart(3, "0")}-${slice.name}`;
    readable.push(slice.isTable ? [`${name}.txt`, slice.text] : [`${name}.js`, await beautified(slice.text)]);
  }
  // Made beside and moved into place: a simulator that starts meanwhile, or a second build, never meets half of it.
  const fresh = `${target}.${process.pid}`;
  mkdirSync(path.join(fresh, "slices"), { recursive: true });
  writeFileSync(path.join(fresh, "storage.bin"), build.storage);
  writeFileSync(path.join(fresh, "manifest.json"), JSON.stringify(build.manifest, null, 2) + "\n");
  for (const [name, text] of readable) writeFileSync(path.join(fresh, name), text, "latin1");
  for (let attempt = 1; ; attempt++) {
    try {
      rmSync(target, { recursive: true, force: true, maxRetries: 3 });
      renameSync(fresh, target);
      return directory;
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function beautified(code: string): Promise<string> {
  const { code: text } = await terser(code, {
    compress: false,
    mangle: false,
    format: { beautify: true, ascii_only: true, ecma: 5 },
  });
  return text + "\n";
}
