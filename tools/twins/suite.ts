/**
 * `npm run test:boards [-- FILE …]`: the scenario suite on the drivers of the reference boards, bound to the twins of their hardware: on the engine in
 * ESPRUINO or on PATH, without one on Node. Every case runs on `esp32-devkit` that one EVSE is enough for, those with two on `esp32-dual`;
 * what fits neither is skipped by name and reason. Status 1 when a case fails.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { espruinoBinary } from "../sim/espruino-engine.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SUITE = "test/scenario";
const MOCHA = "node_modules/mocha/bin/mocha.js";
/** Where a case is that needs two EVSEs. */
const TWO_EVSES = /evses: [2-9]/;
/** Variables of the ESP32's model (README): what a board needs at its peak, and its end of the link to the twins. */
const VARIABLES = "2500";

const files = readdirSync(join(ROOT, SUITE))
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => `${SUITE}/${name}`);
const withTwo = files.filter((file) => TWO_EVSES.test(readFileSync(join(ROOT, file), "utf8")));
const RUNS: readonly { board: string; files: readonly string[]; env: Readonly<Record<string, string>> }[] = [
  { board: "esp32-devkit", files, env: {} },
  { board: "esp32-dual", files: withTwo, env: { EVSES: "2" } },
];

function hasEngine(): boolean {
  try {
    return espruinoBinary(process.env) !== "";
  } catch {
    return false;
  }
}

function run(args: string[], env: Readonly<Record<string, string>> = {}): boolean {
  const options = { cwd: ROOT, stdio: "inherit", env: { JSVARS: VARIABLES, ...process.env, ...env } } as const;
  return spawnSync(process.execPath, args, options).status === 0;
}

const engine = hasEngine() ? "espruino" : "node";
const asked = process.argv.slice(2);
const unknown = asked.filter((file) => !files.includes(file));
if (unknown.length > 0) {
  console.error(`${unknown[0]}: it is no file of the suite; they are ${SUITE}/NAME.test.ts.`);
  process.exit(2);
}
const passed = RUNS.map(({ board, files, env }) => {
  const chosen = files.filter((file) => asked.length === 0 || asked.includes(file));
  if (chosen.length === 0) return true;
  console.log(`\n${board} on its twins, engine ${engine}`);
  return (
    run(["--import=tsx", "tools/build/main.ts", "--board", board, "--twin"]) &&
    run([MOCHA, "--retries", "0", "--grep", `\\[${engine}`, ...chosen], { BOARD: board, ...env })
  );
});
process.exitCode = passed.includes(false) ? 1 : 0;
