/** The conformance cases of OCPP 2.0.1 on both engines, and the table made of their results. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { CASES } from "../../tools/conformance/cases201/index.ts";
import { CERTIFICATION } from "../../tools/conformance/certification.ts";
import { idsOf, readReport } from "../../tools/conformance/report.ts";
import { runCase } from "../../tools/conformance/run.ts";
import { hasEspruino } from "../scenario/harness.ts";

const TABLE = new URL("../../docs/conformance-201.md", import.meta.url);
const TO_RUN = CASES.filter(({ without }) => !without);

describe("conformance with OCPP 2.0.1", () => {
  for (const one of TO_RUN) {
    const long = one.options.slow && process.env.FULL !== "1" ? ": with FULL=1" : "";
    it(`${one.id}: ${one.title} [node${long}]`, async function () {
      if (long) this.skip();
      this.timeout(one.options.slow ? 600_000 : 60_000);
      const { verdict, why } = await runCase(one, "node");
      assert.equal(verdict, "pass", why);
    });
    const missing = !hasEspruino() ? ": no binary in ESPRUINO or on PATH" : long;
    it(`${one.id}: ${one.title} [espruino${missing}]`, async function () {
      if (missing) this.skip();
      this.timeout(one.options.slow ? 3_600_000 : 300_000);
      const { verdict, why } = await runCase(one, "espruino");
      assert.equal(verdict, "pass", why);
    });
  }
});

describe("docs/conformance-201.md", () => {
  it("lists the cases that exist, and no others", function () {
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
