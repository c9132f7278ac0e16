/** Runs cases on an engine, several at a time. */
import { hrtime } from "node:process";
import type { Case } from "./case.ts";
import { Rig, type EngineName } from "./rig.ts";

export type Verdict = "pass" | "fail" | "not applicable" | "later" | "not run";

export interface Result {
  id: string;
  title: string;
  verdict: Verdict;
  /** Why it failed or is not run. */
  why: string;
  ms: number;
}

export async function runCase(one: Case, engine: EngineName): Promise<Result> {
  const { id, title, without } = one;
  if (without) return { id, title, verdict: without.verdict, why: without.why, ms: 0 };
  const start = hrtime.bigint();
  const ms = (): number => Number((hrtime.bigint() - start) / 1_000_000n);
  let rig: Rig | null = null;
  try {
    rig = await Rig.open(one.options, engine);
    await one.body(rig);
    await rig.end();
    return { id, title, verdict: "pass", why: "", ms: ms() };
  } catch (error) {
    return { id, title, verdict: "fail", why: error instanceof Error ? error.message : String(error), ms: ms() };
  } finally {
    await rig?.close();
  }
}

/** The results in the order of `cases`; `told` hears of each as it comes. */
export async function runCases(
  cases: Case[],
  engine: EngineName,
  jobs: number,
  told: (result: Result) => void,
): Promise<Result[]> {
  const results: Result[] = new Array<Result>(cases.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < cases.length; i = next++) {
      results[i] = await runCase(cases[i], engine);
      told(results[i]);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}
