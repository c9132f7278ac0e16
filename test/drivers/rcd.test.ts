/** Residual current monitor: IEC 61851-1:2017, 8.5; the self-test before each charge. */
import assert from "node:assert/strict";
import { removeProjects } from "../build/project.ts";
import { onBoth, run, type Driver } from "./program.ts";

const DRIVER: Driver = {
  files: ["src/drivers/rcd.ts", "src/drivers/open-rcd.ts"],
  head: 'import { rcdPoll, rcdReady } from "./drivers/rcd";\nimport { openRcd } from "./drivers/open-rcd";\nimport { openHardware } from "./drivers/hardware";\n',
  open: "openHardware();\nopenRcd(0, 25, 26);\nopenRcd(1, 27, 32);\n",
  poll: "rcdPoll(0, 25, 26);\n",
  word: 'if (x === "want") {\n  print("ready " + rcdReady(0, n));\n} else {\n  evses.v[Field.Connected] = n;\n}\n',
};

const OPEN = "a25=65535";
const CLOSED = "a25=0";
const BOOTED = ["d26,0", "d32,0"];
/** Of a test that passes: its words, and what the driver does. */
const TEST = `p2 ${OPEN} p2 ${CLOSED} p2`;
const TESTED = ["d26,1", "d26,0", "fault 0,0,0"];
const TRIPPED = "fault 0,0,1";

describe("residual current monitor", function () {
  this.timeout(30_000);
  after(removeProjects);

  const check = (title: string, script: string, expected: readonly string[]): void =>
    onBoth(title, async (isEngine) => assert.deepEqual(await run(DRIVER, script, isEngine), [...BOOTED, ...expected]));

  check("is tested at the start, once its contact has closed", `${OPEN} p10 ${CLOSED} ${TEST} p50`, TESTED);
  check("that never closes its contact is a ground failure", `${OPEN} p40`, [TRIPPED]);
  check("that does not trip under test current is a ground failure, and the test current ends", `${CLOSED} p20`, [
    "d26,1",
    "d26,0",
    TRIPPED,
  ]);
  check("that does not recover behind the test is a ground failure", `p2 ${OPEN} p60`, ["d26,1", "d26,0", TRIPPED]);

  check("lets the contactor close behind a test of its own for each charge", `${TEST} want=1 want=0 want=1 ${TEST} want=1`, [
    ...TESTED,
    "ready 1",
    "ready 0",
    "ready 0",
    ...TESTED,
    "ready 1",
  ]);
  check("lets nothing close before the first test is over", `want=1 p3 want=1 ${OPEN} p1 want=1`, [
    "ready 0",
    "d26,1",
    "ready 0",
    "d26,0",
    "ready 0",
  ]);
  check("that fails its test lets nothing close", `want=1 p60 want=1 p5 want=1`, [
    "ready 0",
    "d26,1",
    "d26,0",
    TRIPPED,
    "ready 0",
    "ready 0",
  ]);

  check("trips within one poll while a car charges", `${TEST} want=1 #charging ${OPEN} p1 #poll ${CLOSED} p5 want=1`, [
    ...TESTED,
    "ready 1",
    "#charging",
    TRIPPED,
    "#poll",
    "ready 0",
  ]);
  check(
    "stays tripped until the car has gone and a test has passed",
    `${TEST} car=1 ${OPEN} p1 ${CLOSED} p400 #car car=0 ${TEST} #gone`,
    [...TESTED, TRIPPED, "#car", ...TESTED, "#gone"],
  );
  check("waits 30 s before it tries again", `${TEST} ${OPEN} p1 ${CLOSED} p300 #wait ${TEST}`, [
    ...TESTED,
    TRIPPED,
    "#wait",
    ...TESTED,
  ]);
  check("with a noisy contact stays a ground failure", `${TEST} ${`${OPEN} p1 ${CLOSED} p1 `.repeat(20)}#`, [
    ...TESTED,
    TRIPPED,
    "#",
  ]);
});
