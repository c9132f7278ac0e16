/** OCPP 1.6, 4.9, 7.7: StatusNotification (ST). */
import assert from "node:assert/strict";
import { tc, type Case } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD } from "../rig.ts";
import { begin, charging, DATA, end, isCharging, left, plugged, setTo, stopped, timeOf, TWO } from "./moves.ts";

export const STATUS: Case[] = [
  tc("ST-01", "Fields: connectorId, status, NoError, the time of the change", {}, async (t) => {
    await t.advance(20);
    await t.plug();
    const [{ payload, t: sent }] = await t.expect("SN 1 Preparing");
    assert.equal(payload.errorCode, "NoError");
    assert.ok(Math.abs(Date.parse(String(payload.timestamp)) - sent) < 3000, "the time of the change");
    for (const name of Object.keys(payload)) {
      assert.ok(["connectorId", "status", "errorCode", "timestamp"].includes(name), `nothing else: ${name}`);
    }
  }),

  tc("ST-01", "Connector 0 stays Available while connectors are in use or faulted", TWO, async (t) => {
    await charging(t, 1);
    await t.post("/evse/2/fault", { code: "OtherError" });
    await t.expect("SN 2 Faulted OtherError");
    await t.call("TriggerMessage", { requestedMessage: "StatusNotification", connectorId: 0 }, "Accepted");
    await t.expect("SN 0 Available");
  }),

  tc("ST-02", "Every change is told, in the order of events", {}, async (t) => {
    await t.plug();
    await t.advance(2);
    await t.unplug();
    await t.advance(2);
    await t.plug();
    const told = await t.expect("SN 1 Preparing", "SN 1 Available", "SN 1 Preparing");
    const times = told.map(timeOf);
    assert.deepEqual([...times].sort(), times);
  }),

  tc("ST-02", "MinimumStatusDuration: what is shorter is not told", { set: { MinimumStatusDuration: "5" } }, async (t) => {
    await t.plug();
    await t.advance(2);
    await t.unplug();
    await t.silence(10);
    await t.plug();
    await t.expectWithin(8, "SN 1 Preparing");
  }),

  tc("ST-03", "Charging, SuspendedEV, SuspendedEVSE and back; both at once is SuspendedEVSE", {}, async (t) => {
    await charging(t);
    await t.draw(false);
    await t.expect("SN 1 SuspendedEV");
    await t.draw(true);
    await t.expect("SN 1 Charging");
    const period = (limit: number): object => ({
      connectorId: 0,
      csChargingProfiles: {
        chargingProfileId: 1,
        stackLevel: 0,
        chargingProfilePurpose: "TxDefaultProfile",
        chargingProfileKind: "Relative",
        chargingSchedule: { chargingRateUnit: "A", chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
      },
    });
    await t.call("SetChargingProfile", { ...period(0) }, "Accepted");
    await t.expect("SN 1 SuspendedEVSE");
    await t.draw(false);
    await t.silence(3);
    await t.call("SetChargingProfile", { ...period(10) }, "Accepted");
    await t.expect("SN 1 SuspendedEV");
    await t.draw(true);
    await t.expect("SN 1 Charging");
  }),

  tc(
    "ST-03",
    "Plugged, but no card within ConnectionTimeOut: Finishing while the cable is in",
    {
      set: { ConnectionTimeOut: "20" },
    },
    async (t) => {
      await plugged(t);
      await t.expectWithin(25, "SN 1 Finishing");
      await t.silence(10);
      await left(t);
    },
  ),

  tc("ST-03", "Finishing, a card again: Preparing, then a new transaction on the plugged car", {}, async (t) => {
    await charging(t);
    await stopped(t);
    await t.tap();
    await t.expect("Authorize 04A1B2C3", optional("SN 1 Preparing"), begin());
    await stopped(t);
    await left(t);
  }),

  tc("ST-03", "The car is not ready: SuspendedEV after the start", {}, async (t) => {
    await plugged(t, 1, false);
    await t.tap();
    await t.expect("Authorize 04A1B2C3", begin(1, CARD.idToken, "SuspendedEV"));
    await t.draw(true);
    await t.expect("SN 1 Charging");
  }),

  tc("ST-03", "Faulted in a transaction; afterwards what fits", {}, async (t) => {
    await charging(t);
    await t.post("/evse/1/fault", { code: "GroundFailure" });
    await t.expect(anyOrder("SN 1 Faulted GroundFailure", `Stop tx=1 Other|EmergencyStop ${DATA}`));
    await isCharging(t, false);
    await t.post("/evse/1/fault", { code: null });
    await t.expect("SN 1 Finishing|Preparing");
    await left(t);
  }),

  tc("TC_041", "Fault while idle: Faulted with its code, no transaction starts; then Available", {}, async (t) => {
    await t.post("/evse/1/fault", { code: "HighTemperature" });
    await t.expect("SN 1 Faulted HighTemperature");
    await t.call("RemoteStartTransaction", { connectorId: 1, idTag: "APP" }, "Rejected");
    await t.draw(true);
    await t.plug();
    await t.tap();
    await t.expect(optional("Authorize 04A1B2C3"));
    await isCharging(t, false);
    await t.silence(3);
    await t.unplug();
    await t.post("/evse/1/fault", { code: null });
    await t.expect("SN 1 Available");
  }),

  ...[
    "GroundFailure",
    "OverCurrentFailure",
    "OverVoltage",
    "UnderVoltage",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "InternalError",
  ].map((code) =>
    tc("ST-04", `Faulted with errorCode ${code}`, {}, async (t) => {
      await t.post("/evse/1/fault", { code });
      await t.expect(`SN 1 Faulted ${code}`);
      await t.post("/evse/1/fault", { code: null });
      await t.expect("SN 1 Available");
    }),
  ),

  tc(
    "TC_024",
    "The lock fails after the authorization: Faulted with ConnectorLockFailure, no StartTransaction",
    {},
    async (t) => {
      await t.post("/evse/1/lock", { fail: true });
      await plugged(t);
      await t.tap();
      await t.expectWithin(10, "Authorize 04A1B2C3", "SN 1 Faulted ConnectorLockFailure");
      await t.silence(5);
      await isCharging(t, false);
    },
  ),

  tc("ST-06", "After a time offline: the present status, once, and only where it has changed", TWO, async (t) => {
    await t.offline(5, async () => {
      await t.plug(1);
      await t.advance(2);
      await t.unplug(1);
      await t.advance(2);
      await t.plug(2);
      await t.advance(2);
      await t.unplug(2);
      await t.advance(2);
      await t.plug(2);
    });
    await t.expect("SN 2 Preparing");
    await t.silence(3);
  }),

  tc("ST-07", "Unavailable survives reset and power loss, and a change to Operative", TWO, async (t) => {
    await t.call("ChangeAvailability", { connectorId: 2, type: "Inoperative" }, "Accepted");
    await t.expect("SN 2 Unavailable");
    await t.powerCycle();
    await t.booted("PowerUp", "Available", "Unavailable");
    await t.call("Reset", { type: "Hard" }, "Accepted");
    await t.booted("PowerUp", "Available", "Unavailable");
    await t.call("ChangeAvailability", { connectorId: 2, type: "Operative" }, "Accepted");
    await t.expect("SN 2 Available");
    await t.powerCycle();
    await t.booted();
  }),

  tc("ST-03", "Unavailable with a cable in, then Operative: Preparing", {}, async (t) => {
    await t.call("ChangeAvailability", { connectorId: 1, type: "Inoperative" }, "Accepted");
    await t.expect("SN 1 Unavailable");
    await t.plug();
    await t.silence(2);
    await t.call("ChangeAvailability", { connectorId: 1, type: "Operative" }, "Accepted");
    await t.expect("SN 1 Preparing");
    await setTo(t, "ConnectionTimeOut", "60");
    await t.tap();
    await t.expect("Authorize 04A1B2C3", begin(1, CARD.idToken, "Charging|SuspendedEV"));
    await t.tap();
    await t.expect(end("[Local] token=04A1B2C3"));
  }),
];
