/** Push button: short, long, held for 5 s; bounce, stuck. */
import assert from "node:assert/strict";
import { removeProjects } from "../build/project.ts";
import { onBoth, run, type Driver } from "./program.ts";

const DRIVER: Driver = {
  files: ["src/drivers/button.ts"],
  head: 'import { buttonPoll, Press } from "./drivers/button";\n',
  open: "",
  poll: '  const press = buttonPoll(13);\n  if (press !== Press.None) {\n    print("press " + press);\n  }\n',
};
const UP = "a13=65535";
const DOWN = "a13=0";
const [SHORT, LONG, HOLD] = ["press 1", "press 2", "press 3"];

describe("push button", function () {
  this.timeout(30_000);
  after(removeProjects);

  const check = (title: string, script: string, expected: readonly string[]): void =>
    onBoth(title, async (isEngine) => assert.deepEqual(await run(DRIVER, script, isEngine), expected));

  check("tells a short press when it is let go", `${UP} p3 ${DOWN} p2 # ${UP} p3`, ["#", SHORT]);
  check("tells a short press up to 2 s", `${UP} p3 ${DOWN} p19 ${UP} p3`, [SHORT]);
  check("tells a long press from 2 s", `${UP} p3 ${DOWN} p20 ${UP} p3`, [LONG]);
  check("tells a long press up to 5 s", `${UP} p3 ${DOWN} p49 ${UP} p3`, [LONG]);
  check("tells once that it is held for 5 s, while it is", `${UP} p3 ${DOWN} p50 # p200 ${UP} p3`, [HOLD, "#"]);
  check("takes one poll for a bounce", `${UP} p3 ${`${DOWN} p1 ${UP} p1 `.repeat(20)}p3`, []);
  check("does nothing when it is stuck since the boot, until it was let go", `${DOWN} p300 ${UP} p2 # ${DOWN} p5 ${UP} p1`, [
    "#",
    SHORT,
  ]);
  check("tells each of two presses", `${UP} p3 ${DOWN} p3 ${UP} p1 ${DOWN} p30 ${UP} p1`, [SHORT, LONG]);
});
