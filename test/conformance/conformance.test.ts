/** The conformance cases of both protocols on both engines, and the tables made of their results. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import type { Case } from "../../tools/conformance/case.ts";
import { idsOf, readReport } from "../../tools/conformance/report.ts";
import type { EngineName } from "../../tools/conformance/rig.ts";
import { runCase, type Result } from "../../tools/conformance/run.ts";
import { SUITES } from "../../tools/conformance/suite.ts";
import { hasEspruino } from "../scenario/harness.ts";

const FULL = process.env.FULL === "1";
/** Chosen by title; cases are not begun ahead then. */
const CHOSEN = process.argv.some((word) => /^(-g|--grep|-f|--fgrep)/.test(word));

/** A case mostly waits: the next one begins with it. */
class Row {
  private readonly begun = new Map<number, Promise<Result>>();

  constructor(
    private readonly cases: Case[],
    private readonly engine: EngineName,
  ) {}

  result(i: number): Promise<Result> {
    const result = this.begin(i)!;
    if (!CHOSEN) void this.begin(i + 1);
    return result;
  }

  private begin(i: number): Promise<Result> | undefined {
    const one = this.cases[i];
    if (one && !this.begun.has(i) && (!one.options.slow || FULL)) this.begun.set(i, runCase(one, this.engine));
    return this.begun.get(i);
  }
}

function row(cases: Case[], engine: EngineName, missing: string, seconds: number): void {
  const rows = new Row(cases, engine);
  cases.forEach((one, i) => {
    const why = missing || (one.options.slow && !FULL ? ": with FULL=1" : "");
    it(`${one.id}: ${one.title} [${engine}${why}]`, async function () {
      if (why) this.skip();
      this.timeout((one.options.slow ? 10 : 1) * seconds * 1000);
      const { verdict, why: reason } = await rows.result(i);
      assert.equal(verdict, "pass", reason);
    });
  });
}

for (const { cases, certification, table, title } of Object.values(SUITES)) {
  describe(`conformance with ${title}`, () => {
    const toRun = cases.filter(({ without }) => !without);
    row(toRun, "node", "", 60);
    row(toRun, "espruino", hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH", 300);
  });

  describe(table, () => {
    const { testCases, lines } = idsOf(cases);

    it("lists the cases that exist, and no others", () => {
      const file = new URL(`../../${table}`, import.meta.url);
      assert.ok(existsSync(file), "npm run conformance makes it");
      const report = readReport(readFileSync(file, "utf8"))!;
      assert.deepEqual([...report.verdicts.node.keys()], [...testCases, ...lines]);
    });

    it("has a row for each case of the certification list", () => {
      const missing = certification.flatMap(({ ids }) => ids).filter((id) => !testCases.includes(id));
      assert.deepEqual(missing, []);
    });
  });
}
