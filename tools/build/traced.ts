/**
 * Text that knows, for each of its characters, the source line it came from. Every pass of the build keeps this up, so that
 * the gate can name the TypeScript line and the budget can count bytes by module.
 */
import { TraceMap, decodedMappings } from "@jridgewell/trace-mapping";
import type { Finding } from "./findings.ts";

export interface Edit {
  start: number;
  end: number;
  text: string;
}

export interface Place {
  file: string;
  line: number;
}

/** The part of a source map that is read here. */
export interface SourceMapLike {
  version: number;
  sources: (string | null)[];
  names: string[];
  mappings: string;
}

const LINES = 1 << 16;

export class Traced {
  /**
   * @param where for each character: 0 for what the build itself wrote, else (index into `files` + 1) * 65536 + line
   */
  private constructor(
    readonly text: string,
    private readonly where: Uint32Array,
    private readonly files: readonly string[],
  ) {}

  /** What a tool made from named sources, with the source map that it gave. */
  static fromMap(text: string, map: SourceMapLike, nameOf: (source: string) => string): Traced {
    const files = map.sources.map((source) => nameOf(source ?? ""));
    return new Traced(
      text,
      mapped(text, map, (source, line) => (source + 1) * LINES + line + 1),
      files,
    );
  }

  /** A source file as it stands. */
  static ofFile(file: string, text: string): Traced {
    const where = new Uint32Array(text.length);
    lineStarts(text).forEach((start, line) => where.fill(LINES + line + 1, start));
    return new Traced(text, where, [file]);
  }

  /** What a tool made from this text, with the source map that it gave. */
  derive(text: string, map: SourceMapLike): Traced {
    const offsets = originalOffsets(text, map, this.text);
    return new Traced(
      text,
      offsets.map((offset) => this.where[offset] ?? 0),
      this.files,
    );
  }

  /** New text takes the place of the character that it stands before. */
  edit(edits: readonly Edit[]): Traced {
    const parts: Traced[] = [];
    let at = 0;
    for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
      if (start < at) throw new Error(`Overlapping edits at ${start}: ${this.text.slice(start, end)}`);
      parts.push(this.part(at, start), this.written(text, this.where[Math.min(start, this.where.length - 1)] ?? 0));
      at = end;
    }
    parts.push(this.part(at, this.text.length));
    return this.join(parts);
  }

  part(start: number, end: number): Traced {
    return new Traced(this.text.slice(start, end), this.where.slice(start, end), this.files);
  }

  /** Parts of this text, and text that the build adds itself, one after the other. */
  join(parts: readonly (Traced | string)[]): Traced {
    const traced = parts.map((part) => (typeof part === "string" ? this.written(part, 0) : part));
    const where = new Uint32Array(traced.reduce((length, part) => length + part.text.length, 0));
    let at = 0;
    for (const part of traced) {
      where.set(part.where, at);
      at += part.text.length;
    }
    return new Traced(traced.map((part) => part.text).join(""), where, this.files);
  }

  /** Source of the character, or of the next one on its line that has a source, or of the last one before it. */
  place(offset: number): Place {
    const lineEnd = this.text.indexOf("\n", offset);
    let at = offset;
    while (at < (lineEnd < 0 ? this.where.length : lineEnd) && !this.where[at]) at++;
    if (!this.where[at]) for (at = Math.min(offset, this.where.length - 1); at > 0 && !this.where[at];) at--;
    return this.where[at] ? this.decode(this.where[at]) : { file: "(build)", line: 0 };
  }

  finding(offset: number, reason: string): Finding {
    return { ...this.place(offset), reason };
  }

  /** Characters by source file; those that the build added count for `(build)`. */
  countByFile(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const value of this.where) {
      const file = value ? this.decode(value).file : "(build)";
      counts.set(file, (counts.get(file) ?? 0) + 1);
    }
    return counts;
  }

  private decode(value: number): Place {
    return { file: this.files[Math.floor(value / LINES) - 1], line: value % LINES };
  }

  private written(text: string, value: number): Traced {
    return new Traced(text, new Uint32Array(text.length).fill(value), this.files);
  }
}

/** For each character of `text` the offset in `original` that its source map names. */
export function originalOffsets(text: string, map: SourceMapLike, original: string): Uint32Array {
  const starts = lineStarts(original);
  return mapped(text, map, (_source, line, column) => starts[line] + column);
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Each character takes the value of the last mapping that begins at or before it on its line. */
function mapped(text: string, map: SourceMapLike, value: (source: number, line: number, column: number) => number): Uint32Array {
  const where = new Uint32Array(text.length);
  const starts = lineStarts(text);
  decodedMappings(new TraceMap(map as ConstructorParameters<typeof TraceMap>[0])).forEach((segments, line) => {
    const lineEnd = starts[line + 1] ?? text.length;
    segments.forEach((segment, index) => {
      const start = starts[line] + segment[0];
      const end = index + 1 < segments.length ? starts[line] + segments[index + 1][0] : lineEnd;
      if (segment.length > 1) where.fill(value(segment[1]!, segment[2]!, segment[3]!), start, end);
    });
  });
  return where;
}
