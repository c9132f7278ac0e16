/** OCPP 2.0.1 Part 2, B05: each writable variable has its effect, at once or when its moment comes. Those of E, F and A are in their files. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import {
  call,
  calls,
  CARD,
  charging,
  gaps,
  get,
  ID,
  mark,
  offlineFor,
  pace,
  paceUntil,
  registered,
  set,
  setTo,
  told,
} from "./steps.ts";

const SAMPLED = "SampledDataCtrlr.";
const ENERGY = "Energy.Active.Import.Register";
const ALL = `Current.Import,${ENERGY},Power.Active.Import`;

/** Measurands of the last event of `eventType`, in their order; null without meter values. */
function measurands(bench: Bench, eventType: string): string[] | null {
  const event = calls(bench, 0, "TransactionEvent")
    .map(({ payload }) => payload)
    .filter(
      (payload) => payload.eventType === eventType && (eventType !== "Updated" || payload.triggerReason === "MeterValuePeriodic"),
    )
    .at(-1);
  const values = event?.meterValue as { sampledValue: Payload[] }[] | undefined;
  return values ? values.flatMap(({ sampledValue }) => sampledValue.map(({ measurand }) => String(measurand))) : null;
}

describe("B05: effects of the settings", () => {
  scenario("HeartbeatInterval: at once (B-10)", {}, async (bench) => {
    await registered(bench);
    await pace(bench, 10);
    const since = mark(bench);
    await setTo(bench, "OCPPCommCtrlr.HeartbeatInterval", "15");
    await pace(bench, 46);
    await bench.quiet();
    assert.deepEqual(gaps(calls(bench, since, "Heartbeat")), [15, 15]);
    await setTo(bench, "OCPPCommCtrlr.HeartbeatInterval", "7");
    const later = mark(bench);
    await pace(bench, 15);
    await bench.quiet();
    assert.equal(calls(bench, later, "Heartbeat").length, 2);
  });

  scenario(
    "WebSocketPingInterval: pings at that interval, none with 0 (RPC-11)",
    { station: { set: { "OCPPCommCtrlr.WebSocketPingInterval": "0" } } },
    async (bench) => {
      await registered(bench);
      const pings = (): number => bench.csms.stations.get(ID)!.pings;
      await pace(bench, 70);
      assert.equal(pings(), 0);
      await setTo(bench, "OCPPCommCtrlr.WebSocketPingInterval", "10");
      await pace(bench, 35);
      await bench.until("three pings", () => pings() === 3);
      await setTo(bench, "OCPPCommCtrlr.WebSocketPingInterval", "0");
      const before = pings();
      await pace(bench, 30);
      await bench.quiet();
      assert.equal(pings(), before);
      assert.equal(bench.csms.stations.get(ID)!.connects, 1);
    },
  );

  scenario("TxUpdatedInterval: takes effect in the running transaction; 0: none (J-06)", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    await setTo(bench, SAMPLED + "TxUpdatedInterval", "10");
    const since = mark(bench);
    await pace(bench, 31);
    await bench.settled();
    assert.deepEqual(gaps(calls(bench, since, "TransactionEvent")), [10, 10]);
    await setTo(bench, SAMPLED + "TxUpdatedInterval", "0");
    const later = mark(bench);
    await pace(bench, 70);
    await bench.settled();
    assert.deepEqual(told(bench, later), []);
    await setTo(bench, SAMPLED + "TxUpdatedInterval", "20");
    await pace(bench, 21);
    await bench.settled();
    assert.equal(calls(bench, later, "TransactionEvent").length, 1);
  });

  for (const list of [ENERGY, "Power.Active.Import,Current.Import", ALL, ""]) {
    scenario(`measurand lists: "${list}" (J-05, J-06, J-07)`, {}, async (bench) => {
      await registered(bench);
      const names = ["TxStartedMeasurands", "TxUpdatedMeasurands", "TxEndedMeasurands"].map((name) => SAMPLED + name);
      assert.deepEqual(await set(bench, Object.fromEntries(names.map((name) => [name, list]))), [
        "Accepted",
        "Accepted",
        "Accepted",
      ]);
      await charging(bench);
      await pace(bench, 61);
      await bench.post("/tap", CARD);
      await bench.settled();
      const expected = list === "" ? null : list.split(",").sort();
      for (const type of ["Started", "Updated", "Ended"]) {
        const got = measurands(bench, type);
        assert.deepEqual(got && [...new Set(got)].sort(), expected, type);
      }
    });
  }

  scenario("J-06: an empty TxUpdatedMeasurands: no periodic event", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, SAMPLED + "TxUpdatedMeasurands", "");
    await charging(bench);
    const since = mark(bench);
    await pace(bench, 130);
    await bench.settled();
    assert.deepEqual(told(bench, since), []);
  });

  scenario("EVConnectionTimeOut (C-13)", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, "TxCtrlr.EVConnectionTimeOut", "5");
    await bench.post("/tap", CARD);
    await bench.settled();
    await pace(bench, 7);
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await bench.settled();
    assert.equal((await bench.station.state()).evses[0].contactor, false);
  });

  scenario("AuthorizeRemoteStart (C-10)", {}, async (bench) => {
    await registered(bench);
    await bench.post("/evse/1/plug");
    await bench.settled();
    await setTo(bench, "AuthCtrlr.AuthorizeRemoteStart", "true");
    await call(bench, "RequestStartTransaction", { remoteStartId: 1, idToken: { idToken: "A1", type: "ISO14443" } });
    await bench.settled();
    assert.equal(calls(bench, 0, "Authorize").length, 1);
  });

  scenario("OfflineTxForUnknownIdEnabled (C-11)", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, "AuthCtrlr.OfflineTxForUnknownIdEnabled", "true");
    await bench.post("/evse/1/ev", { draw: true });
    await bench.post("/evse/1/plug");
    await bench.settled();
    await bench.post("/network", { up: false });
    await bench.post("/tap", CARD);
    await bench.advance(1);
    assert.equal((await bench.station.state()).evses[0].contactor, true);
  });

  scenario("StopTxOnInvalidId (E-30, E-32)", {}, async (bench) => {
    await registered(bench);
    bench.csms.on("TransactionEvent", (request) =>
      request.idToken && request.eventType !== "Ended" ? { idTokenInfo: { status: "Expired" } } : {},
    );
    for (const [value, line] of [
      ["false", /^Updated \d ChargingStateChanged SuspendedEVSE$/],
      ["true", /Ended \d Deauthorized EVConnected DeAuthorized Transaction\.Begin Transaction\.End$/],
    ] as const) {
      await setTo(bench, "TxCtrlr.StopTxOnInvalidId", value);
      await bench.post("/evse/1/ev", { draw: true });
      await bench.post("/evse/1/plug");
      await bench.settled();
      await bench.post("/tap", CARD);
      await bench.settled();
      assert.match(told(bench).at(-1)!, line);
      await bench.post("/tap", CARD);
      await bench.settled();
      await bench.post("/evse/1/unplug");
      await bench.settled();
    }
  });

  scenario("UnlockOnEVSideDisconnect (E-22)", { station: { fixedCable: false } }, async (bench) => {
    await registered(bench);
    for (const value of ["true", "false"]) {
      await setTo(bench, "OCPPCommCtrlr.UnlockOnEVSideDisconnect", value);
      await charging(bench);
      await bench.post("/evse/1/unplug-ev");
      await bench.settled();
      assert.equal((await bench.station.state()).evses[0].locked, value === "false");
      if (value === "true") await bench.post("/evse/1/unplug");
      await bench.settled();
    }
  });

  scenario("OfflineThreshold (B-11)", {}, async (bench) => {
    await registered(bench);
    await set(bench, {
      "OCPPCommCtrlr.RetryBackOffWaitMinimum": "1",
      "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
      "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
    });
    for (const [threshold, lines] of [
      ["30", []],
      ["5", ["StatusNotification 1 Available"]],
    ] as const) {
      await setTo(bench, "OCPPCommCtrlr.OfflineThreshold", threshold);
      const since = mark(bench);
      await offlineFor(bench, 10);
      await bench.settled();
      assert.deepEqual(told(bench, since), lines);
    }
  });

  scenario("MessageAttempts, MessageAttemptInterval (E-43)", {}, async (bench) => {
    await registered(bench);
    await set(bench, {
      "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "4",
      "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": "2",
    });
    bench.csms.on("TransactionEvent", (request) => {
      if (request.eventType === "Started") throw new Error("not now");
      return {};
    });
    await bench.post("/evse/1/plug");
    await bench.post("/tap", CARD);
    await bench.quiet();
    await pace(bench, 14);
    await bench.settled();
    assert.deepEqual(
      gaps(calls(bench, 0, "TransactionEvent").filter(({ payload }) => payload.eventType === "Started")),
      [2, 4, 6],
    );
  });
});

