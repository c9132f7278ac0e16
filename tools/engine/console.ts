/**
 * The console of an engine that the simulator runs. Its standard input must be an idle pipe; here a named pipe takes that place, so
 * that lines can be typed. What the engine prints comes back through `heard`.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** At the begin of a line: this one is not echoed. */
const NO_ECHO = "\x10";
const PATIENCE_MS = 10_000;

export class EngineConsole {
  /** To be run instead of the engine: it is the engine, with the named pipe as its standard input. */
  readonly launcher: string;
  private readonly directory = mkdtempSync(join(tmpdir(), "console-"));
  private readonly pipe: number;
  private readonly lines: string[] = [];
  private asked = 0;

  constructor(binary: string) {
    this.launcher = join(this.directory, "engine");
    const path = join(this.directory, "input");
    execFileSync("mkfifo", [path]);
    // Open for reading too: so it has no end as long as this process lives.
    this.pipe = openSync(path, constants.O_RDWR);
    writeFileSync(this.launcher, `#!/bin/sh\nexec ${quoted(binary)} < ${quoted(path)}\n`, { mode: 0o755 });
  }

  /** A line that the engine printed. */
  heard(line: string): void {
    this.lines.push(line);
  }

  /** Types a statement and answers the lines printed by it. */
  async type(statement: string): Promise<string[]> {
    const end = `#${++this.asked}#`;
    const from = this.lines.length;
    writeSync(this.pipe, `${NO_ECHO}${statement}\n${NO_ECHO}print("${end}")\n`);
    const late = Date.now() + PATIENCE_MS;
    for (;;) {
      const at = this.lines.findIndex((line, index) => index >= from && line.includes(end));
      if (at >= 0) return this.lines.slice(from, at);
      if (Date.now() > late) throw new Error(`the engine's console does not answer ${statement}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): void {
    closeSync(this.pipe);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
