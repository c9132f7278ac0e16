/**
 * RAM at rest by source module, from the engine's own list of everything that is in use. The simulator's hardware link is measured alone
 * in that list and taken off: a charging station has pins in its place.
 *
 * What counts as the link: functions, state and the socket of the board's modules, with what hangs on them, and the class of the engine
 * that only the link uses. Not taken off is what a station has too: a function that `src/kernel/engine` also has
 * (sockets, raw flash) under the same name, and every class that anything else uses.
 */
import type { Heap, Holding, Kind } from "../engine/heap.ts";
import type { Resident } from "./residents.ts";

export interface ModuleRow {
  module: string;
  functions: number;
  state: number;
  texts: number;
  sockets: number;
  total: number;
}

export interface ResidentRow extends Resident {
  variables: number;
}

export interface IdleReport {
  empty: number;
  /** With the link, above the empty engine. */
  gross: number;
  link: number;
  net: number;
  modules: ModuleRow[];
  /** Each function, and each state that takes more than its name. */
  residents: ResidentRow[];
  /** Classes and modules of the engine that the program has touched. */
  engine: { name: string; variables: number }[];
}

/** The engine's own, of which only the link makes use. */
const LINK_CLASSES = ["File"];
const COLUMN: Record<Kind, "functions" | "state" | "texts" | "sockets"> = {
  function: "functions",
  socket: "sockets",
  text: "texts",
  array: "state",
  value: "state",
};

export function reportIdle(
  idle: Heap,
  empty: Heap,
  residents: readonly Resident[],
  isLink: (resident: Resident) => boolean,
): IdleReport {
  const known = new Map(residents.map((resident) => [resident.shortName, resident]));
  const rows = new Map<string, ModuleRow>();
  const listed: ResidentRow[] = [];
  const engine: IdleReport["engine"] = [];
  let link = 0;
  let named = 0;
  for (const holding of idle.holdings) {
    const resident = known.get(holding.name);
    if (!resident) {
      const variables = holding.variables - (empty.holdings.find(({ name }) => name === holding.name)?.variables ?? 0);
      if (variables !== 0) engine.push({ name: holding.name, variables });
      if (LINK_CLASSES.includes(holding.name)) link += variables;
      continue;
    }
    named += holding.variables;
    if (isLink(resident)) link += holding.variables;
    count(rows, resident.module, holding);
    if (resident.kind === "function" || holding.variables > 1) listed.push({ ...resident, variables: holding.variables });
  }
  const gross = idle.total - empty.total;
  // The prototypes of the sockets stand under no name of the root.
  const shared = gross - named - engine.reduce((sum, { variables }) => sum + variables, 0);
  if (shared !== 0) engine.push({ name: "(shared)", variables: shared });
  return {
    empty: empty.total,
    gross,
    link,
    net: gross - link,
    modules: [...rows.values()].sort((a, b) => b.total - a.total),
    residents: listed.sort((a, b) => b.variables - a.variables || b.bytes - a.bytes),
    engine: engine.sort((a, b) => b.variables - a.variables),
  };
}

function count(rows: Map<string, ModuleRow>, module: string, { kind, variables }: Holding): void {
  const row = rows.get(module) ?? { module, functions: 0, state: 0, texts: 0, sockets: 0, total: 0 };
  row[COLUMN[kind]] += variables;
  row.total += variables;
  rows.set(module, row);
}
