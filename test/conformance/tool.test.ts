/** What the conformance cases are judged by: patterns, strictness, the table. */
import assert from "node:assert/strict";
import { tc, type Case } from "../../tools/conformance/case.ts";
import { anyOrder, fits, judge, lineOf, optional } from "../../tools/conformance/lines.ts";
import { readReport, render, verdictsOf } from "../../tools/conformance/report.ts";
import type { Rig } from "../../tools/conformance/rig.ts";
import { runCase, type Verdict } from "../../tools/conformance/run.ts";
import { SUITES } from "../../tools/conformance/suite.ts";

async function verdict(body: (t: Rig) => Promise<void>): Promise<string> {
  const { verdict: is, why } = await runCase(tc("X-01", "a case of the tool's own", {}, body), "node");
  return `${is} ${why.split("\n")[0]}`.trim();
}

describe("patterns of frames", () => {
  it("take words, choices, words that may be absent, transaction numbers and any rest", () => {
    const line = "#2 Ended StopAuthorized EVConnected Local token=04A1 Transaction.End";
    for (const pattern of [
      line,
      "#2 Ended StopAuthorized EVConnected|Idle [Local] token=04A1 [Transaction.Begin] Transaction.End",
      "[#] Ended * Transaction.End",
    ]) {
      assert.ok(fits(pattern, line), pattern);
    }
    for (const pattern of ["Ended *", "#2 Ended", "#2 Ended StopAuthorized * Transaction", "#2 EndedXStopAuthorized *"]) {
      assert.ok(!fits(pattern, line), pattern);
    }
  });

  it("tell what is complete, what has begun and what is something else", () => {
    const patterns = ["A", anyOrder("B", "C", optional("S")), "D"];
    for (const lines of ["ABCD", "ACBD", "ASBCD", "ABCSD"]) assert.equal(judge(patterns, [...lines]), "all", lines);
    for (const lines of ["", "A", "AC", "ASC", "ABC"]) assert.equal(judge(patterns, [...lines]), "begun", lines);
    for (const lines of ["B", "AD", "ABBD", "ABCDD", "ASSBCD"]) assert.equal(judge(patterns, [...lines]), "other", lines);
    assert.equal(judge([], []), "all");
    assert.equal(judge([], ["A"]), "other");
  });

  it("take any value of a name", () => {
    assert.ok(fits("Stop tx=* [Local]", "Stop tx=-1"));
    assert.ok(!fits("Stop tx=*", "Stop Local"));
  });

  it("number the transactions", () => {
    const ids: string[] = [];
    const event = (transactionId: string): object => ({
      eventType: "Started",
      triggerReason: "Trigger",
      transactionInfo: { transactionId },
    });
    const line = (id: string): string => lineOf("TransactionEvent", event(id) as Record<string, unknown>, ids);
    assert.deepEqual(["x", "y", "x"].map(line), ["Started Trigger", "#2 Started Trigger", "Started Trigger"]);
  });
});

describe("a conformance case", () => {
  it("passes when it has told every frame", async () => {
    assert.equal(
      await verdict(async (t) => {
        await t.plug();
        await t.expect("SN 1 Occupied");
      }),
      "pass",
    );
  });

  it("fails on a frame that it does not expect, at its end, too", async () => {
    assert.match(await verdict((t) => t.plug()), /^fail expected/);
  });

  it("fails on a frame that does not come", async () => {
    assert.match(
      await verdict(async (t) => {
        await t.expect("SN 1 Occupied");
      }),
      /^fail expected within 3 s/,
    );
  });

  it("fails on another answer, and on one that nobody has asked for", async () => {
    assert.match(
      await verdict((t) => t.call("Reset", { type: "OnIdle", evseId: 9 }, "Accepted").then()),
      /^fail Reset: status Rejected/,
    );
    assert.match(
      await verdict(async (t) => {
        t.csms.raw("CS001", '[2,"own","NoSuch",{}]');
        await t.advance(1);
      }),
      /^fail answers that belong to no call/,
    );
  });
});

describe("the table of results", () => {
  const body = async (): Promise<void> => undefined;
  const cases: Case[] = [
    tc("X-01", "with | in it", {}, body),
    tc("TC_B_01", "one", {}, body),
    tc("TC_B_01", "two", {}, body),
    tc("RPC-08 a", "three", {}, body),
  ];

  it("is read as it was written", () => {
    const node = new Map<string, Verdict>([["TC_B_01", "pass"], ["X-01", "fail"], ["RPC-08 a", "not applicable"]]); // prettier-ignore
    const report = { buildId: "abc123", verdicts: { node, espruino: new Map<string, Verdict>() } };
    const suite = { ...SUITES["ocpp2.0.1"], cases };
    const text = render(suite, report);
    const read = readReport(text)!;
    assert.equal(read.buildId, "abc123");
    assert.deepEqual([...read.verdicts.node].sort(), [...node].sort());
    assert.deepEqual(new Set(read.verdicts.espruino.values()), new Set(["not run"]));
    assert.equal(render(suite, read), text);
    assert.equal(readReport("no table"), null);
  });

  it("takes the worst of several cases with one id", () => {
    const result = (verdict: Verdict): object => ({ id: "TC_B_01", title: "", verdict, why: "", ms: 0 });
    const of = (...list: Verdict[]): Verdict => verdictsOf(list.map(result) as Parameters<typeof verdictsOf>[0]).get("TC_B_01")!;
    assert.equal(of("pass", "fail", "pass"), "fail");
    assert.equal(of("not applicable", "pass"), "pass");
  });
});
