import assert from "node:assert/strict";
import { Bench } from "./bench.ts";
import { BOOT, transactionEvent } from "./fake-station.ts";

describe("the record of a station", () => {
  const bench = new Bench();

  it("keeps boot, connectors, variables and the transaction's energy", async () => {
    await bench.start();
    const fake = await bench.station();
    await fake.call("BootNotification", BOOT);
    const status = { timestamp: "2026-01-01T00:00:00Z", connectorStatus: "Occupied", evseId: 1, connectorId: 1 };
    await fake.call("StatusNotification", status);
    const item = { component: { name: "SampledDataCtrlr" }, variable: { name: "TxUpdatedInterval" } };
    fake.answers.GetVariables = () => ({ getVariableResult: [{ ...item, attributeStatus: "Accepted", attributeValue: "60" }] });
    fake.answers.SetVariables = () => ({ setVariableResult: [{ ...item, attributeStatus: "Accepted" }] });
    await bench.csms.call("CS001", "GetVariables", { getVariableData: [item] });
    const record = bench.csms.stations.get("CS001")!;
    assert.equal(record.variables.get("SampledDataCtrlr.TxUpdatedInterval"), "60");
    await bench.csms.call("CS001", "SetVariables", { setVariableData: [{ ...item, attributeValue: "30" }] });
    assert.equal(record.variables.get("SampledDataCtrlr.TxUpdatedInterval"), "30");
    assert.deepEqual(record.connectors.get("1/1"), { status: "Occupied", timestamp: "2026-01-01T00:00:00Z" });
    assert.deepEqual([record.boots, record.registration, record.boot], [1, "Accepted", BOOT]);
    const idToken = { idToken: "04A1", type: "ISO14443" };
    await fake.call("TransactionEvent", transactionEvent("Started", 0, 1000, { idToken, evse: { id: 1, connectorId: 1 } }));
    await fake.call("TransactionEvent", transactionEvent("Updated", 1, 1500, { transactionInfo: { chargingState: "Charging" } }));
    const [running] = record.running();
    assert.deepEqual([running?.evse, running?.idToken, running?.chargingState], [1, "04A1", "Charging"]);
    await fake.call("TransactionEvent", transactionEvent("Ended", 2, 4000, { transactionInfo: { stoppedReason: "Remote" } }));
    const { startWh, lastWh, ended, stoppedReason } = record.transactions.get("T1")!;
    assert.deepEqual([startWh, lastWh, ended, stoppedReason], [1000, 4000, true, "Remote"]);
    assert.deepEqual([bench.findings(), bench.reasons()], [[], []]);
  });

  const started = transactionEvent("Started", 0, 1000, { evse: { id: 1 } });
  const stories: [name: string, events: object[], finding: RegExp | null][] = [
    ["an event that is sent again", [started, started, { ...started, offline: true }], null],
    ["a gap in seqNo", [started, transactionEvent("Updated", 2, 1000)], /event 2: seqNo 1 was expected/],
    ["a seqNo used twice", [started, transactionEvent("Updated", 0, 1000)], /two different events with seqNo 0/],
    ["a begin that is not Started", [transactionEvent("Updated", 0, 1000)], /Updated without Started before/],
    ["a second Started", [started, transactionEvent("Started", 1, 1000)], /Started after other events/],
    [
      "an event after Ended",
      [started, transactionEvent("Ended", 1, 1000), transactionEvent("Updated", 2, 1000)],
      /Updated after Ended/,
    ],
    [
      "a time that runs back",
      [started, transactionEvent("Updated", 1, 1000, { timestamp: "2025-12-31T00:00:00Z" })],
      /is before/,
    ],
    ["a time before 2020", [{ ...started, timestamp: "1970-01-01T00:00:07Z" }], /before 2020: 1970/],
    ["a register that falls", [started, transactionEvent("Updated", 1, 999)], /the register falls from 1000 to 999 Wh/],
    [
      "two transactions at one EVSE",
      [started, { ...started, transactionInfo: { transactionId: "T2" } }],
      /T2: EVSE 1 still has transaction T1/,
    ],
  ];
  for (const [name, events, finding] of stories) {
    it(`${finding ? "finds" : "accepts"} ${name}`, async () => {
      await bench.start();
      const fake = await bench.station();
      for (const event of events) await fake.call("TransactionEvent", event);
      assert.deepEqual(bench.reasons(), []);
      if (finding) assert.match(bench.findings().join("\n"), finding);
      else assert.deepEqual(bench.findings(), []);
    });
  }
});
