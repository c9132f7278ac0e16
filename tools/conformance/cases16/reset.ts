/** OCPP 1.6, 5.2, 5.14, 5.17: reset, availability, trigger (RM-06, RM-07, TR). */
import assert from "node:assert/strict";
import { tc, type Case } from "../case.ts";
import { anyOrder, optional } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import { charging, DATA, end, isCharging, left, plugged, session, stopOf, stopped, TWO } from "./moves.ts";

const reset = (t: Rig, type: string): Promise<unknown> => t.call("Reset", { type }, "Accepted");
const available = (t: Rig, connectorId: number, type: string, expected = "Accepted"): Promise<unknown> =>
  t.call("ChangeAvailability", { connectorId, type }, expected);
const trigger = (
  t: Rig,
  requestedMessage: string,
  connectorId?: number,
  expected: string | string[] = "Accepted",
): Promise<unknown> =>
  t.call("TriggerMessage", { requestedMessage, ...(connectorId === undefined ? {} : { connectorId }) }, expected);

/** Reset without a transaction: boot, status of all; what is Unavailable stays so. */
const idleReset = (id: string, type: string): Case =>
  tc(id, `${type} reset without a transaction: Accepted, boot, status of all; Unavailable stays`, TWO, async (t) => {
    await available(t, 2, "Inoperative");
    await t.expect("SN 2 Unavailable");
    await reset(t, type);
    await t.booted("PowerUp", "Available", "Unavailable");
    await session(t);
  });

/** Reset in a transaction: it ends with `reason` before the boot or after it. */
const busyReset = (id: string, type: string): Case =>
  tc(id, `${type} reset with a transaction: StopTransaction with ${type}Reset, boot, Finishing or Preparing`, {}, async (t) => {
    await charging(t);
    await t.advance(20);
    await reset(t, type);
    const told = await t.expectWithin(
      30,
      end(`${type}Reset`),
      "BootNotification",
      anyOrder("SN 0 Available", "SN 1 Finishing|Preparing"),
    );
    assert.equal(stopOf(told).payload.transactionId, 1);
    await isCharging(t, false);
    await left(t);
    await session(t);
  });

export const RESET: Case[] = [
  idleReset("TC_013", "Hard"),
  idleReset("TC_014", "Soft"),
  busyReset("TC_015", "Hard"),
  busyReset("TC_016", "Soft"),

  tc("RM-06", "The end is not confirmed before the reset: delivered after the boot", {}, async (t) => {
    await charging(t);
    const back = t.mute("StopTransaction");
    await reset(t, "Hard");
    const first = await t.expect(anyOrder(`Stop tx=1 HardReset ${DATA}`, optional("SN 1 Finishing")));
    back();
    t.answer("StopTransaction", {});
    const told = await t.expectWithin(
      120,
      "BootNotification",
      anyOrder("SN 0 Available", "SN 1 Finishing|Preparing", `Stop tx=1 HardReset ${DATA}`),
    );
    assert.deepEqual(stopOf(told).payload, stopOf(first).payload);
  }),

  tc("RM-06", "Two transactions, Soft: both end, then the boot", TWO, async (t) => {
    await charging(t, 1, CARD);
    await charging(t, 2, OTHER);
    await reset(t, "Soft");
    await t.expectWithin(
      30,
      anyOrder(`Stop tx=1 SoftReset ${DATA}`, `Stop tx=2 SoftReset ${DATA}`, "SN 1 Finishing", "SN 2 Finishing"),
      "BootNotification",
      anyOrder("SN 0 Available", "SN 1 Finishing|Preparing", "SN 2 Finishing|Preparing"),
    );
  }),
];

