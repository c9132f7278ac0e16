/** The light of a public charger: WS2812 and plain LEDs, state by state. */
import assert from "node:assert/strict";
import { removeProjects } from "../build/project.ts";
import { onBoth, run, type Driver } from "./program.ts";

const HEAD =
  'import { ledsDue } from "./drivers/leds";\nimport { pending, Phase, station } from "./station/evse";\n' +
  'import { connection } from "./kernel/connection";\n';
const FILES = ["src/drivers/leds.ts", "src/drivers/look.ts"];
const WORD =
  'if (x === "phase") {\n  evses.v[Field.Phase] = n;\n} else if (x === "second") {\n  evses.v[Field.Size + Field.Phase] = n;\n' +
  '} else if (x === "step") {\n  pending.step = n;\n} else if (x === "evse") {\n  pending.evse = n;\n' +
  '} else if (x === "registered") {\n  station.registration = n;\n} else {\n  connection.state = n;\n}\nvoid Phase.Available;\n';
const WS2812: Driver = {
  files: [...FILES, "src/drivers/ws2812.ts"],
  head: `${HEAD}import { showWs2812 } from "./drivers/ws2812";\n`,
  open: 'evses.tokens = [""];\nevses.v = new Int32Array(Field.Size);\nconnection.state = 2;\nstation.registration = 1;\n',
  poll: "  if (ledsDue()) {\n    showWs2812(4, 1);\n  }\n",
  word: WORD,
};
const TWO: Driver = {
  ...WS2812,
  open: "connection.state = 2;\nstation.registration = 1;\n",
  poll: WS2812.poll.replace("1);", "2);"),
};
const PLAIN: Driver = {
  ...WS2812,
  files: [...FILES, "src/drivers/plain-leds.ts"],
  head: `${HEAD}import { showPlainLeds } from "./drivers/plain-leds";\n`,
  poll: '  if (ledsDue()) {\n    showPlainLeds("16,17,-1");\n  }\n',
};

/** Line of a row of one LED: green, red, blue. */
const lit = (red: number, green: number, blue: number): string => `n4,${green * 28},${red * 28},${blue * 28}`;
const DARK = lit(0, 0, 0);
const GREEN = lit(0, 6, 0);
const BLUE = lit(0, 0, 9);

/** Phase and its fault, lights in the first second. */
const PHASES: [name: string, words: string, first: string, blinks: number][] = [
  ["available: green", "phase=0", GREEN, 0],
  ["occupied: blue, blinking", "phase=1", BLUE, 1],
  ["charging: blue", "phase=2", BLUE, 0],
  ["paused by the car: cyan", "phase=3", lit(0, 6, 6), 0],
  ["paused by the station: cyan, blinking", "phase=4", lit(0, 6, 6), 1],
  ["finished: green, blinking", "phase=5", GREEN, 1],
  ["reserved: yellow", "phase=6", lit(6, 4, 0), 0],
  ["unavailable: yellow, blinking", "phase=7", lit(6, 4, 0), 1],
  ["faulted: red", "phase=56", lit(9, 0, 0), 0],
  ["available, but without connection: white", "connection=0", lit(3, 3, 3), 0],
  ["available, but not accepted: white", "registered=2", lit(3, 3, 3), 0],
  ["charging without connection: blue", "connection=0 phase=2", BLUE, 0],
  ["faulted without connection: red", "connection=0 phase=56", lit(9, 0, 0), 0],
  ["a card waits for its cable: blue, blinking", "step=3 evse=-1", BLUE, 1],
  ["a card of another EVSE is asked about: green", "step=2 evse=1", GREEN, 0],
  ["a card is asked about while a car charges: blue", "step=2 evse=0 phase=2", BLUE, 0],
];

describe("light of a charger", function () {
  this.timeout(30_000);
  after(removeProjects);

  const check = (title: string, driver: Driver, script: string, expected: readonly string[]): void =>
    onBoth(title, async (isEngine) => assert.deepEqual(await run(driver, script, isEngine), expected));

  for (const [name, words, first, blinks] of PHASES)
    onBoth(name, async (isEngine) => {
      const lines = await run(WS2812, `${words} p20`, isEngine);
      assert.equal(lines[0], first);
      if (blinks) assert.deepEqual(lines.slice(1), [DARK, first, DARK, first]);
      else assert.deepEqual(lines.slice(1), []);
    });

  check("a card is asked about: blue, quick", WS2812, "step=2 evse=-1 p20", [
    BLUE,
    ...[DARK, BLUE, DARK, BLUE, DARK, BLUE, DARK, BLUE, DARK, BLUE],
  ]);
  check("is sent only when it changes", WS2812, "p40 phase=2 p40 phase=0 p40", [GREEN, BLUE, GREEN]);

  const pair = (...leds: string[]): string => `n4,${leds.map((led) => `${led.slice(3)},${led.slice(3)}`).join(",")}`;
  check("shows each EVSE on its own LEDs", TWO, "phase=2 second=6 p9", [pair(BLUE, lit(6, 4, 0))]);
  check("blinks for one EVSE beside a steady one", TWO, "phase=2 second=1 p10", [
    pair(BLUE, BLUE),
    pair(BLUE, DARK),
    pair(BLUE, BLUE),
  ]);

  check(
    "is on or off with plain LEDs, and a colour may be missing",
    PLAIN,
    "p1 phase=2 p1 phase=56 p1 phase=6 p1 connection=0 phase=0 p1",
    [...["d16,0", "d17,1"], ...["d16,0", "d17,0"], ...["d16,1", "d17,0"], ...["d16,1", "d17,1"], ...["d16,1", "d17,1"]],
  );
});
