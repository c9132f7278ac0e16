/**
 * A driver alone, as the build makes it, on both engines: the program goes through a script of levels and polls and prints what the driver does. The
 * station behind it is its real state (`evse.ts`); its faults and the pins print.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { buildBoard, PROJECT_ROOT } from "../../tools/build/build-board.ts";
import { project } from "../build/project.ts";
import { ENGINE, engineTitle, runInNode, runOnEngine } from "../build/run-image.ts";

/** Files as they are. */
const REAL = [
  "src/station/evse.ts",
  "src/drivers/hardware.ts",
  "src/station/charging.ts",
  "src/kernel/engine/pins.ts",
  "src/kernel/engine/leds.ts",
];
/** In the place of what the drivers call. */
const STAND_INS: Readonly<Record<string, string>> = {
  "boards/sim/board.ts": "export const EVSES = 2;\n",
  "src/script.ts": 'export const script = { levels: undefined as unknown as Int32Array, log: "" };\n',
  "src/kernel/connection.ts":
    "export const enum Connection {\n  Down,\n  Upgrading,\n  Open,\n}\nexport const connection = { state: 0 as Connection };\n",
  "src/drivers/faults.ts":
    "export const enum Source {\n  Rcd,\n  Temperature,\n  Board,\n}\n" +
    'export function fault(evse: number, source: Source, present: number): void {\n  print("fault " + evse + "," + source + "," + present);\n}\n',
  "boards/sim/engine/pins.ts":
    'import { script } from "../../../src/script";\n' +
    "export function readPin(pin: number): number {\n  return script.levels[pin] >> 15;\n}\n" +
    "export function readAnalog(pin: number): number {\n  return script.levels[pin] / 65535;\n}\n" +
    'export function writePin(pin: number, value: number): void {\n  print("d" + pin + "," + value);\n}\n' +
    'export function writePwm(pin: number, duty: number, hertz: number): void {\n  print("w" + pin + "," + duty + "," + hertz);\n}\n' +
    "export function pinMode(pin: number, mode: string): void {\n  void (pin + mode);\n}\n" +
    "export function pulsePin(pin: number, value: number, milliseconds: number): void {\n  void (pin + value + milliseconds);\n}\n" +
    "export function watchPin(pin: number, debounce: number, fell: (event: PinEvent) => void): void {\n  void [pin, debounce, fell];\n}\n",
  "boards/sim/engine/leds.ts":
    "export function writeLeds(pin: number, rgb: string): void {\n" +
    '  let text = "n" + pin;\n  for (let i = 0; i < rgb.length; i++) {\n    text += "," + rgb.charCodeAt(i);\n  }\n  print(text);\n}\n',
};

/** A driver under test: its files, and what the program does. */
export interface Driver {
  files: readonly string[];
  /** Imports and constants. */
  head: string;
  /** Statements that open the driver. */
  open: string;
  /** Statements of a poll or a second. */
  poll: string;
  /** Statements for a word `x`, whose number is `n`, other than those below. */
  word?: string;
}

/** Of the fixture's files only those that the program reaches. */
const TSCONFIG = JSON.stringify({
  extends: path.join(PROJECT_ROOT, "tsconfig.json"),
  compilerOptions: { rootDir: "." },
  files: ["types/lib.espruino.d.ts", "types/espruino.d.ts", "src/main.ts", "src/kernel/overlay.ts"],
  include: ["boards/sim/**/*.ts"],
});

const MAIN = ({ head, open, poll, word = "" }: Driver, script: string): string => `
import { script } from "./script";
import { evses, Field } from "./station/evse";
${head}
function poll(): void {
${poll}
}
function word(x: string, n: number): void {
${word || "print(x + n);"}
}
function run(): void {
  const words = "${script}".split(" ");
  for (let i = 0; i < words.length; i++) {
    const x = words[i];
    const at = x.indexOf("=");
    if (x[0] === "p" && at < 0) {
      for (let n = parseInt(x.substr(1)); n > 0; n--) {
        poll();
      }
    } else if (x[0] === "#") {
      print(x);
    } else if (x[0] === "a") {
      script.levels[parseInt(x.substr(1))] = parseInt(x.substr(at + 1));
    } else {
      word(x.substr(0, at), parseInt(x.substr(at + 1)));
    }
  }
  print("END");
}
evses.v = new Int32Array(2 * Field.Size);
evses.tokens = ["", ""];
script.levels = new Int32Array(40);
${open}
setTimeout(run, 1);
`;

/** Images by their program: both engines run the same. */
const built = new Map<string, Promise<Uint8Array>>();

async function image(driver: Driver, script: string): Promise<Uint8Array> {
  const files = Object.fromEntries(
    [...REAL, ...driver.files].map((file) => [file, readFileSync(path.join(PROJECT_ROOT, file), "utf8")]),
  );
  const root = project({ ...files, ...STAND_INS, "src/main.ts": MAIN(driver, script), "tsconfig.json": TSCONFIG });
  return (await buildBoard("sim", root)).storage;
}

/**
 * Runs a script of words: `a25=65535` a level · `p5` five polls · `#` and letters, printed · `name=number` a word of the driver's own.
 */
export async function run(driver: Driver, script: string, isEngine: boolean): Promise<string[]> {
  const key = MAIN(driver, script);
  const building = built.get(key) ?? image(driver, script);
  built.set(key, building);
  const storage = await building;
  const lines = isEngine ? await runOnEngine(storage) : await runInNode(storage);
  return lines.filter((line) => line !== "END");
}

/** A test on the Node engine, and on the real one when there is one. */
export function onBoth(title: string, test: (isEngine: boolean) => Promise<void>): void {
  it(`${title} [node]`, () => test(false));
  (ENGINE ? it : it.skip)(engineTitle(title), () => test(true));
}
