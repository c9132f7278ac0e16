/** OCPP 2.0.1 Part 2, F06: TriggerMessage. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { later, tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder } from "../lines.ts";
import { CARD, OTHER, type Rig } from "../rig.ts";
import { charging, measurands, plugged, stopped, TWO } from "./moves.ts";
const ALIGNED: CaseOptions = {
  ...TWO,
  set: {
    "AlignedDataCtrlr.Measurands": "Energy.Active.Import.Register,Voltage",
    "SampledDataCtrlr.TxUpdatedMeasurands": "Energy.Active.Import.Register,Current.Import",
  },
};

const trigger = (t: Rig, requestedMessage: string, expected: string | string[], evse?: Payload): Promise<Payload> =>
  t.call("TriggerMessage", { requestedMessage, ...(evse ? { evse } : {}) }, expected);

export const TRIGGER: Case[] = [
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

  tc("F-07", "Trigger with an EVSE or connector that does not exist: Rejected, nothing is sent", TWO, async (t) => {
    await charging(t);
    await trigger(t, "TransactionEvent", "Rejected", { id: 2 });
    await trigger(t, "StatusNotification", "Rejected", { id: 3, connectorId: 1 });
    await trigger(t, "StatusNotification", "Rejected", { id: 1, connectorId: 2 });
    await trigger(t, "MeterValues", "Rejected", { id: 9 });
    await t.silence(3);
  }),
];
