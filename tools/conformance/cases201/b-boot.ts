/** OCPP 2.0.1 Part 2, B01–B04, G02: boot, registration, heartbeat, status after a time offline. */
import assert from "node:assert/strict";
import { NO_ANSWER, rpcError } from "../../csms/csms.ts";
import { tc, type Case } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD } from "../rig.ts";
import { charging, END, get, plugged, remoteStart, set, setTo, TWO, value } from "./moves.ts";

const BOOT_INTERVAL = 10;

export const BOOT: Case[] = [
  tc("TC_B_01", "Cold boot, accepted: BootNotification first, then each connector", { ...TWO, boot: false }, async (t) => {
    const [boot, ...others] = await t.booted();
    const station = boot.payload.chargingStation as Record<string, string>;
    const limits = { model: 20, vendorName: 50, serialNumber: 25, firmwareVersion: 50 };
    for (const [name, limit] of Object.entries(limits)) {
      assert.ok(station[name].length > 0 && station[name].length <= limit, name);
    }
    assert.ok(others.every(({ k }) => k > boot.k));
    assert.equal(await value(t, "OCPPCommCtrlr.HeartbeatInterval"), "86400");
    const now = Date.parse(await value(t, "ClockCtrlr.DateTime"));
    assert.ok(Math.abs(now - t.station.now()) < 4000, "B-03: the clock is that of the CSMS");
  }),

  tc("TC_B_01", "Cold boot with a cable in: the true state", { ...TWO, power: false }, async (t) => {
    await t.plug(2);
    await t.post("/power", { on: true });
    await t.booted("PowerUp", "Available", "Occupied");
  }),

  tc("B-02", "Interval 0 with Accepted: the own heartbeat interval stays", { boot: false, csms: { interval: 0 } }, async (t) => {
    await t.booted();
    assert.equal(await value(t, "OCPPCommCtrlr.HeartbeatInterval"), "300");
  }),

  tc("B-03", "currentTime sets the clock, forward and back", { boot: false }, async (t) => {
    for (const ahead of [86_400_000, -86_400_000]) {
      t.answer("BootNotification", () => ({ currentTime: new Date(t.station.now() + ahead).toISOString() }));
      if (ahead < 0) await t.powerCycle();
      await t.booted();
      const time = Date.parse(await value(t, "ClockCtrlr.DateTime"));
      assert.ok(Math.abs(time - t.station.now() - ahead) < 4000);
      assert.match(await value(t, "ClockCtrlr.TimeSource"), /Heartbeat/);
    }
  }),

  tc(
    "B-02",
    "Accepted after Pending: the status of every connector, one told on request while Pending included",
    { ...TWO, boot: false },
    async (t) => {
      const accept = t.answer("BootNotification", { status: "Pending", interval: 5 });
      await t.expect("BootNotification PowerUp");
      await t.call("TriggerMessage", { requestedMessage: "StatusNotification", evse: { id: 2, connectorId: 1 } }, "Accepted");
      await t.expect("SN 2 Available");
      accept();
      await t.expectWithin(8, "BootNotification PowerUp", anyOrder("SN 1 Available", "SN 2 Available"));
    },
  ),

  tc("TC_B_02", "Cold boot, pending: answers, but nothing of its own until the interval is over", { boot: false }, async (t) => {
    const accept = t.answer("BootNotification", { status: "Pending", interval: BOOT_INTERVAL });
    await t.expect("BootNotification PowerUp");
    assert.deepEqual(await get(t, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
    assert.deepEqual(await set(t, [["OCPPCommCtrlr.OfflineThreshold", "61"]]), ["Accepted"]);
    await remoteStart(t, "Rejected");
    await t.call("RequestStopTransaction", { transactionId: "none" }, "Rejected");
    await t.plug();
    await t.tap();
    await t.silence(BOOT_INTERVAL - 3);
    await t.call("TriggerMessage", { requestedMessage: "BootNotification" }, "Accepted");
    await t.expect("BootNotification Triggered");
    accept();
    await t.expectWithin(BOOT_INTERVAL + 2, "BootNotification PowerUp|Triggered", "SN 1 Occupied");
    assert.equal((await t.evse()).contactor, false, "what was asked before is not done after");
  }),

  tc(
    "B-05",
    "Pending: reports, network profiles and triggered messages are served, nothing else is sent",
    { ...TWO, boot: false },
    async (t) => {
      const accept = t.answer("BootNotification", { status: "Pending", interval: 40 });
      await t.expect("BootNotification PowerUp");
      await t.call("GetBaseReport", { requestId: 3, reportBase: "ConfigurationInventory" }, "Accepted");
      const parts = await t.parts("NotifyReport");
      assert.ok(parts.every(({ payload }, i) => payload.seqNo === i && payload.requestId === 3));
      await t.call("TriggerMessage", { requestedMessage: "StatusNotification", evse: { id: 2, connectorId: 1 } }, "Accepted");
      await t.expect("SN 2 Available");
      await t.call("TriggerMessage", { requestedMessage: "Heartbeat" }, "Accepted");
      await t.expect("Heartbeat");
      await t.silence(10);
      accept();
      await t.expectWithin(40, "BootNotification PowerUp|Triggered", anyOrder("SN 1 Available", optional("SN 2 Available")));
    },
  ),

  tc("TC_B_03", "Cold boot, rejected: silence for the interval, then BootNotification again", { boot: false }, async (t) => {
    const accept = t.answer("BootNotification", { status: "Rejected", interval: BOOT_INTERVAL });
    const [first] = await t.expect("BootNotification PowerUp");
    await t.plug();
    await t.silence(BOOT_INTERVAL - 2);
    const [second] = await t.expectWithin(6, "BootNotification PowerUp");
    assert.ok(second.t - first.t >= (BOOT_INTERVAL - 1) * 1000);
    accept();
    await t.silence(BOOT_INTERVAL - 2);
    await t.booted("PowerUp", "Occupied");
  }),

  tc("TC_B_30", "Rejected and still connected: every call is refused with SecurityError", { boot: false }, async (t) => {
    t.answer("BootNotification", { status: "Rejected", interval: 60 });
    await t.expect("BootNotification PowerUp");
    const calls: [string, object][] = [
      ["GetVariables", { getVariableData: [{ component: { name: "AuthCtrlr" }, variable: { name: "Enabled" } }] }],
      ["Reset", { type: "Immediate" }],
      ["TriggerMessage", { requestedMessage: "BootNotification" }],
      ["RequestStopTransaction", { transactionId: "none" }],
      ["GetBaseReport", { requestId: 1, reportBase: "FullInventory" }],
    ];
    for (const [action, payload] of calls) await t.refused(action, payload, "SecurityError");
    await t.silence(20);
  }),

  tc("B-04", "Queued transaction events wait for the acceptance, too", { boot: false }, async (t) => {
    await t.booted();
    await charging(t);
    await t.post("/power", { on: false });
    const accept = t.answer("BootNotification", { status: "Rejected", interval: 5 });
    await t.post("/power", { on: true });
    await t.expect("BootNotification PowerUp");
    await t.silence(3);
    accept();
    await t.expectWithin(
      8,
      "BootNotification PowerUp",
      anyOrder("SN 1 Occupied", `Ended AbnormalCondition EVConnected|SuspendedEVSE|Charging PowerLoss [offline] ${END}`),
    );
  }),

  tc("B-06", "Rejected with interval 0: no flood", { boot: false }, async (t) => {
    t.answer("BootNotification", { status: "Rejected", interval: 0 });
    await t.expect("BootNotification PowerUp");
    await t.silence(25);
  }),

  tc("B-08", "A CALLERROR or no answer to BootNotification: again, and no other CALL", { boot: false }, async (t) => {
    let tries = 0;
    t.handle("BootNotification", (_request, { defaultAnswer }) => {
      tries++;
      if (tries === 1) throw rpcError("InternalError");
      return tries === 2 ? NO_ANSWER : defaultAnswer();
    });
    await t.expect("BootNotification PowerUp");
    await t.plug();
    await t.expectWithin(400, "BootNotification PowerUp");
    await t.expectWithin(400, "BootNotification PowerUp", "SN 1 Occupied");
  }),

  tc("B-08", "Accepted once: a lost connection needs no new boot (RPC-14)", {}, async (t) => {
    await t.offline(5);
    await t.silence(5);
    await plugged(t);
  }),

  tc("B-09", "Not accepted: no charging is offered", { boot: false }, async (t) => {
    t.answer("BootNotification", { status: "Pending", interval: 300 });
    await t.expect("BootNotification PowerUp");
    await t.draw(true);
    await t.plug();
    await t.tap();
    await t.silence(20);
    const { contactor, limitAmps } = await t.evse();
    assert.deepEqual({ contactor, limitAmps }, { contactor: false, limitAmps: 0 });
  }),

  tc(
    "B-10",
    "Heartbeat after the interval without other CALLs; a new interval acts at once",
    { csms: { interval: 20 } },
    async (t) => {
      await t.silence(15);
      const [first] = await t.expectWithin(8, "Heartbeat");
      const [second] = await t.expectWithin(22, "Heartbeat");
      assert.ok(Math.abs(second.t - first.t - 20_000) <= 1000);
      await setTo(t, "OCPPCommCtrlr.HeartbeatInterval", "7");
      const [third] = await t.expectWithin(9, "Heartbeat");
      const [fourth] = await t.expectWithin(9, "Heartbeat");
      assert.ok(Math.abs(fourth.t - third.t - 7000) <= 1000);
      for (const bad of ["0", "-1", "", "5.5"]) {
        assert.deepEqual(await set(t, [["OCPPCommCtrlr.HeartbeatInterval", bad]]), ["Rejected"], bad);
      }
    },
  ),

  tc("B-10", "Each Heartbeat answer sets the clock", { csms: { interval: 10 } }, async (t) => {
    const ahead = 7200_000;
    t.answer("Heartbeat", () => ({ currentTime: new Date(t.station.now() + ahead).toISOString() }));
    await t.expectWithin(12, "Heartbeat", optional("SEN SettingSystemTime"));
    const time = Date.parse(await value(t, "ClockCtrlr.DateTime"));
    assert.ok(Math.abs(time - t.station.now() - ahead) < 4000);
  }),

  tc("TC_B_51", "Offline for longer than OfflineThreshold: the status of all connectors", { ...TWO }, async (t) => {
    await setTo(t, "OCPPCommCtrlr.OfflineThreshold", "20");
    await t.offline(25, async () => {
      await t.plug(2);
      await t.unplug(2);
      await t.plug(2);
    });
    await t.expect(anyOrder("SN 1 Available", "SN 2 Occupied"));
  }),

  tc("TC_B_52", "Offline for a shorter time: only what has changed, no history", { ...TWO }, async (t) => {
    await setTo(t, "OCPPCommCtrlr.OfflineThreshold", "200");
    await t.offline(5, async () => {
      await t.plug(1);
      await t.unplug(1);
      await t.plug(2);
    });
    await t.expect("SN 2 Occupied");
  }),

  tc("B-12", "Offline everything local goes on: metering, stop by card", {}, async (t) => {
    await charging(t);
    await t.offline(30, async () => {
      await t.advance(30);
      const before = (await t.evse()).meterWh;
      await t.advance(60);
      assert.ok((await t.evse()).meterWh > before);
      await t.tap(CARD);
      assert.equal((await t.evse()).contactor, false);
      await t.unplug();
    });
    await t.expect(anyOrder("SN 1 Available", `Ended StopAuthorized EVConnected [Local] offline token=04A1B2C3 ${END}`));
  }),
];
