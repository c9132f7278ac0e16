/**
 * `npm run conformance -- [--protocol ocpp2.0.1|ocpp1.6] [--engine node|espruino] [--only TC_B_01,RPC-03] [--jobs N] [--out FILE]`: runs the
 * cases against the built image in the simulator and writes the table of results. Status 0: all passed, 1: a case failed, 2: an option is
 * wrong. With `--only` the table stays as it is unless `--out` names one.
 *
 * A case is a `tc(id, title, options, body)` in `cases201/` or `cases16/`. The body gets a `Rig`: it drives charger (`t.plug()`, `t.tap(CARD)`,
 * `t.draw(true)`, `t.offline(20)`, `t.post("/power", …)`) and CSMS (`t.call(action, payload, expected)`, `t.refused(…)`, `t.answer(action,
 * {…})`, `t.mute(action)`), and states what the station sends, all of it and in order:
 *
 *     await t.expect("Authorize 04A1B2C3", "Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin");
 *
 * Lines and patterns are told in `lines.ts` and `lines16.ts`; `optional(…)` and `anyOrder(…)` where the specification leaves it open. `expect` gives the CALLs
 * with their payloads and lets up to 3 simulated seconds pass, `expectWithin(s, …)` more; `silence(s)` wants none. Unless `boot: false` is among
 * the options the case begins after an accepted boot. Whatever is left at the end, a frame against its schema, or a gap in a transaction fails.
 * Requirements without a test case have the catalogue's id (`RPC-03`). `notApplicable(…)` and `later(…)` make rows that are not run.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startedBuild } from "../image/slot.ts";
import { decodeStorage } from "../image/storage.ts";
import { builtImage } from "../sim/image.ts";
import { UsageError as SimUsageError } from "../sim/sim.ts";
import { PROTOCOLS, type Protocol } from "../csms/schema.ts";
import { readReport, render, verdictsOf } from "./report.ts";
import type { EngineName } from "./rig.ts";
import { runCases, type Result } from "./run.ts";
import { SUITES, type Suite } from "./suite.ts";

const USAGE = `npm run conformance -- [options]
  --protocol P   ocpp2.0.1 or ocpp1.6 (default ocpp2.0.1)
  --engine NAME  node, or espruino: the binary in ESPRUINO or on PATH (default node)
  --only IDS     these cases alone, separated by commas; TC_B_* takes a block
  --jobs N       cases at a time (default 2)
  --out FILE     where the table goes (default ${SUITES["ocpp2.0.1"].table}, ${SUITES["ocpp1.6"].table})
  --help         this text`;

/** The message is the sentence. */
class UsageError extends Error {}

interface Options {
  suite: Suite;
  engine: EngineName;
  only: string[] | null;
  jobs: number;
  out: string | null;
}

function readOptions(args: string[]): Options | null {
  const options = {
    protocol: { type: "string" },
    engine: { type: "string" },
    only: { type: "string" },
    jobs: { type: "string" },
    out: { type: "string" },
    help: { type: "boolean" },
  } as const;
  let values: { protocol?: string; engine?: string; only?: string; jobs?: string; out?: string; help?: boolean };
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.\n]/)[0]}; --help lists the options`);
  }
  if (values.help) return null;
  const { protocol = "ocpp2.0.1", engine = "node", jobs = "2" } = values;
  if (!PROTOCOLS.includes(protocol as Protocol)) throw new UsageError(`--protocol ${protocol}: it is ocpp2.0.1 or ocpp1.6`);
  const suite = SUITES[protocol as Protocol];
  if (engine !== "node" && engine !== "espruino") throw new UsageError(`--engine ${engine}: it is node or espruino`);
  if (!/^[1-9]\d?$/.test(jobs)) throw new UsageError(`--jobs ${jobs}: it is a number from 1 to 99`);
  const only = values.only?.split(",").filter((id) => id !== "") ?? null;
  for (const id of only ?? []) {
    if (!suite.cases.some((one) => wanted(one.id, [id]))) throw new UsageError(`--only ${id}: there is no such case`);
  }
  return { suite, engine, only, jobs: Number(jobs), out: values.out ?? (only ? null : suite.table) };
}

function wanted(id: string, only: string[] | null): boolean {
  return !only || only.some((name) => (name.endsWith("*") ? id.startsWith(name.slice(0, -1)) : id === name));
}

function print({ id, title, verdict, why, ms }: Result): void {
  if (verdict !== "pass" && verdict !== "fail") return;
  console.log(`${verdict} ${id} ${title} (${ms} ms)`);
  if (verdict === "fail") console.log(`  ${why.replaceAll("\n", "\n  ")}`);
}

/** Of the build that the image starts. */
async function buildId(): Promise<string> {
  return startedBuild(decodeStorage(await builtImage()))?.buildId ?? "";
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(USAGE);
  const { suite, engine, only, jobs, out } = options;
  const id = await buildId();
  const cases = suite.cases.filter((one) => wanted(one.id, only));
  const results = await runCases(cases, engine, jobs, print);
  if (out !== null) {
    const old = existsSync(out) ? readReport(readFileSync(out, "utf8")) : null;
    const kept = old?.buildId === id ? old.verdicts : { node: new Map(), espruino: new Map() };
    const whole = results.filter(({ verdict }) => verdict === "later" || verdict === "not applicable");
    const verdicts = { node: verdictsOf(whole), espruino: verdictsOf(whole) };
    for (const column of ["node", "espruino"] as const) {
      for (const [key, verdict] of kept[column]) if (verdict !== "not run") verdicts[column].set(key, verdict);
    }
    for (const [key, verdict] of verdictsOf(results)) verdicts[engine].set(key, verdict);
    writeFileSync(out, render(suite, { buildId: id, verdicts }));
  }
  const count = (verdict: string): number => results.filter((result) => result.verdict === verdict).length;
  console.log(
    `${count("pass")} passed, ${count("fail")} failed, ${count("later")} later, ${count("not applicable")} not applicable [${engine}]`,
  );
  process.exitCode = count("fail") > 0 ? 1 : 0;
}

try {
  await main();
} catch (error) {
  const usage = error instanceof UsageError || error instanceof SimUsageError;
  console.error(usage ? (error as Error).message : error);
  process.exitCode = usage ? 2 : 1;
}
