/** OCPP 2.0.1 Part 2, F01–F06: remote start and stop, unlock, trigger. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { later, tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import { charging, END, idOf, left, measurands, plugged, remoteStart, stopped, transactionOf, TWO } from "./moves.ts";

const ENERGY = "Updated ChargingStateChanged Charging";
const REMOTE = "Started RemoteStart EVConnected evse=1 token=APP remote=7 Transaction.Begin";
const authorizing = (value: boolean): CaseOptions => ({ set: { "AuthCtrlr.AuthorizeRemoteStart": String(value) } });
const ALIGNED: CaseOptions = {
  ...TWO,
  set: {
    "AlignedDataCtrlr.Measurands": "Energy.Active.Import.Register,Voltage",
    "SampledDataCtrlr.TxUpdatedMeasurands": "Energy.Active.Import.Register,Current.Import",
  },
};

const trigger = (t: Rig, requestedMessage: string, expected: string | string[], evse?: Payload): Promise<Payload> =>
  t.call("TriggerMessage", { requestedMessage, ...(evse ? { evse } : {}) }, expected);

const unlock = (t: Rig, expected: string | string[], evseId = 1, connectorId = 1): Promise<Payload> =>
  t.call("UnlockConnector", { evseId, connectorId }, expected);

const TX_PROFILE = {
  id: 1,
  stackLevel: 0,
  chargingProfilePurpose: "TxProfile",
  chargingProfileKind: "Relative",
  chargingSchedule: [{ id: 1, chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit: 8 }] }],
};

export const REMOTE_CONTROL: Case[] = [
  tc("TC_F_01", "Remote start, cable first: Accepted, Started by RemoteStart, energy", authorizing(false), async (t) => {
    await plugged(t);
    await remoteStart(t, "Accepted");
    const [started] = await t.expect(REMOTE, ENERGY);
    assert.equal(await transactionOf(t), idOf(started));
  }),

  tc(
    "TC_F_02",
    "Remote start before the cable, AuthorizeRemoteStart true: Authorize; Started with the cable",
    authorizing(true),
    async (t) => {
      await remoteStart(t, "Accepted", { idToken: CARD });
      await t.expect("Authorize 04A1B2C3");
      await t.draw(true);
      await t.plug();
      await t.expect(
        "SN 1 Occupied",
        "Started RemoteStart|CablePluggedIn EVConnected evse=1 token=04A1B2C3 remote=7 Transaction.Begin",
        ENERGY,
      );
    },
  ),

  tc(
    "TC_F_03",
    "Remote start before the cable, AuthorizeRemoteStart false: no Authorize; Started with the cable",
    authorizing(false),
    async (t) => {
      await remoteStart(t, "Accepted", { idToken: CARD });
      await t.expect();
      await t.draw(true);
      await t.plug();
      await t.expect(
        "SN 1 Occupied",
        "Started RemoteStart|CablePluggedIn EVConnected evse=1 token=04A1B2C3 remote=7 Transaction.Begin",
        ENERGY,
      );
    },
  ),

  tc("TC_F_04", "Remote start, no cable within EVConnectionTimeOut: dropped; a fresh one works", {}, async (t) => {
    await remoteStart(t, "Accepted");
    await t.silence(62);
    await plugged(t);
    await t.silence(3);
    await remoteStart(t, "Accepted");
    await t.expect(REMOTE, ENERGY);
  }),

  tc("TC_F_05", "Unlock while an authorised transaction runs: OngoingAuthorizedTransaction, nothing moves", {}, async (t) => {
    await charging(t);
    await unlock(t, "OngoingAuthorizedTransaction");
    await t.silence(3);
    const { locked, contactor } = await t.evse();
    assert.deepEqual({ locked, contactor }, { locked: true, contactor: true });
  }),

  tc(
    "TC_F_06",
    "Unlock a cable that is locked without a transaction: Unlocked",
    { set: { "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false" } },
    async (t) => {
      await charging(t);
      await t.unplugCar();
      await t.expect(`Ended EVCommunicationLost Idle EVDisconnected ${END}`);
      assert.equal((await t.evse()).locked, true);
      await unlock(t, "Unlocked");
      assert.equal((await t.evse()).locked, false);
      await left(t);
    },
  ),

  tc("TC_F_07", "Unlock without a cable: tried anyway", {}, async (t) => {
    await unlock(t, ["Unlocked", "UnlockFailed"]);
    await t.expect();
  }),

  tc("TC_F_10", "Unlock an EVSE or connector that does not exist: UnknownConnector", TWO, async (t) => {
    await unlock(t, "UnknownConnector", 9);
    await unlock(t, "UnknownConnector", 1, 9);
    await t.expect();
  }),

  tc("F-06", "Fixed cable: UnlockConnector is NotSupported", { fixedCable: true }, async (t) => {
    await t.refused("UnlockConnector", { evseId: 1, connectorId: 1 }, "NotSupported");
  }),

  tc("TC_F_08", "Remote stop of a running transaction: Accepted, Ended by RemoteStop", {}, async (t) => {
    const transactionId = await charging(t);
    await t.call("RequestStopTransaction", { transactionId }, "Accepted");
    await t.expect(`Ended RemoteStop EVConnected Remote ${END}`);
    await t.call("RequestStopTransaction", { transactionId }, "Rejected");
    await left(t);
  }),

  tc("TC_F_09", "Remote stop of an id that is not running: Rejected; ids are compared exactly", {}, async (t) => {
    const id = await charging(t);
    for (const transactionId of ["unknown", "", `${id} `, id.slice(1), "x".repeat(36)]) {
      await t.call("RequestStopTransaction", { transactionId }, "Rejected");
    }
    await t.silence(3);
    assert.equal((await t.evse()).contactor, true);
  }),

  tc("TC_F_11", "Trigger MeterValues of an EVSE: context Trigger, the measurands of AlignedDataCtrlr", ALIGNED, async (t) => {
    await trigger(t, "MeterValues", "Accepted", { id: 1 });
    const [told] = await t.expect("MeterValues 1 Trigger");
    assert.deepEqual(measurands(told, "Trigger"), ["Energy.Active.Import.Register", "Voltage"]);
  }),

  tc("TC_F_12", "Trigger MeterValues of all EVSEs", ALIGNED, async (t) => {
    await trigger(t, "MeterValues", "Accepted");
    await t.expect(anyOrder("MeterValues 1 Trigger", "MeterValues 2 Trigger"));
  }),

  tc(
    "TC_F_13",
    "Trigger TransactionEvent of an EVSE: Updated by Trigger with the values of TxUpdatedMeasurands",
    ALIGNED,
    async (t) => {
      await charging(t, 1, CARD);
      await charging(t, 2, OTHER);
      await trigger(t, "TransactionEvent", "Accepted", { id: 1 });
      const [told] = await t.expect("Updated Trigger Charging Trigger");
      assert.deepEqual(measurands(told, "Trigger"), ["Energy.Active.Import.Register", "Current.Import"]);
    },
  ),

  tc("TC_F_14", "Trigger TransactionEvent of all EVSEs: one for each transaction; none: Rejected", ALIGNED, async (t) => {
    await trigger(t, "TransactionEvent", "Rejected");
    await charging(t, 1, CARD);
    await charging(t, 2, OTHER);
    await trigger(t, "TransactionEvent", "Accepted");
    await t.expect(anyOrder("Updated Trigger Charging Trigger", "#2 Updated Trigger Charging Trigger"));
    await stopped(t, OTHER);
    await trigger(t, "TransactionEvent", "Rejected", { id: 2 });
  }),

  later("TC_F_15", "Trigger LogStatusNotification during an upload: Uploading"),
  tc("TC_F_16", "Trigger LogStatusNotification, no upload: Idle without requestId", {}, async (t) => {
    await trigger(t, "LogStatusNotification", "Accepted");
    await t.expect("LSN Idle");
  }),
  later("TC_F_17", "Trigger FirmwareStatusNotification during an update: its last status"),
  tc("TC_F_18", "Trigger FirmwareStatusNotification, no update: Idle without requestId", {}, async (t) => {
    await trigger(t, "FirmwareStatusNotification", "Accepted");
    await t.expect("FSN Idle");
  }),
  later("TC_F_19", "Trigger FirmwareStatusNotification after an update: Idle"),

  tc("TC_F_20", "Trigger Heartbeat: the answer first, then the Heartbeat", TWO, async (t) => {
    await trigger(t, "Heartbeat", "Accepted");
    await t.expect("Heartbeat");
    await trigger(t, "Heartbeat", "Accepted", { id: 1 });
    await t.expect("Heartbeat");
  }),

  tc("TC_F_23", "Trigger StatusNotification of a connector, Available", TWO, async (t) => {
    await trigger(t, "StatusNotification", "Accepted", { id: 1, connectorId: 1 });
    await t.expect("SN 1 Available");
  }),

  tc("TC_F_24", "Trigger StatusNotification of a connector, Occupied; without a connector it may be Rejected", TWO, async (t) => {
    await plugged(t, 2);
    await trigger(t, "StatusNotification", "Accepted", { id: 2, connectorId: 1 });
    await t.expect("SN 2 Occupied");
    const { status } = await trigger(t, "StatusNotification", ["Accepted", "Rejected"], { id: 1 });
    await t.expect(...(status === "Accepted" ? ["SN 1 Available"] : []));
  }),

  tc("TC_F_26", "Trigger BootNotification after the acceptance: Rejected", {}, async (t) => {
    await trigger(t, "BootNotification", "Rejected");
    await t.silence(3);
  }),

  tc("TC_F_27", "Trigger of a message that the station does not have: NotImplemented", {}, async (t) => {
    for (const message of ["SignCombinedCertificate", "SignV2GCertificate", "PublishFirmwareStatusNotification"]) {
      await trigger(t, message, "NotImplemented");
    }
    await t.silence(3);
  }),

  tc("F-01", "Extremes of remoteStartId; the token of the remote start stops at the reader, too", {}, async (t) => {
    await plugged(t);
    for (const remoteStartId of [0, 2147483647]) {
      await remoteStart(t, "Accepted", { remoteStartId, idToken: CARD });
      await t.expect(
        `[#2] Started RemoteStart EVConnected evse=1 token=04A1B2C3 remote=${remoteStartId} Transaction.Begin`,
        `[#2] ${ENERGY}`,
      );
      await stopped(t);
    }
  }),

  tc("F-02", "Remote start Rejected: EVSE unknown, faulted, in use; nothing happens", TWO, async (t) => {
    for (const evseId of [3, 99]) await remoteStart(t, "Rejected", { evseId });
    await t.post("/evse/2/fault", { code: "OtherError" });
    await t.expect("SN 2 Faulted");
    await remoteStart(t, "Rejected", { evseId: 2 });
    await charging(t);
    await remoteStart(t, "Rejected", { evseId: 1 });
    await remoteStart(t, "Rejected", { evseId: undefined });
    await t.silence(3);
  }),

  tc("F-02", "Without evseId: the EVSE with a cable first, else the next one plugged in", TWO, async (t) => {
    await plugged(t, 2);
    await remoteStart(t, "Accepted", { evseId: undefined });
    await t.expect("Started RemoteStart EVConnected evse=2 token=APP remote=7 Transaction.Begin", ENERGY);
    await remoteStart(t, "Accepted", { evseId: undefined, remoteStartId: 8, idToken: OTHER });
    await t.draw(true);
    await t.plug();
    await t.expect(
      "SN 1 Occupied",
      "#2 Started RemoteStart|CablePluggedIn EVConnected evse=1 token=0499887766 remote=8 Transaction.Begin",
      `#2 ${ENERGY}`,
    );
  }),

  tc("F-02", "An EVSE that is Unavailable: Rejected", TWO, async (t) => {
    await t.call("ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 1 } }, "Accepted");
    await t.expect("SN 1 Unavailable");
    await remoteStart(t, "Rejected");
  }),

  tc("F-03", "Two remote starts for one EVSE before the cable: one transaction", {}, async (t) => {
    await remoteStart(t, "Accepted");
    const { status } = await remoteStart(t, ["Accepted", "Rejected"], { remoteStartId: 8, idToken: OTHER });
    await t.draw(true);
    await t.plug();
    const words = status === "Accepted" ? "token=0499887766 remote=8" : "token=APP remote=7";
    await t.expect("SN 1 Occupied", `Started RemoteStart|CablePluggedIn EVConnected evse=1 ${words} Transaction.Begin`, ENERGY);
    await t.silence(3);
  }),

  tc("TC_K_37", "Remote start with a TxProfile: used for that transaction", {}, async (t) => {
    await plugged(t);
    await remoteStart(t, "Accepted", { chargingProfile: TX_PROFILE });
    await t.expect(REMOTE, ENERGY);
    assert.equal((await t.evse()).limitAmps, 8);
    await t.call("RequestStopTransaction", { transactionId: await transactionOf(t) }, "Accepted");
    await t.expect(`Ended RemoteStop EVConnected Remote ${END}`);
    await t.tap();
    await t.expect(
      "Authorize 04A1B2C3",
      "#2 Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
      `#2 ${ENERGY}`,
    );
    assert.equal((await t.evse()).limitAmps, 16, "the profile is gone with its transaction");
  }),

  tc("F-04", "Remote start with a profile that cannot be used: Rejected", {}, async (t) => {
    await plugged(t);
    const bad: Payload[] = [
      { chargingProfilePurpose: "TxDefaultProfile" },
      { transactionId: "1" },
      { chargingSchedule: [{ id: 1, chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 5, limit: 8 }] }] },
    ];
    for (const more of bad) await remoteStart(t, "Rejected", { chargingProfile: { ...TX_PROFILE, ...more } });
    await t.silence(3);
  }),

  tc("F-07", "Trigger with an EVSE or connector that does not exist: Rejected, nothing is sent", TWO, async (t) => {
    await charging(t);
    await trigger(t, "TransactionEvent", "Rejected", { id: 2 });
    await trigger(t, "StatusNotification", "Rejected", { id: 3, connectorId: 1 });
    await trigger(t, "StatusNotification", "Rejected", { id: 1, connectorId: 2 });
    await trigger(t, "MeterValues", "Rejected", { id: 9 });
    await t.silence(3);
  }),
];
