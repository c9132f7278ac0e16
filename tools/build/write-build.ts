/** Writes a build below dist: the image and its manifest, and copies of its parts for reading. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
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
  rmSync(target, { recursive: true, force: true });
  mkdirSync(path.join(target, "slices"), { recursive: true });
  writeFileSync(path.join(target, "storage.bin"), build.storage);
  writeFileSync(path.join(target, "manifest.json"), JSON.stringify(build.manifest, null, 2) + "\n");
  for (const [name, text] of readable) writeFileSync(path.join(target, name), text, "latin1");
  return directory;
}

async function beautified(code: string): Promise<string> {
  const { code: text } = await terser(code, {
    compress: false,
    mangle: false,
    format: { beautify: true, ascii_only: true, ecma: 5 },
  });
  return text + "\n";
}
