/**
 * The files of the web pages, as a browser wants them: `/` is the index of a room, `/page/ROOM/NAME` a file of it. Names are flat, so no path
 * leads out of a room. TypeScript goes out as JavaScript, its types taken off file by file; nothing is bundled.
 */
import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const NAME = /^\/page\/([a-z]+)\/([a-z0-9][a-z0-9-]*\.[a-z]+)$/;
const TYPES: Record<string, string | undefined> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ts": "text/javascript; charset=utf-8",
};

/** What a page may do: load files from here and call here. No inline script, no inline style, no other place. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

export interface PageFile {
  headers: Record<string, string>;
  bytes: Buffer;
}

const scripts = new Map<string, { changed: number; bytes: Buffer }>();

/** The file for a path of a page that is made of `rooms`, the first of which has the index; null when there is none. */
export async function pageFile(path: string, rooms: readonly string[]): Promise<PageFile | null> {
  const [, room, name] = (path === "/" ? [path, rooms[0], "index.html"] : NAME.exec(path)) ?? [];
  if (room === undefined || name === undefined || !rooms.includes(room)) return null;
  const type = TYPES[extname(name)];
  if (type === undefined) return null;
  const file = join(ROOT, room, name);
  let bytes: Buffer;
  try {
    bytes = name.endsWith(".ts") ? await script(file) : await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  return {
    headers: {
      "Content-Type": type,
      "Cache-Control": "no-cache",
      "Content-Security-Policy": POLICY,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    },
    bytes,
  };
}

/** A TypeScript module without its types. */
async function script(file: string): Promise<Buffer> {
  const changed = (await stat(file)).mtimeMs;
  const known = scripts.get(file);
  if (known?.changed === changed) return known.bytes;
  const { default: ts } = await import("typescript");
  const { outputText } = ts.transpileModule(await readFile(file, "utf8"), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const bytes = Buffer.from(outputText, "utf8");
  scripts.set(file, { changed, bytes });
  return bytes;
}
