import assert from "node:assert/strict";
import { startCsms, type Csms, type Protocol } from "../../tools/csms/csms.ts";
import { Prompt } from "../../tools/csms/prompt.ts";
import { BOOT, FakeStation, transactionEvent } from "./fake-station.ts";

describe("the CSMS's prompt", () => {
  let csms: Csms;
  let prompt: Prompt;
  let station: FakeStation;

  async function open(protocol: Protocol = "ocpp2.0.1"): Promise<void> {
    csms = await startCsms({ protocols: [protocol] });
    prompt = new Prompt(csms);
    station = await FakeStation.connect(csms.url, "CS001", { protocols: [protocol] });
    await csms.waitFor(() => csms.stations.get("CS001")?.online);
  }

  afterEach(async () => {
    station.end();
    await csms.close();
  });

  /** The request that a line causes; the station refuses them all. */
  async function request(line: string): Promise<unknown[]> {
    const before = station.received.length;
    await prompt.run(line);
    const text = station.received[before];
    assert.ok(text, `"${line}" sends nothing`);
    return (JSON.parse(text) as unknown[]).slice(2);
  }

  const item = (component: object, variable: object, more: object = {}): object => ({ component, variable, ...more });

  it("sends requests of 2.0.1", async () => {
    await open();
    assert.deepEqual(await request("start"), [
      "RequestStartTransaction",
      { remoteStartId: 1, idToken: { idToken: "CSMS0001", type: "Central" } },
    ]);
    assert.deepEqual(await request("start 2 04A1B2C3"), [
      "RequestStartTransaction",
      { remoteStartId: 2, idToken: { idToken: "04A1B2C3", type: "ISO14443" }, evseId: 2 },
    ]);
    assert.deepEqual(await request("stop T7"), ["RequestStopTransaction", { transactionId: "T7" }]);
    assert.deepEqual(await request("reset"), ["Reset", { type: "OnIdle" }]);
    assert.deepEqual(await request("get EVSE#1.Power"), [
      "GetVariables",
      { getVariableData: [item({ name: "EVSE", evse: { id: 1 } }, { name: "Power" })] },
    ]);
    assert.deepEqual(await request("set OCPPCommCtrlr.MessageAttempts[TransactionEvent]=3"), [
      "SetVariables",
      {
        setVariableData: [
          item({ name: "OCPPCommCtrlr" }, { name: "MessageAttempts", instance: "TransactionEvent" }, { attributeValue: "3" }),
        ],
      },
    ]);
    assert.deepEqual(await request("set TxCtrlr.TxStartPoint = A, B"), [
      "SetVariables",
      { setVariableData: [item({ name: "TxCtrlr" }, { name: "TxStartPoint" }, { attributeValue: "A, B" })] },
    ]);
    assert.deepEqual(await request("trigger StatusNotification 1/1"), [
      "TriggerMessage",
      { requestedMessage: "StatusNotification", evse: { id: 1, connectorId: 1 } },
    ]);
    assert.deepEqual(await request('call ClearCache {"customData": {"vendorId": "v"}}'), [
      "ClearCache",
      { customData: { vendorId: "v" } },
    ]);
    assert.deepEqual(csms.violations, []);
  });

  it("sends the same commands to a station of 1.6", async () => {
    await open("ocpp1.6");
    assert.deepEqual(await request("start 1 04A1"), ["RemoteStartTransaction", { idTag: "04A1", connectorId: 1 }]);
    assert.deepEqual(await request("stop 5"), ["RemoteStopTransaction", { transactionId: 5 }]);
    assert.deepEqual(await request("reset Immediate"), ["Reset", { type: "Hard" }]);
    assert.deepEqual(await request("get HeartbeatInterval"), ["GetConfiguration", { key: ["HeartbeatInterval"] }]);
    assert.deepEqual(await request("set HeartbeatInterval=60"), [
      "ChangeConfiguration",
      { key: "HeartbeatInterval", value: "60" },
    ]);
    assert.deepEqual(await request("trigger MeterValues 1"), [
      "TriggerMessage",
      { requestedMessage: "MeterValues", connectorId: 1 },
    ]);
    assert.deepEqual(csms.violations, []);
  });

  it("lists stations and transactions and stops the running one", async () => {
    await open();
    assert.equal(await prompt.run("tx"), "no transaction yet");
    await station.call("BootNotification", BOOT);
    await station.call("TransactionEvent", transactionEvent("Started", 0, 1000, { evse: { id: 1 } }));
    await station.call(
      "TransactionEvent",
      transactionEvent("Updated", 1, 2500, { transactionInfo: { chargingState: "Charging" } }),
    );
    assert.equal(await prompt.run("stations"), "CS001 · online, ocpp2.0.1 · Accepted · Test Fake");
    assert.equal(await prompt.run("tx"), "CS001 · T1 · EVSE 1 · 1.500 kWh · Charging");
    assert.deepEqual(await request("stop"), ["RequestStopTransaction", { transactionId: "T1" }]);
  });

  it("asks which station is meant", async () => {
    await open();
    const second = await FakeStation.connect(csms.url, "CS002");
    await csms.waitFor(() => csms.stations.get("CS002")?.online);
    assert.match(await prompt.run("reset"), /several stations are connected, choose one with use/);
    assert.match(await prompt.run("use CS003"), /no station "CS003" is connected; usage: use <identity>/);
    await prompt.run("use CS001");
    assert.deepEqual(await request("reset"), ["Reset", { type: "OnIdle" }]);
    second.end();
    station.end();
    await csms.waitFor(() => ![...csms.stations.values()].some(({ online }) => online));
    assert.match(await prompt.run("reset"), /^reset: Offline: no station is connected$/);
  });

  const wrong: [line: string, answer: RegExp][] = [
    ["frobnicate", /^unknown command "frobnicate"; help lists the commands$/],
    ["toString", /^unknown command "toString"/],
    ["stop", /^no transaction is running; usage: stop \[transaction\]$/],
    ["reset Now", /^"Now" is no kind of reset; usage: reset \[OnIdle\|Immediate\]$/],
    ["get", /^a variable is missing; usage: get /],
    ["get Power", /^"Power" is not Component.Variable/],
    ["get EVSE#1\/2\/3.Power", /is not Component.Variable/],
    ["set A.B", /^a variable, = and a value are needed/],
    ["trigger", /^the name of a message is missing/],
    ["trigger Heartbeat x", /^"x" is no EVSE/],
    ["call", /^the name of an action is missing/],
    ["call Reset {type}", /^\{type\} is not JSON/],
    ["call Reset 7", /^7 is no JSON object/],
    ["call Reset {}", /^call: OccurrenceConstraintViolation: Reset.req must have required property 'type'$/],
    ["call Nonsense", /^call: NotImplemented: /],
    ["clock", /^the seconds are missing/],
    ["clock soon", /^"soon" is no number of seconds/],
    ["start 1 A B", /^too many words/],
    ["", /^$/],
  ];
  for (const [line, answer] of wrong) {
    it(`answers "${line}" in one line`, async () => {
      await open();
      const said = await prompt.run(line);
      assert.match(said, answer);
      assert.ok(!said.includes("\n"));
    });
  }

  it("helps, moves the clock and ends", async () => {
    await open();
    assert.match(await prompt.run("help"), /^stations .*\n(.*\n)*start \[evse\] \[idToken\] /);
    const before = csms.now();
    await prompt.run("clock +3600");
    assert.ok(csms.now() - before >= 3_600_000);
    await prompt.run("quit");
    assert.ok(prompt.ended);
  });
});
