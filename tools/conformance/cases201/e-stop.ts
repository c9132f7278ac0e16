/** OCPP 2.0.1 Part 2, E05–E07, E09, E10: the end of transactions by stop point, verdicts that come late, faults, power loss. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import { charging, END, left, plugged, remoteStart, stopped } from "./moves.ts";

const EV_CONNECTED: CaseOptions = { set: { "TxCtrlr.TxStopPoint": "EVConnected" } };
const AUTHORIZED: CaseOptions = { set: { "TxCtrlr.TxStopPoint": "Authorized" } };
const SUSPEND: CaseOptions = { set: { "TxCtrlr.TxStopPoint": "Authorized", "TxCtrlr.StopTxOnEVSideDisconnect": "false" } };
const LOST = `Ended EVCommunicationLost Idle EVDisconnected ${END}`;

const remoteStop = (t: Rig, transactionId: string): Promise<Payload> =>
  t.call("RequestStopTransaction", { transactionId }, "Accepted");

export const STOP: Case[] = [
  tc("TC_E_06", "Stop point PowerPathClosed, the card: Ended, the cable unlocked, Occupied until it leaves", {}, async (t) => {
    await charging(t);
    assert.equal((await t.evse()).locked, true);
    await stopped(t);
    const { locked, contactor } = await t.evse();
    assert.deepEqual({ locked, contactor }, { locked: false, contactor: false });
    await t.silence(3);
    await left(t);
  }),

  tc("TC_E_07", "Stop point PowerPathClosed, fixed cable, the card", { fixedCable: true }, async (t) => {
    await charging(t);
    await stopped(t);
    await t.silence(3);
    await left(t);
  }),

  tc("TC_E_15", "Stop point Authorized, the card: Ended", AUTHORIZED, async (t) => {
    await charging(t);
    await stopped(t);
    await left(t);
  }),

  tc("TC_E_21", "Stop point Authorized, remote stop: Ended by RemoteStop", AUTHORIZED, async (t) => {
    await remoteStop(t, await charging(t));
    await t.expect(`Ended RemoteStop EVConnected Remote ${END}`);
    await left(t);
  }),

  tc("TC_E_35", "Stop point PowerPathClosed, remote stop: Ended by RemoteStop", {}, async (t) => {
    await remoteStop(t, await charging(t));
    await t.expect(`Ended RemoteStop EVConnected Remote ${END}`);
    await left(t);
  }),

  tc("TC_E_37", "Stop point PowerPathClosed, cable out of the car: Ended by EVCommunicationLost", {}, async (t) => {
    await charging(t);
    await t.unplugCar();
    await t.expect(LOST);
    await left(t);
  }),

  tc("TC_E_17", "Cable out of the car, fixed cable: Ended, Available at once", { fixedCable: true }, async (t) => {
    await charging(t);
    await t.unplug();
    await t.expect(anyOrder(LOST, "SN 1 Available"));
  }),

  tc("TC_E_14", "Stop point EVConnected: the card is an Updated, the cable ends it", EV_CONNECTED, async (t) => {
    await charging(t);
    await t.tap();
    await t.expect("Updated StopAuthorized EVConnected token=04A1B2C3");
    assert.equal((await t.evse()).contactor, false);
    await t.silence(3);
    await t.unplug();
    await t.expect(anyOrder("SN 1 Available", `Ended EVCommunicationLost Idle [Local|EVDisconnected] ${END}`));
  }),

  tc("E-23", "Stop point EVConnected, remote stop: Updated by RemoteStop, the cable ends it", EV_CONNECTED, async (t) => {
    await remoteStop(t, await charging(t));
    await t.expect("Updated RemoteStop EVConnected");
    await t.unplug();
    await t.expect(anyOrder("SN 1 Available", `Ended EVCommunicationLost Idle Remote ${END}`));
  }),

  tc("TC_E_20", "Stop point EVConnected, the car is unplugged while suspended: Ended by it", EV_CONNECTED, async (t) => {
    await charging(t);
    await t.draw(false);
    await t.expect("Updated ChargingStateChanged SuspendedEV");
    await t.unplugCar();
    await t.expect(LOST);
    await left(t);
  }),

  tc(
    "TC_E_24",
    "Cable out of the car, UnlockOnEVSideDisconnect: the socket opens at once",
    { set: { "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "true" } },
    async (t) => {
      await charging(t);
      await t.unplugCar();
      await t.expect(LOST);
      assert.equal((await t.evse()).locked, false);
      await left(t);
    },
  ),

  tc(
    "TC_E_25",
    "Cable out of the car, no UnlockOnEVSideDisconnect: the socket opens for the card",
    { set: { "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false" } },
    async (t) => {
      await charging(t);
      await t.unplugCar();
      await t.expect(LOST);
      assert.equal((await t.evse()).locked, true);
      await t.tap();
      await t.expect(optional("Authorize 04A1B2C3"));
      assert.equal((await t.evse()).locked, false);
      await left(t);
    },
  ),

  tc("TC_E_26", "StopTxOnEVSideDisconnect false: the car leaves and comes back, the transaction goes on", SUSPEND, async (t) => {
    await charging(t);
    await t.unplugCar();
    await t.expect("Updated EVCommunicationLost Idle");
    await t.silence(10);
    await t.draw(true);
    await t.plug();
    await t.expect("Updated CablePluggedIn EVConnected", "Updated ChargingStateChanged Charging");
    await stopped(t);
  }),

  tc(
    "TC_E_27",
    "StopTxOnEVSideDisconnect false, fixed cable: the car does not come back",
    { ...SUSPEND, fixedCable: true },
    async (t) => {
      await charging(t);
      await t.unplug();
      await t.expect(anyOrder("Updated EVCommunicationLost Idle", optional("SN 1 Available")));
      await t.expectWithin(64, anyOrder(`Ended EVConnectTimeout [Idle] Timeout ${END}`, optional("SN 1 Available")));
    },
  ),

  tc("E-20", "Another card does not stop, the same one does", {}, async (t) => {
    await charging(t);
    await t.tap(OTHER);
    await t.expect("Authorize 0499887766");
    await stopped(t, CARD);
  }),

  tc("E-22", "EV-side disconnect of a remotely started transaction", {}, async (t) => {
    await plugged(t);
    await remoteStart(t, "Accepted");
    await t.expect(
      "Started RemoteStart EVConnected evse=1 token=APP remote=7 Transaction.Begin",
      "Updated ChargingStateChanged Charging",
    );
    await t.unplugCar();
    await t.expect(LOST);
    await left(t);
  }),
];
