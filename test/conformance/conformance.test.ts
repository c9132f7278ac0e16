/** The conformance cases of OCPP 2.0.1 on both engines, and the table made of their results. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { CASES } from "../../tools/conformance/cases201/index.ts";
import { CERTIFICATION } from "../../tools/conformance/certification.ts";
import { idsOf, readReport } from "../../tools/conformance/report.ts";
import type { EngineName } from "../../tools/conformance/rig.ts";
import { runCase, type Result } from "../../tools/conformance/run.ts";
import { hasEspruino } from "../scenario/harness.ts";

const TABLE = new URL("../../docs/conformance-201.md", import.meta.url);
const FULL = process.env.FULL === "1";
const TO_RUN = CASES.filter(({ without }) => !without);
/** Chosen by title; cases are not begun ahead then. */
const CHOSEN = process.argv.some((word) => /^(-g|--grep|-f|--fgrep)/.test(word));

/** A case mostly waits: the next one begins with it. */
class Row {
  private readonly begun = new Map<number, Promise<Result>>();

  constructor(private readonly engine: EngineName) {}

  result(i: number): Promise<Result> {
    const result = this.begin(i)!;
    if (!CHOSEN) void this.begin(i + 1);
    return result;
  }

  private begin(i: number): Promise<Result> | undefined {
    const one = TO_RUN[i];
    if (one && !this.begun.has(i) && (!one.options.slow || FULL)) this.begun.set(i, runCase(one, this.engine));
    return this.begun.get(i);
  }
}

function row(engine: EngineName, missing: string, seconds: number): void {
  const rows = new Row(engine);
  TO_RUN.forEach((one, i) => {
    const why = missing || (one.options.slow && !FULL ? ": with FULL=1" : "");
    it(`${one.id}: ${one.title} [${engine}${why}]`, async function () {
      if (why) this.skip();
      this.timeout((one.options.slow ? 10 : 1) * seconds * 1000);
      const { verdict, why: reason } = await rows.result(i);
      assert.equal(verdict, "pass", reason);
    });
  });
}

describe("conformance with OCPP 2.0.1", () => {
  row("node", "", 60);
  row("espruino", hasEspruino() ? "" : ": no binary in ESPRUINO or on PATH", 300);
});

describe("docs/conformance-201.md", () => {
  it("lists the cases that exist, and no others", () => {
    assert.ok(existsSync(TABLE), "npm run conformance makes it");
    const report = readReport(readFileSync(TABLE, "utf8"))!;
    const { testCases, lines } = idsOf(CASES);
    assert.deepEqual([...report.verdicts.node.keys()], [...testCases, ...lines]);
  });

  it("has a row for each case of the certification list", () => {
    const { testCases } = idsOf(CASES);
    const missing = CERTIFICATION.flatMap(({ ids }) => ids).filter((id) => !testCases.includes(id));
    assert.deepEqual(missing, []);
  });
});
