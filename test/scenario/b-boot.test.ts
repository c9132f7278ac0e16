/** OCPP 2.0.1 Part 2, B01–B04, G02: registration, heartbeat, status after a boot and after a time offline. */
import assert from "node:assert/strict";
import { NO_ANSWER, rpcError, type Payload } from "../../tools/csms/csms.ts";
import { BOARD, scenario, type Bench } from "./harness.ts";
import {
  CARD,
  call,
  calls,
  gaps,
  get,
  mark,
  offlineFor,
  pace,
  paceUntil,
  powerCycle,
  QUICK_RETRY,
  refusal,
  registered,
  setTo,
  told,
  written,
} from "./steps.ts";

/** The CSMS answers the n-th BootNotification with the n-th of these, the last one for ever. */
function bootAnswers(bench: Bench, ...answers: Payload[]): void {
  let n = 0;
  bench.csms.on("BootNotification", (_request, context) => ({
    ...context.defaultAnswer(),
    ...answers[Math.min(n++, answers.length - 1)],
  }));
}

/** The station starts without power, so that the scenario can say first how it will be answered. */
const OFF = { station: { startOnPower: false } };

async function powerOn(bench: Bench): Promise<void> {
  await bench.post("/power", { on: true });
  await paceUntil(bench, "BootNotification", () => calls(bench).length > 0, 20);
  await bench.quiet();
}

const REMOTE_START = { remoteStartId: 1, idToken: { idToken: "R1", type: "Central" } };

