/** What a build can find wrong: each finding names the TypeScript file and line it comes from. */

export interface Finding {
  /** Relative to the project. */
  file: string;
  /** From 1. */
  line: number;
  reason: string;
}

/** The sources do not make a program for the engine. */
export class BuildFailure extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const lines = new Map(findings.map((finding) => [formatFinding(finding), finding]));
    const sorted = [...lines.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
    super(sorted.map(formatFinding).join("\n"));
    this.findings = sorted;
  }
}

/** The build was asked for something that is not there: one sentence for the user. */
export class UsageError extends Error {}

export function formatFinding({ file, line, reason }: Finding): string {
  return `${file}:${line}: ${reason}`;
}
