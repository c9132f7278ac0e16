/** The scenarios of the RAM budget pass on the model of the ESP32 with what it may have: 1,500 variables and a stack of 25,000 bytes. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildBoard } from "../../tools/build/build-board.ts";
import { STACK, VARIABLES } from "../../tools/budget/measure.ts";
import { runSuite, SUITE, SuiteFailure } from "../../tools/budget/suite.ts";
import { trial, whyNotMeasured } from "../../tools/budget/trials.ts";

describe("the suite of the budget", function () {
  this.timeout(360_000);
  const directory = mkdtempSync(path.join(os.tmpdir(), "suite-test-"));
  const image = path.join(directory, "storage.bin");
  before(async () => writeFileSync(image, (await buildBoard("sim")).storage));
  after(() => rmSync(directory, { recursive: true }));

  it("says which step is not as it should be", async () => {
    const step = { name: "a step", run: (): Promise<void> => Promise.reject(new Error("not so")) };
    const failure = await runSuite({ engine: "node" }, [step]).catch((error: unknown) => error);
    assert.ok(failure instanceof SuiteFailure);
    assert.deepEqual([failure.message, failure.ranOut], ["a step: not so", false]);
  });

  it("passes on the Node engine [node]", async () => {
    const figures = await runSuite({ engine: "node", image: readFileSync(image) });
    assert.deepEqual(
      figures.map(({ step }) => step),
      SUITE.map(({ name }) => name),
    );
  });

  it(`passes with ${VARIABLES} variables and a stack of ${STACK} B [espruino]`, async function () {
    const reason = await whyNotMeasured(image);
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    const outcome = await trial("suite", image, { variables: VARIABLES, stack: STACK });
    assert.ok("figures" in outcome, JSON.stringify(outcome));
    assert.equal(outcome.figures.length, SUITE.length);
    assert.ok(outcome.figures.every(({ peak }) => peak !== null && peak < VARIABLES));
  });
});
