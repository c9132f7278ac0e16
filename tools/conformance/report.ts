/** The table of results of a protocol: written from results and read again for the column of the engine that did not run. */
import type { Case } from "./case.ts";
import type { Group } from "./certification.ts";
import type { EngineName } from "./rig.ts";
import type { Result, Verdict } from "./run.ts";
import type { Suite } from "./suite.ts";

export interface Report {
  buildId: string;
  /** Verdict by case id, of each engine. */
  verdicts: Record<EngineName, Map<string, Verdict>>;
}

const ENGINES: EngineName[] = ["node", "espruino"];
const ORDER: Verdict[] = ["fail", "not run", "pass", "later", "not applicable"];

/** Ids of all cases, each once: test cases in order of their number, then the lines of the catalogue in theirs. */
export function idsOf(cases: Case[]): { testCases: string[]; lines: string[] } {
  const ids = [...new Set(cases.map(({ id }) => id))];
  return {
    testCases: ids.filter((id) => id.startsWith("TC_")).sort(),
    lines: ids.filter((id) => !id.startsWith("TC_")),
  };
}

/** Of several cases with one id the worst counts. */
export function verdictsOf(results: Result[]): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const { id, verdict } of results) {
    const other = verdicts.get(id);
    if (other === undefined || ORDER.indexOf(verdict) < ORDER.indexOf(other)) verdicts.set(id, verdict);
  }
  return verdicts;
}

export function render({ cases, certification, title, source, list }: Suite, { buildId, verdicts }: Report): string {
  const of = (engine: EngineName, id: string): Verdict => verdicts[engine].get(id) ?? "not run";
  const { testCases, lines } = idsOf(cases);
  const all = [...testCases, ...lines];
  const about = (id: string): string => {
    const mine = cases.filter((one) => one.id === id);
    const why = mine.find(({ without }) => without)?.without?.why;
    return escape(mine.map(({ title }) => title).join("; ") + (why ? ` (${why})` : ""));
  };
  const row = (id: string): string => `| ${id} | ${about(id)} | ${ENGINES.map((engine) => of(engine, id)).join(" | ")} |`;
  const head = ["| case | what | node | espruino |", "|---|---|---|---|"];
  const count = (verdict: Verdict): string =>
    `| ${verdict} | ${ENGINES.map((engine) => all.filter((id) => of(engine, id) === verdict).length).join(" | ")} |`;
  const used: Verdict[] = ["pass", "fail", "later", "not applicable", "not run"];
  const byTheList = (group: Group): string[] => {
    const open = group.ids.filter((id) => ENGINES.some((engine) => of(engine, id) !== "pass"));
    const passed = (engine: EngineName): number => group.ids.filter((id) => of(engine, id) === "pass").length;
    const named = (verdict: Verdict): string[] => {
      const ids = open.filter((id) => of("node", id) === verdict);
      return ids.length > 0 ? [`- ${verdict}: ${ids.join(", ")}`] : [];
    };
    return [
      `**${group.name}**: ${group.ids.length} cases; pass on Node ${passed("node")}, on Espruino ${passed("espruino")}`,
      "",
      ...used.filter((verdict) => verdict !== "pass").flatMap(named),
      "",
    ];
  };
  return (
    [
      `# Conformance of the station with ${title}`,
      "",
      "Made by `npm run conformance`; do not edit. Each case drives the built image in the simulator and a CSMS, and states every frame: it fails on one that is not valid",
      `against the official schema, and on one that it does not expect. Test cases have the ids of ${source}, in our own words; the other rows are requirements`,
      "without a test case.",
      "",
      `Build \`${buildId}\`, board \`sim\`, engines: Node, Espruino (Linux).`,
      "",
      "| cases | node | espruino |",
      "|---|---|---|",
      ...used.map(count),
      "",
      "## Test cases",
      "",
      ...head,
      ...testCases.map(row),
      "",
      "## Requirements without a test case",
      "",
      ...head,
      ...lines.map(row),
      "",
      `## ${list}`,
      "",
      ...certification.flatMap(byTheList),
    ]
      .join("\n")
      .trimEnd() + "\n"
  );
}

/** What a table says; null when the text is none. */
export function readReport(text: string): Report | null {
  const buildId = /^Build `([^`]*)`/m.exec(text)?.[1];
  if (buildId === undefined) return null;
  const verdicts = { node: new Map<string, Verdict>(), espruino: new Map<string, Verdict>() };
  for (const [, id, node, espruino] of text.matchAll(/^\| ([A-Z]\S*-\S+(?: \w)?|TC_\w+) \| .* \| ([^|]+) \| ([^|]+) \|$/gm)) {
    verdicts.node.set(id, node as Verdict);
    verdicts.espruino.set(id, espruino as Verdict);
  }
  return { buildId, verdicts };
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|");
}
