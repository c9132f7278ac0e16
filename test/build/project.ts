/** Projects for tests of the build: the fixture, or a few files written into a temporary directory. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildBoard, PROJECT_ROOT, type Build } from "../../tools/build/build-board.ts";
import { BuildFailure, formatFinding, type Finding } from "../../tools/build/findings.ts";

export const FIXTURE = path.join(path.dirname(fileURLToPath(import.meta.url)), "fixture");

const made: string[] = [];

/** Removes what the tests of a file made; for `after`. */
export function removeProjects(): void {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), "build-test-"));
  made.push(directory);
  return directory;
}

/** The fixture's files with some of them replaced or added, in a directory of their own. */
export function project(files: Readonly<Record<string, string>> = {}): string {
  const root = temporaryDirectory();
  cpSync(FIXTURE, root, { recursive: true, filter: (source) => path.basename(source) !== "dist" });
  cpSync(path.join(PROJECT_ROOT, "types"), path.join(root, "types"), { recursive: true });
  symlinkSync(path.join(PROJECT_ROOT, "node_modules"), path.join(root, "node_modules"));
  write(root, {
    "tsconfig.json": JSON.stringify({
      extends: path.join(PROJECT_ROOT, "tsconfig.json"),
      compilerOptions: { rootDir: ".", paths: { board: ["./boards/sim/board.ts"] } },
      files: ["types/lib.espruino.d.ts", "types/espruino.d.ts"],
      include: ["src/**/*.ts", "boards/**/*.ts"],
    }),
    ...files,
  });
  return root;
}

export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
}

/** A project of one entry and the fixture's overlay loader, built. */
export function program(main: string, files: Readonly<Record<string, string>> = {}): Promise<Build> {
  return buildBoard("sim", project({ "src/main.ts": main, ...files }));
}

/** What a build refuses. */
export async function findings(build: Promise<unknown>): Promise<readonly Finding[]> {
  try {
    await build;
  } catch (error) {
    if (error instanceof BuildFailure) return error.findings;
    throw error;
  }
  return [];
}

/** What a program of one entry and some files is refused for, as the build prints it. */
export async function reasons(main: string, files: Readonly<Record<string, string>> = {}): Promise<string[]> {
  return (await findings(program(main, files))).map(formatFinding);
}

/** The import of the loader's functions. */
export function loader(...names: string[]): string {
  return `import { ${names.join(", ")} } from "./kernel/overlay";\n`;
}
