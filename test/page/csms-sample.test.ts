/** What the forms of the CSMS's page are filled in with is valid for every request of both protocol versions. */
import assert from "node:assert/strict";
import { answeredActions } from "../../tools/csms/answers.ts";
import { actionsOf, payloadFault, PROTOCOLS, requestSchema } from "../../tools/csms/schema.ts";
import { isoTime, sample, type Known, type Schema } from "../../tools/page/csms/sample.ts";

const KNOWN: Known = {
  transactionId: "tx-1",
  idToken: "04A1B2C3",
  evse: 2,
  now: Date.UTC(2026, 0, 1, 12),
  number: 7,
  url: "ws://127.0.0.1:9000",
};

describe("the filled-in forms", () => {
  for (const protocol of PROTOCOLS) {
    it(`are valid for all requests of ${protocol}, with and without a transaction`, () => {
      const fromStation = answeredActions(protocol);
      for (const action of actionsOf(protocol)) {
        if (fromStation.includes(action) && action !== "DataTransfer") continue;
        for (const transactionId of ["tx-1", null]) {
          const payload = sample(action, requestSchema(protocol, action) as Schema, { ...KNOWN, transactionId });
          assert.equal(payloadFault(protocol, action, "req", payload), null, `${action} ${JSON.stringify(payload)}`);
        }
      }
    });
  }

  const made = (action: string): Record<string, unknown> => sample(action, requestSchema("ocpp2.0.1", action) as Schema, KNOWN);

  it("name the running transaction, a known card and times an hour ahead", () => {
    assert.deepEqual(made("RequestStopTransaction"), { transactionId: "tx-1" });
    assert.deepEqual(made("RequestStartTransaction"), {
      remoteStartId: 7,
      evseId: 2,
      idToken: { idToken: "04A1B2C3", type: "ISO14443" },
    });
    assert.equal(made("ReserveNow").expiryDateTime, isoTime(KNOWN.now + 3_600_000));
    assert.equal(isoTime(KNOWN.now), "2026-01-01T12:00:00Z");
  });
});
