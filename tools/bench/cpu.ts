/** Processor time of the engine, which other things that the machine does leave as it is; Linux tells it in nanoseconds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Of the process that asks, for a program on the engine. */
export const SCHEDSTAT = "/proc/self/schedstat";

export class EngineClock {
  /** To be run instead of the engine: it is the engine, after it has noted its process number. */
  readonly launcher: string;
  private readonly directory = mkdtempSync(path.join(tmpdir(), "clock-"));
  private readonly note = path.join(this.directory, "pid");

  constructor(binary: string) {
    this.launcher = path.join(this.directory, "engine");
    writeFileSync(this.launcher, `#!/bin/sh\necho $$ > ${quoted(this.note)}\nexec ${quoted(binary)}\n`, { mode: 0o755 });
  }

  /** ms; NaN where the system does not tell. */
  now(): number {
    try {
      const pid = Number(readFileSync(this.note, "utf8"));
      return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
    } catch {
      return NaN;
    }
  }

  /**
   * Of the processor's time so far, what the system has spent for the engine (jiffies): nearly all of it reads and writes the file that is
   * its flash. And what is the engine's own.
   */
  spent(): { own: number; system: number } {
    try {
      const pid = Number(readFileSync(this.note, "utf8"));
      // Behind the name in parentheses: proc(5), fields 14 and 15.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/, "").trim().split(" ");
      return { own: Number(fields[11]), system: Number(fields[12]) };
    } catch {
      return { own: 0, system: 0 };
    }
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Part of the time since `before` that was the engine's own; 1 where nothing is known. */
export function ownPart(clock: EngineClock, before: { own: number; system: number }): number {
  const { own, system } = clock.spent();
  const all = own - before.own + system - before.system;
  return all > 0 ? (own - before.own) / all : 1;
}
