/** Temperature derating: thermistor by the beta formula, offered current, HighTemperature, a sensor that is open or short. */
import assert from "node:assert/strict";
import { thermistorLevel } from "../../tools/twins/thermistor.ts";
import { removeProjects } from "../build/project.ts";
import { onBoth, run, type Driver } from "./program.ts";

const SENSOR = { ohms25: 10_000, beta: 3950, series: 4700 };
const DRIVER: Driver = {
  files: ["src/drivers/temperature.ts", "src/drivers/temperature-state.ts"],
  head:
    'import { charging } from "./station/charging";\n' +
    'import { temperatureSecond } from "./drivers/temperature";\nimport { temperature } from "./drivers/temperature-state";\n',
  open: "evses.limit = 32000;\n",
  poll: '  const limit = evses.limit;\n  charging.left = 9;\n  temperatureSecond(34, "10000,3950,4700,60,80");\n  if (evses.limit !== limit) {\n    print(evses.limit + "," + charging.left);\n  }\n',
  word: 'if (x === "show") {\n  print("" + Math.floor(temperature.celsius * 10 + 0.5));\n} else {\n  evses.limit = n;\n}\n',
};

/** The script's word for a sensor at `celsius`. */
const at = (celsius: number): string => level(thermistorLevel(celsius, SENSOR));
const level = (part: number): string => `a34=${Math.round(part * 65_535)}`;
/** Faults of both EVSEs: the sensor's, the heat's. */
const told = (bad: number, hot: number): string[] =>
  [0, 1].flatMap((evse) => [`fault ${evse},2,${bad}`, `fault ${evse},1,${hot}`]);
const HOT = told(0, 1);
const LOST = told(1, 0);
const WELL = told(0, 0);

describe("temperature derating", function () {
  this.timeout(30_000);
  after(removeProjects);

  const check = (title: string, script: string, expected: readonly string[]): void =>
    onBoth(title, async (isEngine) => assert.deepEqual(await run(DRIVER, script, isEngine), expected));

  for (const celsius of [-30, 0, 25, 60, 80, 110])
    onBoth(`reads ${celsius} °C to half a degree`, async (isEngine) => {
      const [read] = await run(DRIVER, `${at(celsius)} p1 show=1`, isEngine).then((lines) => lines.slice(-1));
      assert.ok(Math.abs(Number(read) / 10 - celsius) <= 0.5, `${read} tenths`);
    });

  check("offers all up to the first temperature", `${at(-20)} p20 ${at(59.9)} p60`, []);
  check("offers less in whole amperes, down to 6 A at the second temperature", `${at(70)} p1 #`, ["19000,1", "#"]);
  check("offers 6 A just below the second temperature", `${at(79.9)} p1 #`, ["6000,1", "#"]);
  check("follows a rise step by step", `${at(60)} p1 ${at(65)} p60`, [
    "30000,1",
    "29000,1",
    "28000,1",
    "27000,1",
    "26000,1",
    "25000,1",
  ]);
  check("offers more only when 2 °C less would", `${at(70)} p1 ${at(69)} p60 #still ${at(66)} p60 # ${at(40)} p60`, [
    "19000,1",
    "#still",
    "20000,1",
    "21000,1",
    "#",
    "30000,1",
    "32000,1",
  ]);

  check(
    "that is too high for 3 s is HighTemperature, until it is 10 °C cooler",
    `${at(85)} p2 #2 p1 #3 ${at(72)} p60 # ${at(68)} p30`,
    [
      "6000,1",
      "#2",
      ...HOT,
      "#3",
      ...["8000,1", "9000,1", "10000,1", "11000,1", "12000,1", "13000,1"],
      "#",
      ...["15000,1", "16000,1"],
      ...WELL,
      "17000,1",
      "18000,1",
    ],
  );
  check("does not mind a spike", `${at(45)} p20 ${at(85)} p1 ${at(45)} p20`, []);

  for (const [what, part] of [
    ["short", 0],
    ["open", 1],
  ] as const)
    check(`with a sensor that is ${what} for 3 s is a fault`, `${at(30)} p9 ${level(part)} p2 #2 p1 #3 p20 ${at(30)} p1`, [
      "#2",
      ...LOST,
      "#3",
      ...WELL,
    ]);
  check("with a sensor that comes and goes knows what it needs", `${`${at(30)} p1 ${level(1)} p2 `.repeat(8)}#`, ["#"]);
  check("that was too high while the sensor was lost still is", `${at(30)} p9 ${level(0)} p3 ${at(85)} p1 #`, [
    ...LOST,
    ...HOT,
    "6000,1",
    "#",
  ]);
  check("without any reading since the start is a fault", `${level(0)} p5`, LOST);
  check("leaves a station of 6 A alone until it is too hot", `limit=6000 ${at(75)} p9 ${at(82)} p20`, HOT);
});