describe("RPC-13: the back-off obeys its variables", () => {
  const attempts: number[] = [];
  let now: () => number = Date.now;
  const print = (line: string): void => {
    if (line.includes("no connection")) attempts.push(Math.round(now() / 1000));
  };

  scenario("RetryBackOffWaitMinimum, -RepeatTimes, -RandomRange set by the CSMS", { station: { print } }, async (bench) => {
    now = () => bench.station.now();
    attempts.length = 0;
    await registered(bench);
    await set(bench, {
      "OCPPCommCtrlr.RetryBackOffWaitMinimum": "3",
      "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
      "OCPPCommCtrlr.RetryBackOffRepeatTimes": "2",
    });
    assert.deepEqual(await get(bench, "OCPPCommCtrlr.RetryBackOffWaitMinimum"), ["Accepted 3"]);
    await bench.post("/network", { up: false });
    const lost = Math.round(now() / 1000);
    await pace(bench, 50);
    const waits = [lost, ...attempts].slice(1).map((t, i) => t - [lost, ...attempts][i]);
    // "Never earlier than the computed time"; a second more is the granularity of the clock.
    [3, 6, 12, 12].forEach((least, i) => assert.ok(waits[i] >= least && waits[i] <= least + 1, `waits ${waits.join(", ")} s`));
    await bench.post("/network", { up: true });
    await paceUntil(bench, "online", async () => (await bench.station.state()).online, 20);
    // A success resets the sequence.
    attempts.length = 0;
    await bench.post("/network", { up: false });
    const again = Math.round(now() / 1000);
    await pace(bench, 6);
    assert.ok(attempts[0] - again >= 3 && attempts[0] - again <= 4);
  });

  scenario(
    "RetryBackOffRandomRange: never earlier than the minimum, never later than minimum + range",
    {
      station: {
        print,
        set: {
          "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
          "OCPPCommCtrlr.RetryBackOffWaitMinimum": "2",
          "OCPPCommCtrlr.RetryBackOffRandomRange": "6",
        },
      },
    },
    async (bench) => {
      now = () => bench.station.now();
      attempts.length = 0;
      await registered(bench);
      await bench.post("/network", { up: false });
      await pace(bench, 90);
      const waits = attempts.slice(1).map((t, i) => t - attempts[i]);
      assert.ok(waits.length >= 8);
      for (const wait of waits) assert.ok(wait >= 2 && wait <= 9, `waits ${waits.join(", ")} s`);
      assert.ok(new Set(waits).size > 1, "drawn anew each time");
    },
  );
});
