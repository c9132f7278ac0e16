/** The budget report as text: the whole of one board, and a row a board. The last line is the size of the one board's image. */
import { STACK, VARIABLES, type Report, type Verdict } from "./measure.ts";
import type { IdleReport } from "./idle.ts";
import type { Smallest } from "./trials.ts";

const WHAT: Record<Verdict["name"], string> = {
  image: "flash, image",
  idle: "RAM idle",
  peak: "RAM peak",
  stack: "C stack",
  depth: "call depth",
};
/** Functions and states listed one by one. */
const LISTED = 25;

export function printed(report: Report, boards: readonly Report[]): string {
  const lines = [`board ${report.board}, build ${report.buildId}`, "", ...flashLines(report)];
  if (report.depth) {
    lines.push("", "JS frames of the firmware, seen by the Node engine after each step of the suite:");
    for (const { step, depth } of report.depth.steps) lines.push(row(depth ?? 0, "frames", step));
  }
  if (typeof report.journal === "string") lines.push("", `journal not measured: ${report.journal}`);
  else if (report.journal.length > 0) {
    lines.push("", "journal, bytes an event (3 measurands, a sample a minute, raw flash of the Node engine):");
    for (const { noise, events, bytes, bytesPerEvent } of report.journal)
      lines.push(`${bytesPerEvent.toFixed(2).padStart(8)} B  current ${noise}: ${events} events, ${bytes} B`);
  }
  if (report.idle) lines.push("", ...idleLines(report.idle));
  if (report.heap) {
    lines.push("", `RAM peak: the suite passes with ${report.heap.value} variables in total${below(report.heap)}`);
    lines.push(`  ${report.heap.value} - ${report.idle!.empty} empty engine - ${report.idle!.link} link = ${report.heap.peak}`);
    lines.push(`  most in use since the last boot, sampled by the firmware (with ${VARIABLES} variables):`);
    for (const { step, peak, used } of report.steps) lines.push(row(peak ?? 0, "", `${step} (${used} in use after it)`));
  }
  if (report.stack) lines.push("", `C stack: the suite passes with ${report.stack.value} of ${STACK} B${below(report.stack)}`);
  if (report.notMeasured) lines.push("", `RAM and stack not measured: ${report.notMeasured}`);
  lines.push(
    "",
    "against the budget of the board:",
    ...report.verdicts.map(verdictLine),
    "",
    ...boardRows(boards),
    "",
    `total ${report.flash.total} B`,
  );
  return lines.join("\n");
}

function flashLines({ flash }: Report): string[] {
  const lines = ["flash by file:"];
  for (const { name, bytes } of flash.files) lines.push(row(bytes, "B", name));
  lines.push(row(flash.total, "B", "sum"), "", "flash by source module (kernel part of it in parentheses):");
  for (const { name, bytes, resident } of flash.modules)
    lines.push(row(bytes, "B", resident > 0 ? `${name} (${resident})` : name));
  lines.push(
    row(
      flash.modules.reduce((sum, { bytes }) => sum + bytes, 0),
      "B",
      "sum",
    ),
  );
  if (flash.link > 0)
    lines.push(row(-flash.link, "B", "the simulator's hardware link"), row(flash.total - flash.link, "B", "flash, image"));
  return lines;
}

function idleLines(idle: IdleReport): string[] {
  const lines = ["RAM idle by source module, JsVars (functions + state + texts + sockets):"];
  for (const { module, functions, state, texts, sockets, total } of idle.modules)
    lines.push(row(total, "", `${module} (${functions} + ${state} + ${texts} + ${sockets})`));
  for (const { name, variables } of idle.engine)
    lines.push(row(variables, "", `engine: ${name === "\\xFF" ? "(hidden root)" : name}`));
  lines.push(row(idle.gross, "", `sum above the empty engine's ${idle.empty}`));
  lines.push(row(-idle.link, "", "the simulator's hardware link, measured alone"));
  lines.push(row(idle.net, "", "RAM idle"));
  lines.push("", `the largest ${LISTED} of them:`);
  for (const { name, module, line, parameters, variables, kind } of idle.residents.slice(0, LISTED))
    lines.push(row(variables, "", `${name}${kind === "function" ? `, ${parameters} parameters` : ""}, ${module}:${line}`));
  return lines;
}

function below({ below }: Smallest): string {
  return below ? `; with ${below.value}: ${below.failed}` : "";
}

function verdictLine({ name, value, limit, goal, unit, over, reason }: Verdict): string {
  const limits = `limit ${limit}${goal === null ? "" : `, goal ${goal}`}`;
  if (value === null) return `  ${WHAT[name]}: ${over ? "OVER" : "not measured"}: ${reason} (${limits})`;
  const mark = over ? " OVER" : goal !== null && value > goal ? " above the goal" : "";
  return `  ${WHAT[name]}: ${value} ${unit}, ${limits}${mark}`;
}

/** A row a board: each figure of its limit. */
export function boardRows(reports: readonly Report[]): string[] {
  const head = ["board", ...reports[0].verdicts.map(({ name, unit }) => `${WHAT[name]}, ${unit}`)];
  const rows = reports.map(({ board, verdicts }) => [board, ...verdicts.map(ofLimit)]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row: readonly string[]): string => row.map((text, column) => text.padEnd(widths[column])).join("  ");
  return [head, ...rows].map((row) => line(row).trimEnd());
}

function ofLimit({ value, limit, over }: Verdict): string {
  return `${value ?? "-"} of ${limit}${over ? " OVER" : ""}`;
}

/** Names of the budgets that are exceeded. */
export function exceeded(report: Report): string[] {
  return report.verdicts.filter(({ over }) => over).map(({ name }) => WHAT[name]);
}

function row(figure: number, unit: string, text: string): string {
  return `${String(figure).padStart(8)} ${unit}${unit ? " " : ""} ${text}`;
}
