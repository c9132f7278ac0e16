/** The benchmark as a Markdown document. What stands below its last line was written by hand and stays. */
import { format } from "prettier";
import type { Row } from "./rows.ts";

/** Below it nothing is written by the command. */
export const MARKER = "<!-- below this line nothing is written by `npm run bench` -->";

const BY_HAND = `
## Tried, and of no help
`;

export interface Heading {
  board: string;
  buildId: string;
  /** Of the engine, or why there was none. */
  engine: string;
  machine: string;
  quick: boolean;
  /** Path of the picture from the document, when it was drawn. */
  picture: string | null;
}

/** The table, for the terminal and the document alike. */
export function table(rows: readonly Row[]): string {
  const cells = [
    ["figure", "ours", "a peer's", "ours / peer's", "source of the peer's figure; notes"],
    ["---", "--:", "--:", "--:", "---"],
  ];
  for (const { figure, ours, unit, variables, peer, ratio, note } of rows) {
    const behind = variables === null ? "" : ` (${variables} JsVars)`;
    const about = [peer?.source ?? "", typeof ours === "string" ? `not measured: ${ours}` : "", note].filter(
      (text) => text !== "",
    );
    cells.push([
      figure,
      typeof ours === "string" ? "not measured" : quantity(ours, unit) + behind,
      peer === null ? "–" : quantity(peer.value, unit),
      ratio === null ? "–" : quantity(ratio, ""),
      about.join("; "),
    ]);
  }
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells.map((row) => "| " + row.map((cell, column) => pad(cell, widths[column])).join(" | ") + " |").join("\n");
}

function pad(cell: string, width: number): string {
  if (/^-+$/.test(cell)) return "-".repeat(width);
  if (/^-+:$/.test(cell)) return "-".repeat(width - 1) + ":";
  return cell.replaceAll("|", "\\|").padEnd(width);
}

/** 12308 B as `12,308 B`. */
export function quantity(value: number, unit: string): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  const text = value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === "" ? text : `${text} ${unit}`;
}

/** The document, as the repository's formatter wants it; `before`: what it was so far. */
export async function document(rows: readonly Row[], heading: Heading, before: string | null): Promise<string> {
  const { board, buildId, engine, machine, quick, picture } = heading;
  const at = before === null ? -1 : before.indexOf(MARKER);
  const kept = at < 0 ? "\n" + BY_HAND : before!.slice(at + MARKER.length);
  const missing = rows.filter(({ ours }) => typeof ours === "string").map(({ figure }) => figure);
  const lines = [
    "# Benchmarks",
    "",
    `Written by \`npm run bench${quick ? " -- --quick" : ""}\`. Board ${board}, build ${buildId}. Engine: ${engine}. Machine: ${machine}.`,
    "",
    "The peers' figures are those that they publish; nothing of theirs was run here, and what they count differs in detail: theirs are C++ on an",
    "ESP32 or Linux without the network stack, ours are JavaScript without the interpreter. A JsVar is 14 bytes. Times are the processor's, on the machine named above; what an",
    "ESP32 would take is an estimate and says so. On Linux",
    "the engine reads its flash from a file, character by character; on an ESP32 flash is memory.",
    "",
    table(rows),
    "",
  ];
  if (missing.length > 0) lines.push(`Not measured in this run: ${[...new Set(missing)].join("; ")}.`, "");
  if (picture !== null) lines.push(`![RAM in use over one charging session](${picture})`, "");
  return (await format(lines.join("\n") + "\n" + MARKER, { parser: "markdown" })).trimEnd() + kept;
}
