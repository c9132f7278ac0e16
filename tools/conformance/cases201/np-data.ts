/** OCPP 2.0.1 Part 2, N09, N10 customer information; P01 data transfer; customData. Section N01 comes with logs. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { later, tc, type Case, type CaseOptions } from "../case.ts";
import { CARD, type Rig } from "../rig.ts";
import { charging, left, stopped } from "./moves.ts";

const CACHE: CaseOptions = { set: { "AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true" } };

/** CustomerInformation for a card, and the text that comes. */
async function information(
  t: Rig,
  report: boolean,
  clear: boolean,
  more: Payload = { idToken: CARD },
  requestId = 9,
): Promise<string> {
  await t.call("CustomerInformation", { requestId, report, clear, ...more }, "Accepted");
  const parts = await t.parts("NotifyCustomerInformation");
  parts.forEach(({ payload }, i) => {
    assert.equal(payload.requestId, requestId);
    assert.equal(payload.seqNo, i);
    assert.equal(payload.tbc === true, i < parts.length - 1);
    assert.ok(!Number.isNaN(Date.parse(String(payload.generatedAt))));
    assert.ok(String(payload.data).length > 0 && String(payload.data).length <= 512);
  });
  return parts.map(({ payload }) => payload.data).join("");
}

export const DATA: Case[] = [
  later("TC_N_25", "GetLog, diagnostics log"),
  later("TC_N_26", "GetLog, upload fails"),
  later("TC_N_34", "GetLog, nothing to upload"),
  later("TC_N_35", "GetLog, security log"),
  later("TC_N_36", "GetLog during an upload"),

  tc("TC_N_28", "CustomerInformation report: nothing stored, one message that says so", {}, async (t) => {
    assert.ok(await information(t, true, false));
  }),

  tc("TC_N_30", "CustomerInformation report and clear: the data, then they are gone", CACHE, async (t) => {
    await charging(t);
    await stopped(t);
    await left(t);
    const data = await information(t, true, true);
    assert.notEqual(data, await information(t, true, false));
    await charging(t);
  }),

  tc("TC_N_31", "CustomerInformation of a customer the station does not know: one message that says so", {}, async (t) => {
    await information(t, true, false, { customerIdentifier: "nobody" });
  }),

  tc("TC_N_32", "CustomerInformation clear: one message that says so; the card is asked for again", {}, async (t) => {
    await charging(t);
    await stopped(t);
    await left(t);
    await information(t, false, true);
    await charging(t);
  }),

  tc("N-04", "Not exactly one of token, identifier, certificate: Invalid; neither report nor clear: Rejected", {}, async (t) => {
    const request = { requestId: 1, report: true, clear: false };
    await t.call("CustomerInformation", request, "Invalid");
    await t.call("CustomerInformation", { ...request, idToken: CARD, customerIdentifier: "x" }, "Invalid");
    await t.call("CustomerInformation", { requestId: 1, report: false, clear: false, idToken: CARD }, "Rejected");
    await t.silence(3);
  }),

  tc(
    "N-04",
    "The local list is never touched",
    {
      set: { "LocalAuthListCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true" },
    },
    async (t) => {
      const localAuthorizationList = [{ idToken: CARD, idTokenInfo: { status: "Accepted" } }];
      await t.call("SendLocalList", { updateType: "Full", versionNumber: 3, localAuthorizationList }, "Accepted");
      await information(t, false, true);
      await t.call("GetLocalListVersion", {}, { versionNumber: 3 });
    },
  ),

  tc("TC_P_01", "DataTransfer of an unknown vendor: UnknownVendorId; any JSON as data", {}, async (t) => {
    for (const data of [undefined, null, 1, "text", true, { a: [1, { b: null }] }, [[[]]]]) {
      const request = { vendorId: "com.example.nobody", messageId: "m", ...(data === undefined ? {} : { data }) };
      await t.call("DataTransfer", request, ["UnknownVendorId", "UnknownMessageId", "Rejected"]);
    }
    await t.expect();
  }),

  tc("TC_P_03", "customData in a request is taken and ignored", {}, async (t) => {
    const customData = { vendorId: "com.example", anything: { deep: [1, "two", null] } };
    const component = { name: "OCPPCommCtrlr", customData };
    const variable = { name: "OfflineThreshold", customData };
    const answer = await t.call("GetVariables", { getVariableData: [{ component, variable, customData }], customData });
    const [{ attributeStatus, attributeValue }] = answer.getVariableResult as Payload[];
    assert.deepEqual([attributeStatus, attributeValue], ["Accepted", "60"]);
    const idToken = { idToken: "APP", type: "Central", customData };
    await t.call("RequestStartTransaction", { remoteStartId: 1, idToken, evseId: 99, customData }, "Rejected");
  }),

  tc("TC_P_04", "customData in an answer is taken and ignored", {}, async (t) => {
    const customData = { vendorId: "com.example", anything: { deep: [1, "two", null] } };
    t.answer("Authorize", { idTokenInfo: { status: "Accepted", customData }, customData });
    t.answer("TransactionEvent", { customData });
    t.answer("StatusNotification", { customData });
    await charging(t);
    await stopped(t);
    await left(t);
  }),

  tc("N-04", "Busy with one: the next is Rejected, or served behind it", { crossing: true }, async (t) => {
    let answer: (payload: Payload) => void = () => undefined;
    const back = t.handle("NotifyCustomerInformation", () => new Promise<Payload>((resolve) => (answer = resolve)));
    await t.call("CustomerInformation", { requestId: 1, report: true, clear: false, idToken: CARD }, "Accepted");
    await t.expect("NotifyCustomerInformation 1");
    const request = { requestId: 2, report: true, clear: false, idToken: CARD };
    const { status } = await t.call("CustomerInformation", request, ["Accepted", "Rejected"]);
    back();
    answer({});
    await t.expect(...(status === "Accepted" ? ["NotifyCustomerInformation 2"] : []));
  }),
];
