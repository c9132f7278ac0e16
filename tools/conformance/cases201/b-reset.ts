/** OCPP 2.0.1 Part 2, B11, B12: reset of the station and of an EVSE. */
import assert from "node:assert/strict";
import { notApplicable, tc, type Case } from "../case.ts";
import { anyOrder } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import { charging, END, left, N, plugged, remoteStart, setTo, stopped, TWO, value } from "./moves.ts";

const IMMEDIATE = `${N} Ended ResetCommand EVConnected ImmediateReset ${END}`;

const reset = (t: Rig, type: string, expected: string, evseId?: number): Promise<unknown> =>
  t.call("Reset", evseId === undefined ? { type } : { type, evseId }, expected);

/** Nothing but the EVSE itself is touched: no boot. */
const evseReset = async (t: Rig, type: string, expected: string): Promise<void> => {
  assert.equal(await value(t, "EVSE.AllowReset@1"), "true");
  await reset(t, type, expected, 1);
};

export const RESET: Case[] = [
  tc("TC_B_20", "Idle, OnIdle: Accepted, boot with RemoteReset, status of all", TWO, async (t) => {
    await plugged(t, 2);
    await reset(t, "OnIdle", "Accepted");
    await t.booted("RemoteReset", "Available", "Occupied");
  }),

  tc("TC_B_20", "Idle, Immediate: the same; the next power-up is a PowerUp", {}, async (t) => {
    await reset(t, "Immediate", "Accepted");
    await t.booted("RemoteReset");
    await t.powerCycle();
    await t.booted("PowerUp");
  }),

  tc("TC_B_21", "A transaction runs, OnIdle: Scheduled; it ends normally, then boot with ScheduledReset", TWO, async (t) => {
    await charging(t);
    await reset(t, "OnIdle", "Scheduled");
    await t.silence(5);
    await remoteStart(t, "Rejected", { evseId: 2 });
    await stopped(t);
    await t.booted("ScheduledReset", "Occupied", "Available");
  }),

  tc("TC_B_41", "Two transactions run, OnIdle: the boot comes after the last Ended", TWO, async (t) => {
    await charging(t, 1, CARD);
    await charging(t, 2, OTHER);
    await reset(t, "OnIdle", "Scheduled");
    await stopped(t, CARD);
    await t.silence(5);
    assert.equal((await t.evse(2)).contactor, true);
    await stopped(t, OTHER);
    await t.booted("ScheduledReset", "Occupied");
  }),

  tc("TC_B_22", "Transactions run, Immediate: each ends with ImmediateReset, then boot with RemoteReset", TWO, async (t) => {
    await charging(t, 1, CARD);
    await charging(t, 2, OTHER);
    await reset(t, "Immediate", "Accepted");
    await t.expect(IMMEDIATE, IMMEDIATE);
    await t.booted("RemoteReset", "Occupied");
  }),

  tc("B-52", "Immediate, the end is not confirmed: kept, delivered after the boot", {}, async (t) => {
    await charging(t);
    const back = t.mute("TransactionEvent");
    await reset(t, "Immediate", "Accepted");
    const [first] = await t.expect(IMMEDIATE);
    back();
    t.answer("TransactionEvent", {});
    const events = await t.expectWithin(
      120,
      "BootNotification RemoteReset",
      anyOrder("SN 1 Occupied", `Ended ResetCommand EVConnected ImmediateReset [offline] ${END}`),
    );
    const again = events.find(({ action }) => action === "TransactionEvent")!;
    assert.deepEqual({ ...again.payload, offline: undefined }, { ...first.payload, offline: undefined });
  }),

  tc("TC_B_23", "Unavailable survives the reset", TWO, async (t) => {
    await t.call("ChangeAvailability", { operationalStatus: "Inoperative", evse: { id: 2 } }, "Accepted");
    await t.expect("SN 2 Unavailable");
    await reset(t, "OnIdle", "Accepted");
    await t.booted("RemoteReset", "Available", "Unavailable");
  }),

  tc("TC_B_24", "Reserved survives the reset", {}, async (t) => {
    const expiryDateTime = new Date(t.station.now() + 3600_000).toISOString();
    await t.call("ReserveNow", { id: 5, expiryDateTime, idToken: CARD, evseId: 1 }, "Accepted");
    await t.expect("SN 1 Reserved");
    await reset(t, "OnIdle", "Accepted");
    await t.booted("RemoteReset", "Reserved");
  }),

  tc("TC_B_25", "Reset of an EVSE without a transaction: Accepted, no boot", TWO, async (t) => {
    await evseReset(t, "OnIdle", "Accepted");
    await t.pass(5);
    await reset(t, "Immediate", "Accepted", 1);
    const told = (await t.pass(5)).map(({ line }) => line);
    assert.deepEqual(
      told.filter((line) => !/^SN 1 /.test(line)),
      [],
    );
    await charging(t, 1);
  }),

  tc("TC_B_26", "Reset of an EVSE with a transaction, OnIdle: Scheduled; after its end the EVSE alone", TWO, async (t) => {
    await charging(t, 1, CARD);
    await charging(t, 2, OTHER);
    await evseReset(t, "OnIdle", "Scheduled");
    await t.silence(3);
    await stopped(t, CARD);
    const told = (await t.pass(8)).map(({ line }) => line);
    assert.deepEqual(
      told.filter((line) => !/^SN 1 /.test(line)),
      [],
    );
    assert.equal((await t.evse(2)).contactor, true);
  }),

  tc(
    "TC_B_27",
    "Reset of an EVSE with a transaction, Immediate: Ended ImmediateReset; the other one charges on",
    TWO,
    async (t) => {
      await charging(t, 1, CARD);
      await charging(t, 2, OTHER);
      await evseReset(t, "Immediate", "Accepted");
      const told = (await t.pass(8)).map(({ line }) => line).filter((line) => !/^SN 1 /.test(line));
      assert.equal(told.length, 1);
      assert.match(told[0], /^Ended ResetCommand EVConnected ImmediateReset .*Transaction\.End$/);
      assert.equal((await t.evse(2)).contactor, true);
    },
  ),

  notApplicable("TC_B_28", "Reset of an EVSE, not supported, idle: Rejected", "EVSEs can be reset alone: TC_B_25"),
  notApplicable(
    "TC_B_29",
    "Reset of an EVSE, not supported, transaction: Rejected",
    "EVSEs can be reset alone: TC_B_26, TC_B_27",
  ),

  tc("B-53", "Reset of an EVSE that does not exist: Rejected", TWO, async (t) => {
    for (const type of ["OnIdle", "Immediate"]) await reset(t, type, "Rejected", 9);
    await t.silence(5);
  }),

  tc("B-51", "While a reset is scheduled: the car that leaves is no new session, a card starts nothing", TWO, async (t) => {
    await charging(t);
    await reset(t, "OnIdle", "Scheduled");
    await t.draw(true, 2);
    await t.plug(2);
    await t.expect("SN 2 Occupied");
    await t.tap(OTHER);
    const told = (await t.pass(3)).map(({ line }) => line);
    assert.deepEqual(
      told.filter((line) => line !== `Authorize ${OTHER.idToken}`),
      [],
    );
    assert.equal((await t.evse(2)).contactor, false);
    await stopped(t);
    await t.booted("ScheduledReset", "Occupied");
  }),

  tc("B-54", "A cable that is still locked is no idle station", {}, async (t) => {
    await setTo(t, "OCPPCommCtrlr.UnlockOnEVSideDisconnect", "false");
    await charging(t);
    await t.unplugCar();
    await t.expect(`Ended EVCommunicationLost Idle EVDisconnected ${END}`);
    assert.equal((await t.evse()).locked, true);
    await reset(t, "OnIdle", "Scheduled");
    await t.silence(5);
    await t.tap(CARD);
    assert.equal((await t.evse()).locked, false);
    await t.expectWithin(30, "BootNotification ScheduledReset", "SN 1 Occupied");
    await left(t);
  }),

  tc("B-56", "While one is scheduled: OnIdle is Scheduled again, Immediate takes over", {}, async (t) => {
    await charging(t);
    await reset(t, "OnIdle", "Scheduled");
    await reset(t, "OnIdle", "Scheduled");
    await t.silence(3);
    await reset(t, "Immediate", "Accepted");
    await t.expect(IMMEDIATE);
    await t.booted("RemoteReset", "Occupied");
  }),
];
