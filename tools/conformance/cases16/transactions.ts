/** OCPP 1.6, 4.8, 4.10: begin and end of transactions at the station (TX-01 … TX-11). */
import assert from "node:assert/strict";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import {
  begin,
  charging,
  DATA,
  end,
  isCharging,
  left,
  plugged,
  remoteStop,
  session,
  startOf,
  stopOf,
  stopped,
  timeOf,
  TWO,
} from "./moves.ts";

const SUSPEND: CaseOptions = { set: { StopTransactionOnEVSideDisconnect: "false" } };
const INFO = "EV side disconnected";

/** The cable leaves the car of a running transaction: Stop and Finishing (fixed cable: Available is allowed). */
async function carLeaves(t: Rig): Promise<void> {
  await charging(t);
  await t.unplugCar();
  const told = await t.expect(end("EVDisconnected"));
  assert.ok(!("idTag" in stopOf(told).payload), "idTag is left out");
  const status = told.find(({ action }) => action === "StatusNotification")!;
  assert.equal(status.payload.info, INFO);
}

/** A transaction that the answer of StartTransaction does not accept. */
async function invalid(t: Rig): Promise<void> {
  t.answer("StartTransaction", { idTagInfo: { status: "Invalid" } });
  await plugged(t);
  await t.tap();
}

