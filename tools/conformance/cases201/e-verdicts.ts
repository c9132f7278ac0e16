/** OCPP 2.0.1 Part 2, E05, C15: tokens that the CSMS does not accept; faults, power loss. */
import assert from "node:assert/strict";
import { notApplicable, tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { type Rig } from "../rig.ts";
import { charging, END, idOf, left, plugged, stopped, transactionOf } from "./moves.ts";

const EV_CONNECTED: CaseOptions = { set: { "TxCtrlr.TxStopPoint": "EVConnected" } };
const ANY_OFFLINE = { "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true" };

/** A transaction that the CSMS does not accept, with StopTxOnInvalidId as the options have it. */
async function invalid(t: Rig): Promise<void> {
  t.answer("TransactionEvent", ({ idToken }) => (idToken ? { idTokenInfo: { status: "Invalid" } } : {}));
  await plugged(t);
  await t.tap();
}

const BEGIN = [
  "Authorize 04A1B2C3",
  "Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
  "Updated ChargingStateChanged Charging",
];

export const VERDICTS: Case[] = [
  tc(
    "TC_E_16",
    "The CSMS does not accept the token, StopTxOnInvalidId: Ended by Deauthorized; locked until the card",
    {},
    async (t) => {
      await invalid(t);
      await t.expect(
        "Authorize 04A1B2C3",
        "Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
        optional("Updated ChargingStateChanged Charging"),
        `Ended Deauthorized EVConnected DeAuthorized ${END}`,
      );
      const { contactor, locked } = await t.evse();
      assert.deepEqual({ contactor, locked }, { contactor: false, locked: true });
      t.answer("TransactionEvent", {});
      await t.tap();
      await t.expect(optional("Authorize 04A1B2C3"));
      assert.equal((await t.evse()).locked, false);
      await left(t);
    },
  ),

  tc("E-31", "The same with a stop point without the authorization: Updated by Deauthorized", EV_CONNECTED, async (t) => {
    await invalid(t);
    await t.expect(
      "Authorize 04A1B2C3",
      "Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
      optional("Updated ChargingStateChanged Charging"),
      "Updated Deauthorized EVConnected|SuspendedEVSE",
    );
    assert.equal((await t.evse()).contactor, false);
  }),

  tc(
    "TC_C_26",
    "Offline start, then not accepted, StopTxOnInvalidId false: SuspendedEVSE, the transaction stays",
    {
      set: { ...ANY_OFFLINE, "TxCtrlr.StopTxOnInvalidId": "false" },
    },
    async (t) => {
      await plugged(t);
      const back = t.answer("TransactionEvent", ({ idToken }) => (idToken ? { idTokenInfo: { status: "Invalid" } } : {}));
      await t.offline(5, async () => {
        await t.tap();
        await t.advance(3);
      });
      await t.expect(
        "Started Authorized EVConnected offline evse=1 token=04A1B2C3 Transaction.Begin",
        "Updated ChargingStateChanged Charging offline",
        "Updated ChargingStateChanged SuspendedEVSE",
      );
      assert.equal((await t.evse()).amps, 0);
      back();
      await stopped(t);
    },
  ),

  tc(
    "E-30",
    "Offline start, then not accepted, StopTxOnInvalidId true: Ended by Deauthorized",
    { set: ANY_OFFLINE },
    async (t) => {
      await plugged(t);
      t.answer("TransactionEvent", ({ idToken }) => (idToken ? { idTokenInfo: { status: "Blocked" } } : {}));
      await t.offline(5, async () => {
        await t.tap();
        await t.advance(3);
      });
      await t.expect(
        "Started Authorized EVConnected offline evse=1 token=04A1B2C3 Transaction.Begin",
        "Updated ChargingStateChanged Charging offline",
        `Ended Deauthorized EVConnected DeAuthorized ${END}`,
      );
    },
  ),

  tc(
    "E-32",
    "MaxEnergyOnInvalidId: that much more, then SuspendedEVSE",
    {
      set: { "TxCtrlr.StopTxOnInvalidId": "false", "TxCtrlr.MaxEnergyOnInvalidId": "100" },
    },
    async (t) => {
      await invalid(t);
      await t.expect(...BEGIN);
      await t.expectWithin(120, "Updated ChargingStateChanged SuspendedEVSE");
      const { meterWh } = await t.evse();
      assert.ok(meterWh >= 99 && meterWh <= 103, `${meterWh} Wh`);
    },
  ),

  tc("E-33", "Answers without idTokenInfo change nothing; nor does a verdict on an ended transaction", {}, async (t) => {
    const back = t.answer("TransactionEvent", ({ eventType }) =>
      eventType === "Ended" ? { idTokenInfo: { status: "Invalid" } } : {},
    );
    const none = t.csms.on("TransactionEvent", ({ eventType }) =>
      eventType === "Ended" ? { idTokenInfo: { status: "Invalid" } } : {},
    );
    await charging(t);
    await t.silence(3);
    await stopped(t);
    await t.silence(3);
    none();
    back();
    await left(t);
  }),

  tc("E-33", "A verdict in the answer to an event without token is not evaluated", {}, async (t) => {
    t.answer("TransactionEvent", ({ idToken }) => ({ idTokenInfo: { status: idToken ? "Accepted" : "Invalid" } }));
    await charging(t);
    await t.silence(3);
    assert.equal((await t.evse()).contactor, true);
  }),

  ...["GroundFailure", "OverCurrentFailure", "PowerMeterFailure"].map((code) =>
    tc("E-25", `Fault ${code}: Ended by AbnormalCondition, SN Faulted; then the true state`, {}, async (t) => {
      await charging(t);
      await t.post("/evse/1/fault", { code });
      const reasons = "EmergencyStop|GroundFault|OvercurrentFault|PowerQuality|Other";
      await t.expect(anyOrder("SN 1 Faulted", `Ended AbnormalCondition EVConnected|SuspendedEVSE ${reasons} ${END}`));
      assert.equal((await t.evse()).contactor, false);
      await t.post("/evse/1/fault", { code: null });
      await t.expect("SN 1 Occupied");
      await left(t);
    }),
  ),

  tc("E-26", "Power loss: the transaction ends with PowerLoss after the boot, seqNo goes on", {}, async (t) => {
    const id = await charging(t);
    await t.advance(60);
    await t.powerCycle();
    const told = await t.expectWithin(
      20,
      "BootNotification PowerUp",
      anyOrder("SN 1 Occupied", `Ended AbnormalCondition EVConnected|SuspendedEVSE|Charging PowerLoss [offline] ${END}`),
    );
    const ended = told.find(({ action }) => action === "TransactionEvent")!;
    assert.equal(idOf(ended), id);
    assert.equal(await transactionOf(t), null);
    await left(t);
    assert.notEqual(await charging(t), id);
  }),

  tc(
    "E-26",
    "Power loss with a ResumptionTimeout: the transaction goes on under its id",
    { set: { "TxCtrlr.ResumptionTimeout": "300" } },
    async (t) => {
      const id = await charging(t);
      await t.advance(10);
      await t.powerCycle();
      await t.expectWithin(
        20,
        "BootNotification PowerUp",
        anyOrder("SN 1 Occupied", optional("Updated * Charging *"), optional("Updated * EVConnected|SuspendedEVSE *")),
      );
      assert.equal(await transactionOf(t), id);
      assert.equal((await t.evse()).contactor, true);
      await stopped(t);
    },
  ),

  notApplicable(
    "E-27",
    "Limits of energy and time, end by the car",
    "no limits for a transaction, no communication with the car",
  ),
];