describe("B01: a boot that is accepted", () => {
  scenario(
    "B-01, B-02: BootNotification comes first, then the status of each connector",
    { station: { evses: 2 } },
    async (bench) => {
      await registered(bench);
      assert.deepEqual(told(bench), [
        "BootNotification PowerUp",
        "StatusNotification 1 Available",
        "StatusNotification 2 Available",
      ]);
      const { chargingStation } = calls(bench)[0].payload as { chargingStation: Record<string, string> };
      const longest: Record<string, number> = { model: 20, vendorName: 50, serialNumber: 25, firmwareVersion: 50 };
      assert.deepEqual(Object.keys(chargingStation).sort(), Object.keys(longest).sort());
      for (const [name, limit] of Object.entries(longest)) {
        assert.ok(chargingStation[name].length > 0 && chargingStation[name].length <= limit, name);
      }
    },
  );

  scenario("B-02: the status is the true one: cable in, fault", { station: { ...OFF.station, evses: 2 } }, async (bench) => {
    await bench.post("/evse/1/plug");
    await bench.post("/evse/2/fault", { code: "GroundFailure" });
    await bench.post("/power", { on: true });
    await registered(bench);
    // The contact of a residual current monitor that has just got its supply counts after three seconds: src/drivers/rcd.ts.
    if (BOARD !== "sim") await pace(bench, 4);
    const lines = told(bench).filter((line) => BOARD === "sim" || line !== "StatusNotification 2 Available");
    assert.deepEqual(lines, ["BootNotification PowerUp", "StatusNotification 1 Occupied", "StatusNotification 2 Faulted"]);
  });

  scenario("B-02, B-10: interval is the heartbeat interval, and visible", OFF, async (bench) => {
    bootAnswers(bench, { interval: 20 });
    await powerOn(bench);
    assert.deepEqual(await get(bench, "OCPPCommCtrlr.HeartbeatInterval"), ["Accepted 20"]);
    await pace(bench, 65);
    await bench.quiet();
    assert.deepEqual(gaps([calls(bench)[0], ...calls(bench, 0, "Heartbeat")]), [20, 20, 20]);
  });

  scenario("B-02: interval 0 leaves the own heartbeat interval", OFF, async (bench) => {
    bootAnswers(bench, { interval: 0 });
    await powerOn(bench);
    assert.deepEqual(await get(bench, "OCPPCommCtrlr.HeartbeatInterval"), ["Accepted 300"]);
  });

  scenario("B-03: currentTime sets the clock", OFF, async (bench) => {
    bootAnswers(bench, { currentTime: "2031-02-28T23:59:58.500+00:30" });
    await powerOn(bench);
    await pace(bench, 2);
    assert.match(calls(bench, 0, "StatusNotification")[0].payload.timestamp as string, /^2031-02-28T23:29:5\d/);
    const [time] = await get(bench, "ClockCtrlr.DateTime");
    assert.match(time, /^Accepted 2031-02-28T23:(29:59|30:0\d)/);
  });

  scenario("B-10: the answer to a Heartbeat sets the clock", {}, async (bench) => {
    await registered(bench);
    bench.csms.on("Heartbeat", () => ({ currentTime: "2033-03-03T03:03:03Z" }));
    assert.deepEqual(await call(bench, "TriggerMessage", { requestedMessage: "Heartbeat" }), { status: "Accepted" });
    await bench.quiet();
    assert.match((await bench.station.state()).time!, /^2033-03-03T03:03:0/);
  });

  scenario(
    "B-03: a currentTime that is none is not believed; no 1970 in any frame",
    { ...OFF, allowViolations: true },
    async (bench) => {
      let boots = 0;
      bench.csms.on("BootNotification", (_request, context) => {
        if (boots++) return context.defaultAnswer();
        context.raw(`[3,"${context.messageId}",{"currentTime":"yesterday","interval":60,"status":"Accepted"}]`);
        return NO_ANSWER;
      });
      await bench.post("/evse/1/plug");
      await bench.post("/evse/1/ev", { draw: true });
      await powerOn(bench);
      await bench.post("/tap", CARD);
      await bench.quiet();
      await pace(bench, 130);
      await bench.quiet();
      assert.doesNotMatch(written(bench), /"(19|20[01])\d\d-/);
      assert.match((await bench.station.state()).time ?? "unknown", /^20[2-9]\d/);
    },
  );
});

describe("B02: Pending", () => {
  scenario("B-05, B-09: silence but for the next BootNotification and what the CSMS asks for", OFF, async (bench) => {
    bootAnswers(bench, { status: "Pending", interval: 40 });
    await powerOn(bench);
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await pace(bench, 38);
    assert.deepEqual(told(bench), ["BootNotification PowerUp"]);
    assert.equal((await bench.station.state()).evses[0].contactor, false, "no energy");
    assert.equal((await bench.station.state()).registration, "Pending");
    assert.deepEqual(await get(bench, "TxCtrlr.EVConnectionTimeOut"), ["Accepted 60"]);
    await setTo(bench, "TxCtrlr.EVConnectionTimeOut", "61");
    assert.deepEqual(await call(bench, "RequestStartTransaction", REMOTE_START), { status: "Rejected" });
    assert.deepEqual(await call(bench, "RequestStopTransaction", { transactionId: "x" }), { status: "Rejected" });
    await pace(bench, 3);
    await bench.quiet();
    assert.deepEqual(told(bench), ["BootNotification PowerUp", "BootNotification PowerUp"]);
    const [gap] = gaps(calls(bench));
    assert.ok(gap === 40 || gap === 41, `${gap} s: never before the interval, at most a tick behind it`);
  });

  scenario("B-05: triggered messages are sent while Pending", OFF, async (bench) => {
    bootAnswers(bench, { status: "Pending", interval: 300 });
    await powerOn(bench);
    for (const requestedMessage of ["Heartbeat", "StatusNotification", "BootNotification"]) {
      const since = mark(bench);
      const evse = requestedMessage === "StatusNotification" ? { evse: { id: 1, connectorId: 1 } } : {};
      assert.deepEqual(await call(bench, "TriggerMessage", { requestedMessage, ...evse }), { status: "Accepted" });
      await bench.quiet();
      assert.deepEqual(
        told(bench, since).map((line) => line.split(" ")[0]),
        [requestedMessage],
      );
    }
    assert.deepEqual(told(bench).at(-1), "BootNotification Triggered");
  });

  scenario("B-05: Pending, then a triggered BootNotification is Accepted; the station works", OFF, async (bench) => {
    bootAnswers(bench, { status: "Pending", interval: 300 }, { status: "Accepted" });
    await powerOn(bench);
    await bench.post("/evse/1/plug");
    await call(bench, "TriggerMessage", { requestedMessage: "BootNotification" });
    await bench.settled();
    assert.deepEqual(told(bench), ["BootNotification PowerUp", "BootNotification Triggered", "StatusNotification 1 Occupied"]);
  });

  scenario(
    "B-02, B-05: what was told while Pending is told again when accepted: each connector; a long interval is a day",
    { station: { ...OFF.station, evses: 2 } },
    async (bench) => {
      bootAnswers(bench, { status: "Pending", interval: 300 }, { status: "Accepted", interval: 604800 });
      await powerOn(bench);
      await call(bench, "TriggerMessage", { requestedMessage: "StatusNotification", evse: { id: 2, connectorId: 1 } });
      await bench.quiet();
      await call(bench, "TriggerMessage", { requestedMessage: "BootNotification" });
      await bench.settled();
      assert.deepEqual(told(bench), [
        "BootNotification PowerUp",
        "StatusNotification 2 Available",
        "BootNotification Triggered",
        "StatusNotification 1 Available",
        "StatusNotification 2 Available",
      ]);
      assert.deepEqual(await get(bench, "OCPPCommCtrlr.HeartbeatInterval"), ["Accepted 86400"]);
    },
  );

  scenario("B-06: Pending with interval 0 does not flood", OFF, async (bench) => {
    bootAnswers(bench, { status: "Pending", interval: 0 });
    await powerOn(bench);
    await pace(bench, 29);
    assert.equal(calls(bench).length, 1);
    await paceUntil(bench, "the next BootNotification", () => calls(bench).length === 2, 300);
  });
});

describe("B03: Rejected", () => {
  scenario("B-06, B-07: silence for the interval; every CALL gets SecurityError; then again", OFF, async (bench) => {
    bootAnswers(bench, { status: "Rejected", interval: 50 }, { status: "Accepted" });
    await powerOn(bench);
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    const requests: [string, Payload][] = [
      ["GetVariables", { getVariableData: [{ component: { name: "OCPPCommCtrlr" }, variable: { name: "OfflineThreshold" } }] }],
      ["TriggerMessage", { requestedMessage: "BootNotification" }],
      ["Reset", { type: "Immediate" }],
      ["RequestStartTransaction", REMOTE_START],
      ["GetBaseReport", { requestId: 1, reportBase: "FullInventory" }],
      ["DataTransfer", { vendorId: "x" }],
    ];
    for (const [action, payload] of requests) assert.equal(await refusal(bench, action, payload), "SecurityError", action);
    await pace(bench, 48);
    assert.deepEqual(told(bench), ["BootNotification PowerUp"]);
    await pace(bench, 4);
    await bench.settled();
    assert.deepEqual(told(bench), ["BootNotification PowerUp", "BootNotification PowerUp", "StatusNotification 1 Occupied"]);
    assert.deepEqual(gaps(calls(bench, 0, "BootNotification")), [50]);
  });

  scenario("B-06: Rejected with interval 0 does not flood", OFF, async (bench) => {
    bootAnswers(bench, { status: "Rejected", interval: 0 });
    await powerOn(bench);
    await pace(bench, 29);
    assert.equal(calls(bench).length, 1);
    await paceUntil(bench, "the next BootNotification", () => calls(bench).length === 2, 300);
  });

  scenario(
    "B-06: a new connection does not shorten the silence",
    { station: { ...OFF.station, set: QUICK_RETRY } },
    async (bench) => {
      bootAnswers(bench, { status: "Rejected", interval: 60 });
      await powerOn(bench);
      await offlineFor(bench, 5);
      await pace(bench, 40);
      assert.equal(calls(bench).length, 1);
      await pace(bench, 20);
      assert.equal(calls(bench).length, 2);
    },
  );
});

describe("B-08: no verdict on the boot", () => {
  for (const [what, fail] of [
    ["no answer", () => NO_ANSWER],
    [
      "a CALLERROR",
      () => {
        throw rpcError("InternalError");
      },
    ],
  ] as const) {
    scenario(`B-08: ${what}: BootNotification again, nothing else before`, OFF, async (bench) => {
      let boots = 0;
      bench.csms.on("BootNotification", (_request, context) =>
        boots++ ? context.defaultAnswer() : (fail() as typeof NO_ANSWER),
      );
      await powerOn(bench);
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await paceUntil(bench, "a second BootNotification", () => calls(bench).length > 1, 400);
      await bench.settled();
      assert.deepEqual(told(bench), ["BootNotification PowerUp", "BootNotification PowerUp", "StatusNotification 1 Occupied"]);
      assert.ok(gaps(calls(bench, 0, "BootNotification"))[0] >= 30, "not at once");
    });
  }

  scenario(
    "B-08: connection lost before the answer: BootNotification on the next one",
    { station: { ...OFF.station, set: QUICK_RETRY } },
    async (bench) => {
      let boots = 0;
      bench.csms.on("BootNotification", (_request, context) => (boots++ ? context.defaultAnswer() : NO_ANSWER));
      await powerOn(bench);
      await bench.post("/network", { drop: true });
      await paceUntil(bench, "Accepted", async () => (await bench.station.state()).registration === "Accepted", 120);
      await bench.settled();
      assert.deepEqual(told(bench), ["BootNotification PowerUp", "BootNotification PowerUp", "StatusNotification 1 Available"]);
    },
  );

  scenario(
    "B-08, RPC-14: once accepted it stays accepted over a lost connection",
    { station: { set: QUICK_RETRY } },
    async (bench) => {
      await registered(bench);
      const since = mark(bench);
      await offlineFor(bench, 5);
      await bench.settled();
      assert.equal((await bench.station.state()).registration, "Accepted");
      assert.deepEqual(told(bench, since), []);
    },
  );

  scenario(
    "B-08, B-09, C-11: accepted once, it charges after a power failure without a CSMS",
    { station: { set: { ...QUICK_RETRY, "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true" } } },
    async (bench) => {
      await registered(bench);
      await bench.post("/network", { up: false });
      await powerCycle(bench);
      await pace(bench, 3);
      await bench.post("/evse/1/ev", { draw: true });
      await bench.post("/evse/1/plug");
      await bench.post("/tap", CARD);
      await pace(bench, 5);
      assert.equal((await bench.station.state()).evses[0].contactor, true);
      const since = mark(bench);
      await bench.post("/network", { up: true });
      await bench.settled();
      assert.deepEqual(told(bench, since), [
        "BootNotification PowerUp",
        "StatusNotification 1 Occupied",
        "Started 0 Authorized EVConnected offline evse=1 token=04A1B2C3 Transaction.Begin",
        "Updated 1 ChargingStateChanged Charging offline",
      ]);
    },
  );

  scenario("B-01: each power-up boots anew", {}, async (bench) => {
    await registered(bench);
    await powerCycle(bench);
    assert.equal((await bench.station.state()).registration, null, "not accepted before the answer");
    await registered(bench);
    assert.deepEqual(told(bench), [
      "BootNotification PowerUp",
      "StatusNotification 1 Available",
      "BootNotification PowerUp",
      "StatusNotification 1 Available",
    ]);
  });
});
