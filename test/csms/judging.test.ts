import assert from "node:assert/strict";
import { Bench } from "./bench.ts";
import { BOOT, transactionEvent } from "./fake-station.ts";

describe("the CSMS judging frames", () => {
  const bench = new Bench();

  it("finds nothing in good ones", async () => {
    await bench.start();
    const fake = await bench.station();
    fake.answers.Reset = () => ({ status: "Accepted" });
    assert.deepEqual((await fake.call("BootNotification", BOOT))[2] && bench.reasons(), []);
    await bench.csms.call("CS001", "Reset", { type: "OnIdle" });
    await fake.call("DataTransfer", { vendorId: "v", data: { any: [1] }, customData: { vendorId: "v", more: 1 } });
    assert.deepEqual(bench.reasons(), []);
  });

  const requests: [name: string, action: string, payload: unknown, code: string][] = [
    ["a missing field", "BootNotification", { reason: "PowerUp" }, "OccurrenceConstraintViolation"],
    ["a wrong type", "Authorize", { idToken: { idToken: 7, type: "Central" } }, "TypeConstraintViolation"],
    ["an unknown value", "Authorize", { idToken: { idToken: "7", type: "Card" } }, "PropertyConstraintViolation"],
    ["a text that is too long", "DataTransfer", { vendorId: "v".repeat(256) }, "PropertyConstraintViolation"],
    [
      "a bad time",
      "TransactionEvent",
      { ...transactionEvent("Started", 0, 0), timestamp: "12:00" },
      "PropertyConstraintViolation",
    ],
    ["an extra field", "Heartbeat", { at: 1 }, "FormatViolation"],
    ["a payload that is no object", "Heartbeat", [], "FormatViolation"],
    ["an action that a CSMS does not serve", "Reset", { type: "OnIdle" }, "NotImplemented"],
  ];
  for (const [name, action, payload, code] of requests) {
    it(`answers ${name} with ${code}`, async () => {
      await bench.start();
      const fake = await bench.station();
      const [type, , answered] = await fake.call(action, payload);
      assert.deepEqual([type, answered], [4, code]);
      assert.equal(bench.csms.violations.length, 1);
    });
  }

  const texts: [name: string, text: string, reason: string][] = [
    ["text that is no JSON", "hello", "in not JSON"],
    ["a frame that is no array", "{}", "in not an array with elements"],
    ["a message type that does not exist", '[7,"a"]', "in message type 7 is not 2, 3 or 4"],
    ["an id that is no string", '[2,5,"Heartbeat",{}]', "in the message id is not a string"],
    ["an id that is too long", `[2,"${"i".repeat(37)}","Heartbeat",{}]`, "in the message id is longer than 36"],
    ["a request with too many elements", '[2,"a","Heartbeat",{},1]', "in a CALL has 4 elements, this has 5"],
    ["an unknown action", '[2,"a","Heartbeet",{}]', 'in NotImplemented: "Heartbeet" is no action of ocpp2.0.1'],
    ["an answer that nobody asked for", '[3,"zzz",{}]', "in an answer to no open CALL"],
    ["an error that nobody asked for", '[4,"zzz","GenericError","",{}]', "in an answer to no open CALL"],
  ];
  for (const [name, text, reason] of texts) {
    it(`sees ${name}`, async () => {
      await bench.start();
      const fake = await bench.station();
      fake.send(text);
      await bench.csms.waitFor(() => bench.reasons().length);
      assert.equal(bench.reasons()[0], reason);
      assert.equal(bench.csms.violations[0]?.text, text);
    });
  }

  it("sees a bad answer of the station, and the caller gets the error", async () => {
    await bench.start();
    const fake = await bench.station();
    fake.answers.ClearCache = () => ({ status: "Maybe" });
    await assert.rejects(bench.csms.call("CS001", "ClearCache"), { code: "PropertyConstraintViolation" });
    assert.match(bench.reasons()[0]!, /^in PropertyConstraintViolation: ClearCache.conf\/status/);
  });

  it("sees a bad error frame of the station", async () => {
    await bench.start();
    const fake = await bench.station();
    fake.answers.ClearCache = () => null;
    const call = bench.csms.call("CS001", "ClearCache");
    const text = await bench.csms.waitFor(() => fake.received[0]);
    const id = (JSON.parse(text) as unknown[])[1] as string;
    fake.send(JSON.stringify([4, id, "NoSuchCode", "d".repeat(256), "details"]));
    await assert.rejects(call);
    assert.deepEqual(bench.reasons(), [
      'in unknown error code "NoSuchCode"',
      "in the error description is longer than 255",
      "in the error details are not an object",
    ]);
  });

  it("does not send a bad request of its own, unless told so", async () => {
    await bench.start();
    const fake = await bench.station();
    await assert.rejects(bench.csms.call("CS001", "Reset", { type: "Now" }), { code: "PropertyConstraintViolation" });
    assert.match(bench.reasons()[0]!, /^out not sent: Reset.req\/type/);
    assert.deepEqual(fake.received, []);
    await assert.rejects(bench.csms.call("CS001", "Reset", { type: "Now" }, { unchecked: true }), { code: "NotSupported" });
    assert.equal(fake.received.length, 1);
    assert.match(bench.reasons()[1]!, /^out PropertyConstraintViolation: Reset.req\/type/);
  });

  it("turns a bad answer of a handler into InternalError", async () => {
    await bench.start({ handlers: { Heartbeat: () => ({ currentTime: "now" }) } });
    const fake = await bench.station();
    assert.equal((await fake.call("Heartbeat", {}))[2], "InternalError");
    assert.match(bench.reasons()[0]!, /^out not sent: Heartbeat.conf\/currentTime/);
  });

  it("accepts the errors that raw garbage provokes", async () => {
    await bench.start();
    const fake = await bench.station();
    fake.answers["5"] = () => null;
    bench.csms.raw("CS001", '[9,"x"]');
    bench.csms.raw("CS001", '[2,"y",5,{}]');
    bench.csms.raw("CS001", "}");
    await bench.csms.waitFor(() => fake.received.length === 3);
    fake.send('[4,"x","MessageTypeNotSupported","",{}]');
    fake.send('[4,"y","RpcFrameworkError","",{}]');
    fake.send('[4,"-1","RpcFrameworkError","",{}]');
    await bench.csms.waitFor(() => bench.csms.frames.length === 6);
    assert.deepEqual(
      bench.csms.violations.filter(({ dir }) => dir === "in"),
      [],
    );
  });

  it("finds a second CALL before the first was answered (RPC-03)", async () => {
    await bench.start();
    const fake = await bench.station();
    fake.send('[2,"a","Heartbeat",{}]');
    fake.send('[2,"b","Heartbeat",{}]');
    await bench.csms.waitFor(() => bench.csms.frames.length === 4);
    assert.deepEqual(bench.findings(), ["Heartbeat is sent while Heartbeat has no answer yet (one CALL at a time)"]);
  });

  it("judges 1.6 with its own schemas", async () => {
    await bench.start({ protocols: ["ocpp1.6"] });
    const fake = await bench.station("CS001", { protocols: ["ocpp1.6"] });
    await fake.call("BootNotification", { chargePointVendor: "V", chargePointModel: "M" });
    const [, , started] = await fake.call("StartTransaction", {
      connectorId: 1,
      idTag: "04A1",
      meterStart: 1000,
      timestamp: "2026-01-01T00:00:00Z",
    });
    const { transactionId } = started as { transactionId: number };
    await fake.call("StopTransaction", { transactionId, meterStop: 3000, timestamp: "2026-01-01T01:00:00Z" });
    assert.equal((await fake.call("Heartbeat", { x: 1 }))[2], "FormationViolation");
    const transaction = bench.csms.stations.get("CS001")!.transactions.get(String(transactionId))!;
    assert.deepEqual([transaction.startWh, transaction.lastWh, transaction.ended], [1000, 3000, true]);
    assert.equal(bench.csms.violations.length, 1);
  });

  it("knows the order of a transaction of 1.6: one at a connector, values between Start and Stop, a rising register", async () => {
    await bench.start({ protocols: ["ocpp1.6"] });
    const fake = await bench.station("CS001", { protocols: ["ocpp1.6"] });
    const timestamp = "2026-01-01T00:00:00Z";
    const start = { connectorId: 1, idTag: "04A1", meterStart: 1000, timestamp };
    const value = { connectorId: 1, transactionId: 1, meterValue: [{ timestamp, sampledValue: [{ value: "1" }] }] };
    await fake.call("MeterValues", value);
    await fake.call("StartTransaction", start);
    await fake.call("StartTransaction", start);
    await fake.call("StopTransaction", { transactionId: 1, meterStop: 999, timestamp });
    await fake.call("MeterValues", value);
    assert.deepEqual(
      bench.findings().map((text) => text.replace(/ \(.*/, "")),
      [
        "MeterValues of the unknown transaction 1",
        "transaction 2: EVSE 1 still has transaction 1",
        "transaction 1: the register falls from 1000 to 999 Wh",
        "transaction 1: MeterValues after StopTransaction",
        "transaction 1: the register falls from 999 to 1 Wh",
      ],
    );
  });

  it("takes the error codes of 1.6 as it spells them alone", async () => {
    await bench.start({ protocols: ["ocpp1.6"] });
    const fake = await bench.station("CS001", { protocols: ["ocpp1.6"] });
    for (const code of ["FormationViolation", "OccurenceConstraintViolation", "FormatViolation", "RpcFrameworkError"]) {
      fake.send(`[4,"-1","${code}","",{}]`);
    }
    await bench.csms.waitFor(() => bench.csms.frames.length === 4);
    assert.deepEqual(
      bench.csms.violations.map(({ reason }) => reason),
      ['unknown error code "FormatViolation"', 'unknown error code "RpcFrameworkError"'],
    );
  });
});
