import assert from "node:assert/strict";
import { FrameWords } from "../../tools/csms/words.ts";
import type { Party } from "../../tools/csms/wire-check.ts";
import { BOOT, transactionEvent } from "./fake-station.ts";

const NOON = Date.UTC(2026, 0, 1, 12, 0, 5);

describe("frames in words", () => {
  let words: FrameWords;
  beforeEach(() => (words = new FrameWords()));

  const line = (from: Party, frame: unknown, t = NOON): string => words.line({ t, from, text: JSON.stringify(frame) });
  /** Request and answer of the station (or the CSMS), without time. */
  const both = (asker: Party, action: string, request: object, answer: object): string[] => [
    line(asker, [2, "id", action, request]).slice(9),
    line(asker === "station" ? "csms" : "station", [3, "id", answer]).slice(9),
  ];

  it("tell time, direction, action and essentials", () => {
    assert.equal(line("station", [2, "1", "BootNotification", BOOT]), "12:00:05 -> BootNotification PowerUp, Test Fake");
    const answer = { status: "Accepted", interval: 300, currentTime: "2026-01-01T12:00:05Z" };
    assert.equal(line("csms", [3, "1", answer]), "12:00:05 <- BootNotification: Accepted, interval 300 s, 2026-01-01T12:00:05Z");
    assert.equal(line("station", [2, "2", "Heartbeat", {}], 12_345), "12.3 s -> Heartbeat");
  });

  it("count a transaction's energy from its begin", () => {
    const idToken = { idToken: "04A1B2C3", type: "ISO14443" };
    const info = { transactionInfo: { chargingState: "EVConnected" } };
    const event = (payload: object): string => line("station", [2, "1", "TransactionEvent", payload]).slice(9);
    assert.equal(
      event(transactionEvent("Started", 0, 12_000, { idToken, evse: { id: 1, connectorId: 1 }, ...info })),
      "-> TransactionEvent Started #0 Authorized, EVConnected, 0.000 kWh, card 04A1B2C3, EVSE 1/1, transaction T1",
    );
    assert.equal(line("csms", [3, "1", { idTokenInfo: { status: "Accepted" } }]).slice(9), "<- TransactionEvent: Accepted");
    const meterValue = [
      {
        timestamp: "2026-01-01T12:00:00Z",
        sampledValue: [
          { value: 12.5, unitOfMeasure: { unit: "kWh" } },
          { value: 3.68, measurand: "Power.Active.Import", unitOfMeasure: { unit: "kW" } },
          { value: 16, measurand: "Current.Import", phase: "L1" },
          { value: 15.5, measurand: "Current.Import", phase: "L2" },
        ],
      },
    ];
    assert.equal(
      event(transactionEvent("Updated", 1, 0, { meterValue, offline: true })),
      "-> TransactionEvent Updated #1 MeterValuePeriodic, 0.500 kWh, 3.68 kW, 16.0/15.5 A, offline",
    );
    assert.equal(line("csms", [3, "1", {}]).slice(9), "<- TransactionEvent: ok");
    assert.equal(
      event(transactionEvent("Ended", 2, 13_000, { transactionInfo: { stoppedReason: "Local" } })),
      "-> TransactionEvent Ended #2 StopAuthorized, 1.000 kWh, stopped by Local",
    );
    assert.match(event(transactionEvent("Updated", 3, 13_000)), /register 13.000 kWh/);
  });

  const cases: [asker: Party, action: string, request: object, answer: object, said: string, answered: string][] = [
    [
      "station",
      "Authorize",
      { idToken: { idToken: "A1", type: "ISO14443" } },
      { idTokenInfo: { status: "Blocked" } },
      "card A1",
      "Blocked",
    ],
    [
      "station",
      "StatusNotification",
      { timestamp: "2026-01-01T12:00:00Z", connectorStatus: "Occupied", evseId: 1, connectorId: 1 },
      {},
      "EVSE 1/1 Occupied",
      "ok",
    ],
    [
      "station",
      "NotifyReport",
      { requestId: 1, seqNo: 0, tbc: true, reportData: [{ component: { name: "C" }, variable: { name: "V" } }] },
      {},
      "#0 C.V, to be continued",
      "ok",
    ],
    ["station", "SecurityEventNotification", { type: "StartupOfTheDevice", timestamp: "t" }, {}, "StartupOfTheDevice", "ok"],
    [
      "csms",
      "RequestStartTransaction",
      { remoteStartId: 7, evseId: 1, idToken: { idToken: "R1", type: "Central" } },
      { status: "Accepted", transactionId: "T9" },
      "token R1, EVSE 1, remote start 7",
      "Accepted, transaction T9",
    ],
    ["csms", "RequestStopTransaction", { transactionId: "T9" }, { status: "Rejected" }, "transaction T9", "Rejected"],
    ["csms", "Reset", { type: "OnIdle" }, { status: "Scheduled" }, "OnIdle", "Scheduled"],
    [
      "csms",
      "GetVariables",
      { getVariableData: [{ component: { name: "EVSE", evse: { id: 1 } }, variable: { name: "Power" } }] },
      {
        getVariableResult: [
          {
            component: { name: "EVSE", evse: { id: 1 } },
            variable: { name: "Power" },
            attributeStatus: "Accepted",
            attributeValue: "9",
          },
        ],
      },
      "EVSE#1.Power",
      "EVSE#1.Power = 9",
    ],
    [
      "csms",
      "SetVariables",
      { setVariableData: [{ component: { name: "C" }, variable: { name: "V", instance: "I" }, attributeValue: "1" }] },
      { setVariableResult: [{ component: { name: "C" }, variable: { name: "V", instance: "I" }, attributeStatus: "Rejected" }] },
      "C.V[I] = 1",
      "C.V[I] Rejected",
    ],
    ["csms", "TriggerMessage", { requestedMessage: "Heartbeat" }, { status: "Accepted" }, "Heartbeat", "Accepted"],
    ["csms", "GetTransactionStatus", {}, { messagesInQueue: true }, "", "messages in the queue"],
    [
      "csms",
      "ChangeAvailability",
      { operationalStatus: "Inoperative" },
      { status: "Accepted" },
      "Inoperative, station",
      "Accepted",
    ],
    [
      "csms",
      "GetLog",
      { requestId: 3, log: { remoteLocation: "ftp://x" } },
      { status: "Accepted" },
      "requestId 3, log (remoteLocation ftp://x)",
      "status Accepted",
    ],
    ["csms", "constructor", { a: [1, { b: 2 }] }, {}, "a [1; (b 2)]", "ok"],
  ];
  for (const [asker, action, request, answer, said, answered] of cases) {
    it(`tell ${action}`, () => {
      const [there, back] = asker === "station" ? ["->", "<-"] : ["<-", "->"];
      assert.deepEqual(both(asker, action, request, answer), [
        `${there} ${action} ${said}`.trimEnd(),
        `${back} ${action}: ${answered}`,
      ]);
    });
  }

  it("keep crossing requests apart, although their ids are equal", () => {
    line("station", [2, "1", "Heartbeat", {}]);
    line("csms", [2, "1", "ClearCache", {}]);
    assert.match(line("csms", [3, "1", { currentTime: "now" }]), /<- Heartbeat: now$/);
    assert.match(line("station", [3, "1", { status: "Accepted" }]), /-> ClearCache: Accepted$/);
  });

  it("tell errors and what is no frame", () => {
    line("csms", [2, "1", "ClearCache", {}]);
    assert.match(line("station", [4, "1", "NotSupported", "not here", {}]), /-> ClearCache: ERROR NotSupported "not here"$/);
    assert.match(line("station", [3, "77", {}]), /answer to unknown 77: ok$/);
    assert.match(line("station", { a: 1 }), /no OCPP frame: \{"a":1\}$/);
    assert.match(words.line({ t: NOON, from: "csms", text: "\u001b[31mred\n" }), /not JSON:  \[31mred $/);
  });

  it("stay one short line for anything", () => {
    const deep = `[2,"1","DataTransfer",{"vendorId":${"[".repeat(20_000)}${"]".repeat(20_000)}}]`;
    for (const text of [
      deep,
      '[2,"1","GetVariables",{"getVariableData":"x"}]',
      '[2,"1","TransactionEvent",{}]',
      "[2]",
      "[3]",
      "[4]",
      "",
    ]) {
      const told = words.line({ t: NOON, from: "station", text });
      assert.ok(told.length <= 220 && !told.includes("\n"), told);
    }
  });
});
