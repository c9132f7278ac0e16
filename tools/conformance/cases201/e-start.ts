/** OCPP 2.0.1 Part 2, E01–E03, E 1.3–1.5: what each event holds, and the start of transactions by start point. */
import assert from "node:assert/strict";
import { notApplicable, tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder } from "../lines.ts";
import { CARD, OTHER } from "../rig.ts";
import { charging, END, idOf, left, plugged, remoteStart, stopped, transactionOf, TWO } from "./moves.ts";

const EV_CONNECTED: CaseOptions = { set: { "TxCtrlr.TxStartPoint": "EVConnected" } };
const AUTHORIZED: CaseOptions = { ...TWO, set: { "TxCtrlr.TxStartPoint": "Authorized" } };

const STARTED = "Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin";
const ENERGY = "Updated ChargingStateChanged Charging";
const PLUGGED = "Updated CablePluggedIn EVConnected evse=1 [Transaction.Begin]";

export const START: Case[] = [
  tc("TC_E_01", "Start point PowerPathClosed: nothing before energy may flow", {}, async (t) => {
    await plugged(t);
    await t.silence(3);
    await t.tap();
    await t.expect("Authorize 04A1B2C3", STARTED, ENERGY);
  }),

  notApplicable("TC_E_02", "Start point EnergyTransfer", "start points are PowerPathClosed, EVConnected, Authorized"),

  tc("TC_E_03", "Cable first: SN Occupied; card: Authorize, Started, energy", {}, async (t) => {
    const id = await charging(t);
    assert.ok(id.length > 0 && id.length <= 36);
    assert.equal(await transactionOf(t), id);
  }),

  tc("TC_E_04", "Card first: Authorize; cable: SN Occupied, Started by CablePluggedIn, energy", {}, async (t) => {
    await t.tap();
    await t.expect("Authorize 04A1B2C3");
    await t.draw(true);
    await t.plug();
    await t.expect("SN 1 Occupied", "Started CablePluggedIn EVConnected evse=1 token=04A1B2C3 Transaction.Begin", ENERGY);
  }),

  tc(
    "TC_E_05",
    "Card first, no cable within EVConnectionTimeOut: dropped; a later cable does not charge, a card does",
    {},
    async (t) => {
      await t.tap();
      await t.expect("Authorize 04A1B2C3");
      await t.silence(62);
      await plugged(t);
      await t.silence(3);
      await t.tap();
      await t.expect("Authorize 04A1B2C3", STARTED, ENERGY);
    },
  ),

  tc("TC_E_09", "Start point EVConnected: Started with the cable; the card is an Updated", EV_CONNECTED, async (t) => {
    await t.draw(true);
    await t.plug();
    await t.expect("SN 1 Occupied", "Started CablePluggedIn EVConnected evse=1 Transaction.Begin");
    await t.silence(3);
    await t.tap();
    await t.expect("Authorize 04A1B2C3", "Updated Authorized [EVConnected] token=04A1B2C3", ENERGY);
  }),

  tc(
    "E-13",
    "Start point EVConnected, remote start: the answer has the transactionId, the next event the remote start",
    EV_CONNECTED,
    async (t) => {
      await t.draw(true);
      await t.plug();
      const [, started] = await t.expect("SN 1 Occupied", "Started CablePluggedIn EVConnected evse=1 Transaction.Begin");
      const { transactionId } = await remoteStart(t, "Accepted");
      assert.equal(transactionId, idOf(started));
      await t.expect("Updated RemoteStart [EVConnected] token=APP remote=7", ENERGY);
    },
  ),

  tc("E-13", "Start point EVConnected, remote start before the cable", EV_CONNECTED, async (t) => {
    await remoteStart(t, "Accepted");
    await t.draw(true);
    await t.plug();
    await t.expect(
      "SN 1 Occupied",
      "Started RemoteStart|CablePluggedIn EVConnected evse=1 token=APP remote=7 Transaction.Begin",
      ENERGY,
    );
  }),

  tc("TC_E_10", "Start point Authorized, card first: Started without EVSE; the cable is an Updated", AUTHORIZED, async (t) => {
    await t.tap();
    await t.expect("Authorize 04A1B2C3", "Started Authorized [Idle] token=04A1B2C3");
    await t.draw(true);
    await t.plug();
    await t.expect("SN 1 Occupied", PLUGGED, ENERGY);
  }),

  tc("TC_E_10", "Start point Authorized, cable first: Started by the card", AUTHORIZED, async (t) => {
    await plugged(t);
    await t.tap();
    await t.expect("Authorize 04A1B2C3", STARTED, ENERGY);
  }),

  tc("TC_E_13", "Start point Authorized, remote start: Started by it", AUTHORIZED, async (t) => {
    await remoteStart(t, "Accepted");
    await t.expect("Started RemoteStart [Idle] [evse=1] token=APP remote=7 [Transaction.Begin]");
    await t.draw(true);
    await t.plug();
    await t.expect("SN 1 Occupied", "Updated CablePluggedIn EVConnected [evse=1] [Transaction.Begin]", ENERGY);
  }),

  notApplicable("TC_E_11", "Start point DataSigned", "start points are PowerPathClosed, EVConnected, Authorized"),
  notApplicable("TC_E_12", "Start point ParkingBayOccupancy", "start points are PowerPathClosed, EVConnected, Authorized"),

  tc("TC_E_38", "The car is not ready: Started, then SuspendedEV; Charging when it draws", {}, async (t) => {
    await plugged(t, 1, false);
    await t.tap();
    await t.expect("Authorize 04A1B2C3", STARTED, "Updated ChargingStateChanged SuspendedEV");
    await t.draw(true);
    await t.expect(ENERGY);
    await t.draw(false);
    await t.expect("Updated ChargingStateChanged SuspendedEV");
  }),

  tc("TC_E_39", "Start point Authorized, no cable within EVConnectionTimeOut: Ended by it", AUTHORIZED, async (t) => {
    await t.tap();
    const [, started] = await t.expect("Authorize 04A1B2C3", "Started Authorized [Idle] token=04A1B2C3");
    const [ended] = await t.expectWithin(64, "Ended EVConnectTimeout [Idle] Timeout [Transaction.Begin] [Transaction.End]");
    assert.ok(ended.t - started.t >= 59_000);
    await plugged(t);
    await t.silence(3);
    assert.equal((await t.evse()).contactor, false);
  }),

  tc("E-01", "transactionIds are never given twice, power losses included", {}, async (t) => {
    const ids = new Set<string>();
    for (let boot = 0; boot < 3; boot++) {
      for (let i = 0; i < 2; i++) {
        ids.add(await charging(t));
        await stopped(t);
        await left(t);
      }
      await t.powerCycle();
      await t.booted();
    }
    assert.equal(ids.size, 6);
  }),

  tc(
    "E-02",
    "seqNo from 0 without gap, over a time offline and a power loss",
    { set: { "TxCtrlr.ResumptionTimeout": "300" } },
    async (t) => {
      await charging(t);
      await t.offline(5, async () => {
        await t.draw(false);
        await t.advance(2);
        await t.draw(true);
      });
      await t.expect("Updated ChargingStateChanged SuspendedEV offline", "Updated ChargingStateChanged Charging offline");
      await t.powerCycle();
      const rest = await t.pass(8);
      await t.tap();
      const [last] = (await t.pass(3)).filter(({ action }) => action === "TransactionEvent");
      const events = [...rest.filter(({ action }) => action === "TransactionEvent"), last];
      assert.deepEqual(
        events.map(({ payload }) => payload.seqNo),
        events.map((_, i) => 4 + i),
      );
      assert.equal(last.payload.eventType, "Ended");
    },
  ),

  tc("E-03", "The fields of each event: times of the event, not of sending; offline only when true", {}, async (t) => {
    const before = t.station.now();
    await charging(t);
    await t.advance(5);
    const ended = await stopped(t);
    const time = Date.parse(String(ended.payload.timestamp));
    assert.ok(time >= before && Math.abs(time - ended.t) < 4000);
    assert.ok(!("offline" in ended.payload));
    const { transactionId } = ended.payload.transactionInfo as { transactionId: string };
    assert.ok(transactionId);
  }),

  tc("E-03", "numberOfPhasesUsed comes when energy flows", {}, async (t) => {
    await plugged(t);
    await t.tap();
    const told = await t.expect("Authorize 04A1B2C3", STARTED, ENERGY);
    assert.ok(told.some(({ payload }) => payload.numberOfPhasesUsed === 1));
  }),

  tc("E-04", "EVSE, token and remoteStartId stand in the first event after they are known, and not again", {}, async (t) => {
    await plugged(t);
    await remoteStart(t, "Accepted", { idToken: CARD });
    await t.expect("Started RemoteStart EVConnected evse=1 token=04A1B2C3 remote=7 Transaction.Begin", ENERGY);
    await t.draw(false);
    await t.expect("Updated ChargingStateChanged SuspendedEV");
    await t.tap();
    await t.expect(`Ended StopAuthorized EVConnected [Local] token=04A1B2C3 ${END}`);
  }),

  tc("E-05", "One event for each change, the more specific reason wins", {}, async (t) => {
    await t.tap();
    await t.expect("Authorize 04A1B2C3");
    await t.draw(true);
    await t.plug();
    await t.expect("SN 1 Occupied", "Started CablePluggedIn EVConnected evse=1 token=04A1B2C3 Transaction.Begin", ENERGY);
    for (let i = 0; i < 3; i++) {
      await t.draw(false);
      await t.expect("Updated ChargingStateChanged SuspendedEV");
      await t.draw(true);
      await t.expect(ENERGY);
    }
  }),

  tc("E-06", "One transaction on each EVSE", TWO, async (t) => {
    const one = await charging(t, 1, CARD);
    await remoteStart(t, "Rejected", { evseId: 1 });
    const two = await charging(t, 2, OTHER);
    assert.notEqual(one, two);
    await t.silence(3);
  }),

  tc(
    "E-07",
    "Charging states: EVConnected, Charging, SuspendedEV, SuspendedEVSE before SuspendedEV, Idle",
    {
      set: { "TxCtrlr.StopTxOnInvalidId": "false" },
    },
    async (t) => {
      t.answer("TransactionEvent", ({ idToken }) => (idToken ? { idTokenInfo: { status: "Invalid" } } : {}));
      await plugged(t);
      await t.tap();
      await t.expect(
        "Authorize 04A1B2C3",
        STARTED,
        "Updated ChargingStateChanged Charging",
        "Updated ChargingStateChanged SuspendedEVSE",
      );
      await t.draw(false);
      await t.silence(3);
      await t.draw(true);
      await t.silence(3);
      await t.unplugCar();
      await t.expect(`Ended EVCommunicationLost Idle EVDisconnected ${END}`);
      await t.unplug();
      await t.expect("SN 1 Available");
    },
  ),

  tc("E-10", "Fixed cable: the same", { fixedCable: true }, async (t) => {
    await charging(t);
    await stopped(t);
    await left(t);
  }),

  tc("E-11", "Two EVSEs, card first: the one plugged in next", TWO, async (t) => {
    await t.tap();
    await t.expect("Authorize 04A1B2C3");
    await t.draw(true, 2);
    await t.plug(2);
    await t.expect(
      anyOrder("SN 2 Occupied"),
      "Started CablePluggedIn EVConnected evse=2 token=04A1B2C3 Transaction.Begin",
      ENERGY,
    );
  }),

  tc(
    "E-14",
    "Two start points: the first that is reached starts, card or cable",
    { set: { "TxCtrlr.TxStartPoint": "EVConnected,Authorized" } },
    async (t) => {
      await t.draw(true);
      await t.plug();
      await t.expect("SN 1 Occupied", "Started CablePluggedIn EVConnected evse=1 Transaction.Begin");
      await t.tap();
      await t.expect("Authorize 04A1B2C3", "Updated Authorized [EVConnected] token=04A1B2C3", ENERGY);
      await stopped(t);
      await left(t);
      await t.tap();
      await t.expect("Authorize 04A1B2C3", "#2 Started Authorized [Idle] [evse=1] token=04A1B2C3 [Transaction.Begin]");
      await t.draw(true);
      await t.plug();
      await t.expect("SN 1 Occupied", "#2 Updated CablePluggedIn EVConnected [evse=1] [Transaction.Begin]", `#2 ${ENERGY}`);
    },
  ),
];