export const TRANSACTIONS: Case[] = [
  tc(
    "TC_003",
    "Cable first: Preparing, Authorize, StartTransaction, Charging; the card stops, the cable leaves",
    {},
    async (t) => {
      const before = t.station.now();
      await plugged(t);
      await t.tap();
      const told = await t.expect("Authorize 04A1B2C3", begin());
      const { payload } = startOf(told);
      assert.deepEqual(Object.keys(payload).sort(), ["connectorId", "idTag", "meterStart", "timestamp"]);
      assert.ok(Number.isInteger(payload.meterStart) && timeOf(startOf(told)) >= before - 1000, JSON.stringify(payload));
      assert.equal((await t.evse()).locked, true);
      await t.advance(60);
      const stop = await stopped(t);
      assert.ok(Number(stop.payload.meterStop) > Number(payload.meterStart), JSON.stringify(stop.payload));
      assert.equal((await t.evse()).locked, false);
      await left(t);
    },
  ),

  tc("TC_004_1", "Card first: Authorize, Preparing; cable: StartTransaction, Charging", {}, async (t) => {
    await t.tap();
    await t.expect("Authorize 04A1B2C3", "SN 1 Preparing");
    await t.draw(true);
    await t.plug();
    await t.expect(begin());
    await stopped(t);
    await left(t);
  }),

  tc("TC_004_2", "Card first, no cable within ConnectionTimeOut: Available, the card is forgotten", {}, async (t) => {
    await t.tap();
    await t.expect("Authorize 04A1B2C3", "SN 1 Preparing");
    await t.silence(55);
    await t.expectWithin(8, "SN 1 Available");
    await plugged(t);
    await t.silence(3);
    await isCharging(t, false);
  }),

  tc("TC_005_1", "Cable out of the car: EVDisconnected, Finishing; the socket opens", {}, async (t) => {
    await carLeaves(t);
    assert.equal((await t.evse()).locked, false);
    await left(t);
  }),

  tc("TC_005_1", "Cable out of the car, fixed cable", { fixedCable: true }, async (t) => {
    await charging(t);
    await t.unplug();
    await t.expect(anyOrder(`Stop tx=1 EVDisconnected ${DATA}`, optional("SN 1 Finishing"), "SN 1 Available"));
  }),

  tc(
    "TC_005_2",
    "UnlockConnectorOnEVSideDisconnect false: the socket stays locked until UnlockConnector",
    { set: { UnlockConnectorOnEVSideDisconnect: "false" } },
    async (t) => {
      await carLeaves(t);
      assert.equal((await t.evse()).locked, true);
      await t.call("UnlockConnector", { connectorId: 1 }, "Unlocked");
      assert.equal((await t.evse()).locked, false);
      await left(t);
    },
  ),

  tc(
    "TC_005_3",
    "StopTransactionOnEVSideDisconnect false: SuspendedEV, locked; the car comes back: Charging",
    SUSPEND,
    async (t) => {
      const id = await charging(t);
      await t.unplugCar();
      const [{ payload }] = await t.expect("SN 1 SuspendedEV");
      assert.equal(payload.info, INFO);
      assert.equal((await t.evse()).locked, true);
      await t.silence(5);
      await t.draw(true);
      await t.plug();
      await t.expect("SN 1 Charging");
      await remoteStop(t, id);
      await t.expect(end("Remote"));
    },
  ),

  tc("TC_005_3", "The same, fixed cable", { ...SUSPEND, fixedCable: true }, async (t) => {
    const id = await charging(t);
    await t.unplug();
    await t.expect("SN 1 SuspendedEV");
    await t.silence(3);
    await t.draw(true);
    await t.plug();
    await t.expect("SN 1 Charging");
    await t.unplug();
    await t.expect("SN 1 SuspendedEV");
    await remoteStop(t, id);
    await t.expect(anyOrder(`Stop tx=1 Remote ${DATA}`, "SN 1 Available"));
  }),

  ...[0, -7, 2147483647].map((transactionId) =>
    tc("TX-02", `transactionId ${transactionId} is one like any other`, { set: { MeterValueSampleInterval: "5" } }, async (t) => {
      t.answer("StartTransaction", { transactionId });
      await charging(t);
      await t.expectWithin(7, `MeterValues 1 tx=${transactionId} Sample.Periodic`);
      await remoteStop(t, transactionId === 0 ? 1 : 0, "Rejected");
      await remoteStop(t, transactionId);
      const told = await t.expect(end("Remote"));
      assert.equal(stopOf(told).payload.transactionId, transactionId);
    }),
  ),

  tc(
    "TC_037_3",
    "Start offline, then not accepted, StopTransactionOnInvalidId: DeAuthorized, locked until the card",
    {
      set: { AllowOfflineTxForUnknownId: "true" },
    },
    async (t) => {
      await plugged(t);
      t.answer("StartTransaction", { idTagInfo: { status: "Invalid" } });
      await t.offline(5, async () => {
        await t.tap();
        await t.advance(3);
        await isCharging(t, true);
      });
      await t.expect(begin(), end("DeAuthorized"));
      assert.deepEqual(await t.evse().then(({ contactor, locked }) => ({ contactor, locked })), {
        contactor: false,
        locked: true,
      });
      await t.tap();
      await t.expect(optional("Authorize 04A1B2C3"));
      assert.equal((await t.evse()).locked, false);
      await left(t);
    },
  ),

  tc("TX-03", "Not accepted online, StopTransactionOnInvalidId: DeAuthorized", {}, async (t) => {
    await invalid(t);
    await t.expect("Authorize 04A1B2C3", anyOrder("Start 1 04A1B2C3", optional("SN 1 Charging")), end("DeAuthorized"));
    await isCharging(t, false);
  }),

  tc(
    "TC_037_2",
    "Start offline, then not accepted, StopTransactionOnInvalidId false: SuspendedEVSE, the transaction stays",
    {
      set: { AllowOfflineTxForUnknownId: "true", StopTransactionOnInvalidId: "false" },
    },
    async (t) => {
      await plugged(t);
      t.answer("StartTransaction", { idTagInfo: { status: "Invalid" } });
      await t.offline(5, async () => {
        await t.tap();
        await t.advance(3);
      });
      await t.expect(begin(), "SN 1 SuspendedEVSE");
      await t.silence(5);
      assert.equal((await t.evse()).amps, 0);
      await stopped(t);
    },
  ),

  tc(
    "TX-03",
    "MaxEnergyOnInvalidId: that much more, then SuspendedEVSE",
    {
      set: { StopTransactionOnInvalidId: "false", MaxEnergyOnInvalidId: "100" },
    },
    async (t) => {
      await invalid(t);
      await t.expect("Authorize 04A1B2C3", begin());
      await t.expectWithin(120, "SN 1 SuspendedEVSE");
      const { meterWh } = await t.evse();
      assert.ok(meterWh >= 99 && meterWh <= 103, `${meterWh} Wh`);
    },
  ),

  tc("TX-05", "The card stops: unlocked, Finishing until the cable leaves; gone before: Available", {}, async (t) => {
    await charging(t);
    await stopped(t);
    await t.silence(3);
    await left(t);
    await t.silence(3);
  }),

  tc("TX-09", "One transaction at a connector, two connectors at once", TWO, async (t) => {
    const one = await charging(t, 1, CARD);
    await t.call("RemoteStartTransaction", { connectorId: 1, idTag: "APP" }, "Rejected");
    const two = await charging(t, 2, OTHER);
    assert.notEqual(one, two);
    await stopped(t, OTHER, 2);
    await isCharging(t, true, 1);
    const { payload } = await stopped(t, CARD, 1);
    assert.equal(payload.transactionId, one);
  }),

  tc("TC_032_2", "Power loss: after the boot Stop with PowerLoss, its id and the last register", {}, async (t) => {
    await charging(t);
    await t.advance(60);
    const { meterWh } = await t.evse();
    await t.powerCycle();
    const told = await t.expectWithin(
      20,
      "BootNotification",
      anyOrder("SN 0 Available", "SN 1 Finishing|Preparing", `Stop tx=1 PowerLoss ${DATA}`),
    );
    assert.ok(Math.abs(Number(stopOf(told).payload.meterStop) - meterWh) <= 2, `${meterWh} Wh`);
    await left(t);
    await session(t);
  }),

  tc(
    "TC_032_1",
    "Power loss, the transaction goes on: Charging after the boot; the card stops it",
    {
      set: { "TxCtrlr.ResumptionTimeout": "300" },
    },
    async (t) => {
      await charging(t);
      await t.advance(10);
      await t.powerCycle();
      await t.expectWithin(20, "BootNotification", anyOrder("SN 0 Available", optional("SN 1 SuspendedEVSE"), "SN 1 Charging"));
      await isCharging(t, true);
      const { payload } = await stopped(t);
      assert.equal(payload.transactionId, 1);
    },
  ),

  tc("TX-11", "Registers are those of the meter: whole Wh, never falling, over transactions, too", {}, async (t) => {
    let last = 0;
    for (let i = 0; i < 3; i++) {
      await plugged(t);
      await t.tap();
      const { payload: start } = startOf(await t.expect("Authorize 04A1B2C3", begin()));
      await t.advance(100);
      const { payload: stop } = await stopped(t);
      for (const wh of [start.meterStart, stop.meterStop]) {
        assert.ok(Number.isInteger(wh) && Number(wh) >= last, `${String(wh)} Wh after ${last} Wh`);
        last = Number(wh);
      }
      await left(t);
    }
    assert.ok(last > 200, `${last} Wh`);
  }),
];
