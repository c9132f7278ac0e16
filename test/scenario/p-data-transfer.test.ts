/** OCPP 2.0.1 Part 2, P01: DataTransfer. */
import assert from "node:assert/strict";
import { scenario } from "./harness.ts";
import { call, mark, registered, told } from "./steps.ts";

describe("P01: DataTransfer", () => {
  scenario("P-01, TC_P_01: UnknownVendorId, with any JSON type in data", {}, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    for (const more of [
      {},
      { messageId: "hello" },
      ...[1, -1.5e300, true, null, "text", "", "\u20ac\ud83d\ude00", [], [[[1], {}]], {}, { a: { b: [null, "]}"] } }].map(
        (data) => ({ data }),
      ),
      { data: "x".repeat(3000) },
    ]) {
      assert.deepEqual(await call(bench, "DataTransfer", { vendorId: "org.example", ...more }), { status: "UnknownVendorId" });
    }
    await bench.settled();
    assert.deepEqual(told(bench, since), []);
  });
});
