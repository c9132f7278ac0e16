/** OCPP 2.0.1 Part 2, N09, N10: CustomerInformation and NotifyCustomerInformation. */
import assert from "node:assert/strict";
import { NO_ANSWER, type Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, calls, CARD, charging, OTHER_CARD, pace, registered, setTo, transactionOf } from "./steps.ts";

const BY: Record<string, Payload> = {
  idToken: { idToken: CARD },
  customerIdentifier: { customerIdentifier: "Customer 1" },
  customerCertificate: {
    customerCertificate: { hashAlgorithm: "SHA256", issuerNameHash: "00", issuerKeyHash: "00", serialNumber: "1" },
  },
};

async function ask(bench: Bench, requestId: number, report: boolean, clear: boolean, who: Payload): Promise<unknown> {
  const { status } = await call(bench, "CustomerInformation", { requestId, report, clear, ...who });
  await bench.settled();
  return status;
}

/** What the station has told: requestId and data; each in one message. */
function data(bench: Bench): [unknown, unknown][] {
  return calls(bench, 0, "NotifyCustomerInformation").map(({ payload }) => {
    assert.equal(payload.seqNo, 0);
    assert.ok(payload.tbc === undefined || payload.tbc === false);
    return [payload.requestId, payload.data];
  });
}

describe("N09, N10: CustomerInformation", () => {
  for (const [name, who] of Object.entries(BY)) {
    scenario(`N-04, TC_N_28, TC_N_31, TC_N_32: by ${name}, nothing stored: one message says so`, {}, async (bench) => {
      await registered(bench);
      assert.equal(await ask(bench, 7, true, false, who), "Accepted");
      assert.equal(await ask(bench, 8, false, true, who), "Accepted");
      assert.equal(await ask(bench, 9, true, true, who), "Accepted");
      assert.deepEqual(data(bench), [
        [7, "No data. "],
        [8, "Cleared."],
        [9, "No data. Cleared."],
      ]);
    });
  }

  scenario("N-04: the token of the running transaction, in any case; not of another's", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    const id = await transactionOf(bench);
    assert.equal(await ask(bench, 1, true, false, { idToken: { ...CARD, idToken: CARD.idToken.toLowerCase() } }), "Accepted");
    assert.equal(await ask(bench, 2, true, true, { idToken: OTHER_CARD }), "Accepted");
    assert.deepEqual(data(bench), [
      [1, `Transaction ${id}. `],
      [2, "No data. Cleared."],
    ]);
  });

  scenario("N-04, TC_N_30: cleared from the authorization cache, not from the list", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, "AuthCacheCtrlr.Enabled", "true");
    await bench.post("/tap", CARD);
    await bench.settled();
    const asked = (): number => calls(bench, 0, "Authorize").length;
    await pace(bench, 61);
    await bench.settled();
    assert.equal(await ask(bench, 1, true, false, BY.idToken), "Accepted");
    assert.equal(await ask(bench, 2, true, true, BY.idToken), "Accepted");
    assert.equal(await ask(bench, 3, true, false, BY.idToken), "Accepted");
    assert.deepEqual(data(bench), [
      [1, "Authorization cache. "],
      [2, "Authorization cache. Cleared."],
      [3, "No data. "],
    ]);
    const before = asked();
    await bench.post("/tap", CARD);
    await bench.settled();
    assert.equal(asked(), before + 1);
  });

  scenario("N-04, N09.FR.09: not exactly one of the three: Invalid; neither report nor clear: Rejected", {}, async (bench) => {
    await registered(bench);
    assert.equal(await ask(bench, 1, true, false, {}), "Invalid");
    assert.equal(await ask(bench, 1, true, true, { ...BY.idToken, ...BY.customerIdentifier }), "Invalid");
    assert.equal(await ask(bench, 1, true, true, { ...BY.idToken, ...BY.customerCertificate }), "Invalid");
    assert.equal(await ask(bench, 1, false, false, BY.idToken), "Rejected");
    assert.deepEqual(data(bench), []);
  });

  scenario("N-04: one that is not told yet: the next is Rejected", { allowViolations: true }, async (bench) => {
    await registered(bench);
    const restore = bench.csms.on("Heartbeat", () => NO_ANSWER);
    await call(bench, "TriggerMessage", { requestedMessage: "Heartbeat" });
    await bench.until("Heartbeat", () => calls(bench, 0, "Heartbeat").length > 0);
    const request = { requestId: -5, report: true, clear: false, ...BY.idToken };
    assert.deepEqual(await call(bench, "CustomerInformation", request), { status: "Accepted" });
    assert.deepEqual(await call(bench, "CustomerInformation", { ...request, requestId: 6 }), { status: "Rejected" });
    restore();
    await pace(bench, 31);
    await bench.settled();
    assert.deepEqual(data(bench), [[-5, "No data. "]]);
    assert.deepEqual(bench.csms.violations, []);
  });
});
