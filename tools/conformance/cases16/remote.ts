/** OCPP 1.6, 5.5, 5.11, 5.12, 5.18: remote start and stop, unlock, data (RM). */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD, type Rig } from "../rig.ts";
import {
  BAD,
  begin,
  charging,
  DATA,
  end,
  idOf,
  isCharging,
  left,
  plugged,
  remoteStart,
  remoteStop,
  session,
  startOf,
  stopped,
  TWO,
} from "./moves.ts";

const asking = (value: boolean): CaseOptions => ({ set: { AuthorizeRemoteTxRequests: String(value) } });
const ASKING = asking(true);
const TRUSTING = asking(false);

const unlock = (t: Rig, expected: string | string[], connectorId = 1): Promise<Payload> =>
  t.call("UnlockConnector", { connectorId }, expected);

const profileOf = (purpose: string, more: Payload = {}): Payload => ({
  chargingProfileId: 1,
  stackLevel: 0,
  chargingProfilePurpose: purpose,
  chargingProfileKind: "Relative",
  chargingSchedule: { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit: 8 }] },
  ...more,
});

export const REMOTE_CONTROL: Case[] = [
  tc(
    "TC_010",
    "Remote start, cable first, AuthorizeRemoteTxRequests: Authorize, StartTransaction, Charging",
    ASKING,
    async (t) => {
      await plugged(t);
      await remoteStart(t);
      await t.expect("Authorize APP", begin(1, "APP"));
      await remoteStop(t, idOf(t));
      await t.expect(end("Remote"));
      await left(t);
    },
  ),

  tc("TC_010", "Remote start, cable first, without AuthorizeRemoteTxRequests: no Authorize", TRUSTING, async (t) => {
    await plugged(t);
    await remoteStart(t);
    const told = await t.expect(begin(1, "APP"));
    assert.equal(startOf(told).payload.idTag, "APP");
  }),

  tc("TC_011_1", "Remote start before the cable: Preparing; cable: StartTransaction, Charging", TRUSTING, async (t) => {
    await remoteStart(t);
    await t.expect("SN 1 Preparing");
    await t.draw(true);
    await t.plug();
    await t.expect(begin(1, "APP"));
  }),

  tc("TC_011_1", "The same with AuthorizeRemoteTxRequests: Authorize", ASKING, async (t) => {
    await remoteStart(t);
    await t.expect(anyOrder("Authorize APP", "SN 1 Preparing"));
    await t.draw(true);
    await t.plug();
    await t.expect(begin(1, "APP"));
  }),

  tc("TC_011_2", "Remote start, no cable within ConnectionTimeOut: Available, the request is forgotten", TRUSTING, async (t) => {
    await remoteStart(t);
    await t.expect("SN 1 Preparing");
    await t.silence(55);
    await t.expectWithin(8, "SN 1 Available");
    await plugged(t);
    await t.silence(3);
    await isCharging(t, false);
    await remoteStart(t);
    await t.expect(begin(1, "APP"));
  }),

  tc("TC_012", "Remote stop: Accepted, StopTransaction with Remote, Finishing", {}, async (t) => {
    const id = await charging(t);
    await remoteStop(t, id);
    await t.expect(end("Remote"));
    await remoteStop(t, id, "Rejected");
    await left(t);
  }),

  tc("TC_026", "Remote start at a connector in use: Rejected", {}, async (t) => {
    await charging(t);
    await remoteStart(t, "Rejected");
    await stopped(t);
  }),

  tc("TC_027", "Remote start at connector 0: Rejected", TRUSTING, async (t) => {
    await remoteStart(t, "Rejected", { connectorId: 0 });
    await t.silence(2);
  }),

  tc("TC_028", "Remote stop of an id that does not run: Rejected", {}, async (t) => {
    await remoteStop(t, 1, "Rejected");
    const id = await charging(t);
    for (const other of [id + 1, 0, -1, 2147483647]) await remoteStop(t, other, "Rejected");
    await t.silence(3);
    await isCharging(t, true);
  }),

  tc("RM-02", "Remote start Rejected: connector unknown, Unavailable, Faulted", { ...TWO, ...TRUSTING }, async (t) => {
    for (const connectorId of [3, 99, -1]) await remoteStart(t, "Rejected", { connectorId });
    await t.call("ChangeAvailability", { connectorId: 1, type: "Inoperative" }, "Accepted");
    await t.expect("SN 1 Unavailable");
    await remoteStart(t, "Rejected");
    await t.post("/evse/2/fault", { code: "OtherError" });
    await t.expect("SN 2 Faulted OtherError");
    await remoteStart(t, "Rejected", { connectorId: 2 });
    await remoteStart(t, "Rejected", { connectorId: undefined });
    await t.silence(2);
  }),

  tc("RM-02", "The Authorize of a remote start is not accepted: no transaction, back to Available", ASKING, async (t) => {
    await remoteStart(t, "Accepted", { idTag: BAD.idToken });
    await t.expect(anyOrder(optional("SN 1 Preparing"), "Authorize DEAD0001"), optional("SN 1 Available"));
    await t.call("TriggerMessage", { requestedMessage: "StatusNotification", connectorId: 1 }, "Accepted");
    await t.expect("SN 1 Available");
    await plugged(t);
    await t.silence(2);
    await isCharging(t, false);
  }),

  tc("RM-03", "Without connectorId: the connector with a cable", { ...TWO, ...TRUSTING }, async (t) => {
    await plugged(t, 2);
    const { status } = await remoteStart(t, ["Accepted", "Rejected"], { connectorId: undefined });
    if (status === "Accepted") await t.expect(begin(2, "APP"));
  }),

  tc("RM-03", "A second remote start before the cable: replaces the first, or is Rejected", TRUSTING, async (t) => {
    await remoteStart(t);
    await t.expect("SN 1 Preparing");
    const { status } = await remoteStart(t, ["Accepted", "Rejected"], { idTag: "APP2" });
    await t.draw(true);
    await t.plug();
    await t.expect(begin(1, status === "Accepted" ? "APP2" : "APP"));
  }),

  tc("RM-01", "The token of the remote start stops at the reader, too", TRUSTING, async (t) => {
    await plugged(t);
    await remoteStart(t, "Accepted", { idTag: CARD.idToken });
    await t.expect(begin());
    await stopped(t);
    await left(t);
  }),

  tc("TC_059", "Remote start with a TxProfile: used for that transaction", TRUSTING, async (t) => {
    await plugged(t);
    await remoteStart(t, "Accepted", { chargingProfile: profileOf("TxProfile") });
    await t.expect(begin(1, "APP"));
    assert.equal((await t.evse()).limitAmps, 8);
    await remoteStop(t, idOf(t));
    await t.expect(end("Remote"));
    await left(t);
    await charging(t);
    assert.equal((await t.evse()).limitAmps, 16, "the profile is gone with its transaction");
  }),

  tc("TC_060", "Remote start with a profile of another purpose: Rejected", TRUSTING, async (t) => {
    await plugged(t);
    for (const purpose of ["TxDefaultProfile", "ChargePointMaxProfile"]) {
      await remoteStart(t, "Rejected", { chargingProfile: profileOf(purpose) });
    }
    await t.silence(2);
    await isCharging(t, false);
  }),

  tc("RM-04", "Remote start with a profile that cannot be used: Rejected", TRUSTING, async (t) => {
    await plugged(t);
    const late = { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 5, limit: 8 }] };
    for (const more of [{ transactionId: 5 }, { chargingSchedule: late }, { stackLevel: 10_000 }]) {
      await remoteStart(t, "Rejected", { chargingProfile: profileOf("TxProfile", more) });
    }
    await t.silence(2);
  }),

  tc("TC_017_1", "Unlock while idle: Unlocked", {}, async (t) => {
    await unlock(t, "Unlocked");
    await t.silence(2);
  }),

  tc("TC_017_2", "Unlock, fixed cable: NotSupported", { fixedCable: true }, async (t) => {
    await unlock(t, "NotSupported");
  }),

  tc(
    "TC_018_1",
    "Unlock while charging: Unlocked, StopTransaction with UnlockCommand, Finishing; then Available",
    { crossing: true },
    async (t) => {
      await charging(t);
      await unlock(t, "Unlocked");
      await t.expect(end("UnlockCommand"));
      const { locked, contactor } = await t.evse();
      assert.deepEqual({ locked, contactor }, { locked: false, contactor: false });
      await left(t);
      await session(t);
    },
  ),

  tc("TC_018_2", "Unlock while charging, fixed cable: NotSupported, the transaction goes on", { fixedCable: true }, async (t) => {
    await charging(t);
    await unlock(t, "NotSupported");
    await t.silence(3);
    await isCharging(t, true);
  }),

  tc(
    "TC_030",
    "Unlock, the lock's motor is stuck: UnlockFailed",
    { set: { UnlockConnectorOnEVSideDisconnect: "false" } },
    async (t) => {
      await charging(t);
      await t.unplugCar();
      await t.expect(anyOrder(`Stop tx=1 EVDisconnected ${DATA}`, "SN 1 Finishing"));
      await t.post("/evse/1/lock", { fail: true });
      const answer = unlock(t, "UnlockFailed");
      await t.until("the request", () => t.station.frames().some(({ text }) => text.includes('"UnlockConnector"')));
      await t.advance(10);
      await answer;
      assert.equal((await t.evse()).locked, true);
      await t.pass(2);
    },
  ),

  tc("TC_031", "Unlock of a connector that does not exist, and of 0: NotSupported", {}, async (t) => {
    for (const connectorId of [2, 99, 0]) await unlock(t, "NotSupported", connectorId);
    await t.silence(2);
  }),

  tc("TC_062", "DataTransfer of an unknown vendor: UnknownVendorId", {}, async (t) => {
    await t.call("DataTransfer", { vendorId: "com.example.nobody", messageId: "m", data: "d" }, ["UnknownVendorId", "Rejected"]);
    await t.call("DataTransfer", { vendorId: "com.example.nobody" }, ["UnknownVendorId", "Rejected"]);
  }),
];
