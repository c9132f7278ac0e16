/** OCPP 2.0.1 Part 2, F01–F06: remote start and stop, unlock, trigger. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import { charging, END, idOf, left, plugged, remoteStart, stopped, transactionOf, TWO } from "./moves.ts";

const ENERGY = "Updated ChargingStateChanged Charging";
const REMOTE = "Started RemoteStart EVConnected evse=1 token=APP remote=7 Transaction.Begin";
const authorizing = (value: boolean): CaseOptions => ({ set: { "AuthCtrlr.AuthorizeRemoteStart": String(value) } });

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
];
