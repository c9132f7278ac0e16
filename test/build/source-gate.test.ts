/** What the gate on the sources refuses, each with a planted example. */
import assert from "node:assert/strict";
import { buildBoard } from "../../tools/build/build-board.ts";
import type { Finding } from "../../tools/build/findings.ts";
import { TRAPS, type Trap } from "../../tools/build/traps.ts";
import { PLANTED, UNTYPED } from "./planted.ts";
import { findings, project, removeProjects } from "./project.ts";

/** Traps that are planted in minified text, in output-gate.test.ts. */
const ELSEWHERE: readonly Trap[] = ["missing-builtin", "new", "prototype-member", "set-length", "syntax"];

describe("gate on the sources", () => {
  after(removeProjects);
  let found: readonly Finding[] = [];

  before(async () => {
    const planted = PLANTED.map(([, source], index) => [`src/planted/p${index}.ts`, source]);
    const untyped = UNTYPED.map((source, index) => [`src/untyped/u${index}.ts`, source]);
    found = await findings(buildBoard("sim", project(Object.fromEntries([...planted, ...untyped]) as Record<string, string>)));
  });

  PLANTED.forEach(([trap, source], index) => {
    it(`refuses ${trap}: ${source
      .split("\n")
      .find((line) => line.includes("// <-"))!
      .replace("// <-", "")
      .trim()}`, () => {
      const expected = source.split("\n").flatMap((line, at) => (line.includes("// <-") ? [at + 1] : []));
      const lines = found
        .filter(({ file, reason }) => file === `src/planted/p${index}.ts` && reason.endsWith(`[${trap}]`))
        .map(({ line }) => line);
      assert.deepEqual([...new Set(lines)], expected);
    });
  });

  UNTYPED.forEach((source, index) => {
    it(`has no type for: ${source.replace(/\s+/g, " ")}`, () => {
      const own = found.filter(({ file }) => file === `src/untyped/u${index}.ts`);
      assert.ok(
        own.some(({ reason }) => /^TS\d+: /.test(reason)),
        own.map(({ reason }) => reason).join() || "nothing found",
      );
    });
  });

  it("refuses nothing else in the fixture", () => {
    assert.deepEqual(
      // A generator and a tagged template make the compiler ask for types that the engine has no use for.
      found.filter(({ file, reason }) => !/^src\/(planted|untyped)\//.test(file) && !reason.startsWith("TS2318")),
      [],
    );
  });

  it("has a planted example for every trap", () => {
    const planted = new Set([...PLANTED.map(([trap]) => trap), ...ELSEWHERE]);
    assert.deepEqual(
      Object.keys(TRAPS).filter((trap) => !planted.has(trap as Trap)),
      [],
    );
  });
});
