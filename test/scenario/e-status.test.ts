/** OCPP 2.0.1 Part 2, E14: GetTransactionStatus (conformance E-50, TC_E_28 … TC_E_34). */
import assert from "node:assert/strict";
import { rpcError } from "../../tools/csms/api.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, charging, offlineFor, pace, QUICK_RETRY, registered, tap, transactionOf } from "./steps.ts";

async function status(bench: Bench, transactionId?: string | null): Promise<unknown[]> {
  const answer = await call(bench, "GetTransactionStatus", transactionId ? { transactionId } : {});
  return [answer.ongoingIndicator, answer.messagesInQueue];
}

const QUICK = {
  ...QUICK_RETRY,
  "SampledDataCtrlr.TxUpdatedInterval": "5",
  "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "10",
  "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "1",
};

describe("E14: GetTransactionStatus", () => {
  scenario("E-50, TC_E_28, TC_E_29, TC_E_31, TC_E_33: nothing waits", {}, async (bench) => {
    await registered(bench);
    assert.deepEqual(await status(bench), [undefined, false]);
    assert.deepEqual(await status(bench, "nobody's"), [false, false]);
    await charging(bench);
    const id = await transactionOf(bench);
    assert.deepEqual(await status(bench, id), [true, false]);
    await tap(bench);
    await bench.settled();
    assert.deepEqual(await status(bench, id), [false, false]);
  });

  scenario(
    "E-50, TC_E_30, TC_E_32, TC_E_34: events wait, of one transaction, of another, of none",
    { station: { evses: 2, set: QUICK } },
    async (bench) => {
      await registered(bench);
      await charging(bench);
      const first = await transactionOf(bench);
      await tap(bench);
      await bench.settled();
      await bench.post("/evse/1/unplug");
      await charging(bench, 2, { idToken: "0499887766", type: "ISO14443" });
      const second = await transactionOf(bench, 2);
      const back = bench.csms.on("TransactionEvent", () => {
        throw rpcError("InternalError");
      });
      // 40 samples wait; the answer looks through them in pieces.
      await offlineFor(bench, 2, () => bench.advance(200));
      assert.deepEqual(await status(bench, second), [true, true]);
      assert.deepEqual(await status(bench, first), [false, false]);
      assert.deepEqual(await status(bench), [undefined, true]);
      await bench.post("/tap", { idToken: "0499887766", type: "ISO14443" });
      await pace(bench, 1);
      assert.deepEqual(await status(bench, second), [false, true]);
      back();
      await pace(bench, 10);
      await bench.settled();
      assert.deepEqual(await status(bench, second), [false, false]);
    },
  );
});