export const AVAILABILITY: Case[] = [
  tc("TC_034", "Unavailable over a power failure", {}, async (t) => {
    await available(t, 1, "Inoperative");
    await t.expect("SN 1 Unavailable");
    await t.powerCycle();
    await t.booted("PowerUp", "Unavailable");
    await available(t, 1, "Operative");
    await t.expect("SN 1 Available");
    await session(t);
  }),

  tc("RM-07", "Idle: Accepted and the status; already so: Accepted; unknown connector: Rejected", TWO, async (t) => {
    await available(t, 2, "Operative");
    await available(t, 2, "Inoperative");
    await t.expect("SN 2 Unavailable");
    await available(t, 2, "Inoperative");
    for (const connectorId of [3, 99, -1]) await available(t, connectorId, "Inoperative", "Rejected");
    await t.silence(2);
    await available(t, 2, "Operative");
    await t.expect("SN 2 Available");
  }),

  tc("RM-07", "With a transaction: Scheduled, Unavailable after it", {}, async (t) => {
    await charging(t);
    await available(t, 1, "Inoperative", "Scheduled");
    await t.silence(3);
    await isCharging(t, true);
    await t.tap();
    const told = await t.expect(anyOrder(`Stop tx=1 [Local] token=04A1B2C3 ${DATA}`, "SN 1 Finishing|Unavailable"));
    const now = told.find(({ action }) => action === "StatusNotification")!.payload.status;
    await t.unplug();
    if (now === "Finishing") await t.expect("SN 1 Unavailable");
    await t.silence(2);
  }),

  tc("RM-07", "A scheduled change is taken back by Operative", {}, async (t) => {
    await charging(t);
    await available(t, 1, "Inoperative", "Scheduled");
    await available(t, 1, "Operative");
    await stopped(t);
    await left(t);
  }),

  tc("RM-07", "A scheduled change survives a power loss", {}, async (t) => {
    await charging(t);
    await available(t, 1, "Inoperative", "Scheduled");
    await t.powerCycle();
    const told = await t.expectWithin(
      20,
      "BootNotification",
      anyOrder("SN 0 Available", "SN 1 Finishing|Unavailable", `Stop tx=1 PowerLoss ${DATA}`),
    );
    const now = told.find(({ line }) => line.startsWith("SN 1"))!.payload.status;
    await t.unplug();
    if (now === "Finishing") await t.expect("SN 1 Unavailable");
    await t.silence(2);
  }),

  tc("RM-07", "Connector 0: the whole station and all its connectors, kept over a power loss", TWO, async (t) => {
    await available(t, 0, "Inoperative");
    await t.expect(anyOrder("SN 0 Unavailable", "SN 1 Unavailable", "SN 2 Unavailable"));
    await t.powerCycle();
    await t.expectWithin(20, "BootNotification", anyOrder("SN 0 Unavailable", "SN 1 Unavailable", "SN 2 Unavailable"));
    await available(t, 0, "Operative");
    await t.expect(anyOrder("SN 0 Available", "SN 1 Available", "SN 2 Available"));
  }),

  tc("RM-07", "Connector 0 with a transaction: Scheduled; the free ones at once, the busy one later", TWO, async (t) => {
    await charging(t, 1);
    await available(t, 0, "Inoperative", "Scheduled");
    const told = await t.pass(3);
    const lines = told.map(({ line }) => line);
    assert.ok(lines.includes("SN 2 Unavailable"), lines.join(" / "));
    assert.deepEqual(
      lines.filter((line) => !["SN 2 Unavailable", "SN 0 Unavailable"].includes(line)),
      [],
    );
    await t.tap();
    await t.pass(2);
    await t.unplug();
    await t.pass(2);
    for (const [connectorId, status] of [
      [0, "Unavailable"],
      [1, "Unavailable"],
      [2, "Unavailable"],
    ] as const) {
      // prettier-ignore
      await trigger(t, "StatusNotification", connectorId);
      await t.expect(`SN ${connectorId} ${status}`);
    }
  }),
];

export const TRIGGER: Case[] = [
  tc("TC_054", "TriggerMessage: the answer first, then the message", TWO, async (t) => {
    await trigger(t, "MeterValues", 1);
    await t.expect("MeterValues 1 Trigger");
    await trigger(t, "Heartbeat");
    await t.expect("Heartbeat");
    await trigger(t, "StatusNotification", 1);
    await t.expect("SN 1 Available");
  }),

  tc("TC_055", "TriggerMessage for a connector that does not exist: Rejected, nothing is sent", {}, async (t) => {
    for (const message of ["MeterValues", "StatusNotification"]) {
      for (const connectorId of [2, 99, -1]) await trigger(t, message, connectorId, "Rejected");
    }
    await t.silence(2);
  }),

  tc("TR-01", "StatusNotification without connector: 0 and all", TWO, async (t) => {
    await plugged(t, 2);
    await trigger(t, "StatusNotification");
    await t.expect(anyOrder("SN 0 Available", "SN 1 Available", "SN 2 Preparing"));
  }),

  tc("TR-01", "MeterValues without connector: every connector", TWO, async (t) => {
    await charging(t, 1);
    await trigger(t, "MeterValues");
    const told = await t.pass(3);
    const lines = told.map(({ line }) => line);
    for (const line of ["MeterValues 1 tx=1 Trigger", "MeterValues 2 Trigger"])
      assert.ok(lines.includes(line), lines.join(" / "));
    assert.ok(
      lines.every((line) => /^MeterValues [012] (tx=1 )?Trigger$/.test(line)),
      lines.join(" / "),
    );
  }),

  tc("TR-01", "BootNotification after acceptance: Rejected", {}, async (t) => {
    await trigger(t, "BootNotification", undefined, "Rejected");
    await t.silence(2);
  }),

  ...(["DiagnosticsStatusNotification", "FirmwareStatusNotification"] as const).map((message) =>
    tc("TR-01", `${message}: Idle, or NotImplemented`, {}, async (t) => {
      const answer = (await t.call("TriggerMessage", { requestedMessage: message }, ["Accepted", "NotImplemented"])) as {
        status: string;
      };
      if (answer.status === "Accepted") await t.expect(message.startsWith("D") ? "DSN Idle" : "FSN Idle");
      await t.silence(2);
    }),
  ),

  tc("TR-02", "A connector that does not matter to the message is ignored", {}, async (t) => {
    await trigger(t, "Heartbeat", 99);
    await t.expect("Heartbeat");
  }),
];
