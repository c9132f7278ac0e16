/** OCPP 2.0.1 Part 2, B05, B06: access to the device model, and what it holds at least. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { notApplicable, tc, type Case } from "../case.ts";
import type { Rig } from "../rig.ts";
import { address, get, set, setTo, TWO, value } from "./moves.ts";

const OFFLINE = "AuthCtrlr.LocalAuthorizeOffline";
const THRESHOLD = "OCPPCommCtrlr.OfflineThreshold";

/** One GetVariables or SetVariables item with an attribute type; the status and value. */
async function one(t: Rig, action: "GetVariables" | "SetVariables", item: Payload): Promise<Payload> {
  const [request, result] =
    action === "GetVariables" ? ["getVariableData", "getVariableResult"] : ["setVariableData", "setVariableResult"];
  const answer = await t.call(action, { [request]: [item] });
  const results = answer[result] as Payload[];
  assert.equal(results.length, 1);
  assert.deepEqual(results[0].component, item.component);
  assert.deepEqual(results[0].variable, item.variable);
  assert.equal(results[0].attributeType, item.attributeType ?? "Actual");
  return results[0];
}

async function rejected(t: Rig, name: string, ...values: string[]): Promise<void> {
  const before = await value(t, name);
  for (const bad of values) {
    assert.deepEqual(await set(t, [[name, bad]]), ["Rejected"], `${name} = "${bad}"`);
    assert.equal(await value(t, name), before, `${name} after "${bad}"`);
  }
}

export const VARIABLES: Case[] = [
  tc("TC_B_06", "GetVariables, one item", {}, async (t) => {
    assert.deepEqual(await get(t, THRESHOLD), ["Accepted 60"]);
    await t.expect();
  }),

  tc("TC_B_07", "GetVariables, two items", {}, async (t) => {
    const [one, two] = await get(t, THRESHOLD, OFFLINE);
    assert.equal(one, "Accepted 60");
    assert.match(two, /^Accepted (true|false)$/);
  }),

  tc("TC_B_09", "SetVariables, one item", {}, async (t) => setTo(t, THRESHOLD, "123")),

  tc("TC_B_10", "SetVariables, two items", {}, async (t) => {
    const wanted = (await value(t, OFFLINE)) === "true" ? "false" : "true";
    assert.deepEqual(await set(t, [[THRESHOLD, "123"], [OFFLINE, wanted]]), ["Accepted", "Accepted"]); // prettier-ignore
    assert.deepEqual(await get(t, THRESHOLD, OFFLINE), ["Accepted 123", `Accepted ${wanted}`]);
  }),

  tc("TC_B_11", "SetVariables, values of wrong format: Rejected, the old value stays", {}, async (t) => {
    await rejected(t, THRESHOLD, "300.1", "", "abc", " 300", "300 ", "-1", "0x10", "99999999999");
    await rejected(t, OFFLINE, "1", "yes", "", "truefalse");
    await rejected(t, "SampledDataCtrlr.TxUpdatedMeasurands", "Energy.Active.Import.Register,NoSuch", "Voltage;Frequency");
  }),

  tc("TC_B_32", "GetVariables, unknown component", {}, async (t) => {
    assert.deepEqual(await get(t, "NoSuchCtrlr.OfflineThreshold"), ["UnknownComponent"]);
  }),

  tc("TC_B_33", "GetVariables, unknown variable", {}, async (t) => {
    assert.deepEqual(await get(t, "OCPPCommCtrlr.NoSuch"), ["UnknownVariable"]);
  }),

  tc("TC_B_34", "GetVariables, attribute type that is not held", {}, async (t) => {
    for (const attributeType of ["Target", "MinSet", "MaxSet"]) {
      const { attributeStatus, attributeValue } = await one(t, "GetVariables", { ...address(THRESHOLD), attributeType });
      assert.deepEqual([attributeStatus, attributeValue], ["NotSupportedAttributeType", undefined], attributeType);
    }
  }),

  tc("TC_B_35", "SetVariables, unknown component", {}, async (t) => {
    assert.deepEqual(await set(t, [["NoSuchCtrlr.OfflineThreshold", "1"]]), ["UnknownComponent"]);
  }),

  tc("TC_B_36", "SetVariables, unknown variable", {}, async (t) => {
    assert.deepEqual(await set(t, [["OCPPCommCtrlr.NoSuch", "1"]]), ["UnknownVariable"]);
  }),

  tc("TC_B_37", "SetVariables, attribute type that is not held", {}, async (t) => {
    for (const attributeType of ["Target", "MinSet", "MaxSet"]) {
      const item = { ...address(THRESHOLD), attributeType, attributeValue: "1" };
      const { attributeStatus } = await one(t, "SetVariables", item);
      assert.equal(attributeStatus, "NotSupportedAttributeType", attributeType);
    }
    assert.equal(await value(t, THRESHOLD), "60");
  }),

  tc("TC_B_39", "SetVariables, read-only variable: Rejected", {}, async (t) => {
    for (const name of ["DeviceDataCtrlr.ItemsPerMessage[GetVariables]", "OCPPCommCtrlr.MessageTimeout[Default]"]) {
      await rejected(t, name, "5");
    }
    await rejected(t, "ClockCtrlr.DateTime", "abc");
  }),

  tc("B-20", "n items give n results, in their order, with what was asked echoed", TWO, async (t) => {
    const names = [
      THRESHOLD,
      "EVSE.AvailabilityState@2",
      "NoSuch.Variable",
      "Connector.AvailabilityState@1.1",
      "OCPPCommCtrlr.MessageTimeout[Default]",
      THRESHOLD,
    ];
    assert.deepEqual(
      (await get(t, ...names)).map((text) => text.split(" ")[0]),
      ["Accepted", "Accepted", "UnknownComponent", "Accepted", "Accepted", "Accepted"],
    );
    const { attributeType } = await one(t, "GetVariables", { ...address(THRESHOLD), attributeType: "Actual" });
    assert.equal(attributeType, "Actual");
  }),

  tc("B-21", "The order of the verdicts, EVSE and connector included; no value but with Accepted", {}, async (t) => {
    const target = { attributeType: "Target" };
    const verdict = async (name: string, more: Payload = {}): Promise<unknown> => {
      const { attributeStatus, attributeValue } = await one(t, "GetVariables", { ...address(name), ...more });
      assert.equal(attributeValue, undefined);
      return attributeStatus;
    };
    assert.equal(await verdict("NoSuchCtrlr.NoSuch", target), "UnknownComponent");
    assert.equal(await verdict("EVSE.AvailabilityState@9"), "UnknownComponent");
    assert.equal(await verdict("Connector.AvailabilityState@1.9"), "UnknownComponent");
    assert.equal(await verdict("OCPPCommCtrlr.NoSuch", target), "UnknownVariable");
    assert.equal(await verdict("SecurityCtrlr.BasicAuthPassword", target), "NotSupportedAttributeType");
    assert.equal(await verdict("SecurityCtrlr.BasicAuthPassword"), "Rejected");
  }),

  tc("B-22", "A variable without a value: Accepted with an empty one", {}, async (t) => {
    assert.deepEqual(await get(t, "AlignedDataCtrlr.Measurands"), ["Accepted "]);
  }),

  tc("B-23", "Instances exactly; without one where only instances are: UnknownVariable; names in any case", {}, async (t) => {
    assert.deepEqual(
      await get(
        t,
        "DeviceDataCtrlr.ItemsPerMessage",
        "DeviceDataCtrlr.ItemsPerMessage[NoSuch]",
        "DeviceDataCtrlr.ItemsPerMessage[GetVariables]",
        "ocppcommctrlr.OFFLINETHRESHOLD",
      ).then((list) => list.map((text) => text.split(" ")[0])),
      ["UnknownVariable", "UnknownVariable", "Accepted", "Accepted"],
    );
  }),

  tc("B-24", "Formats: integers, booleans in any case, lists without duplicates, empty lists", {}, async (t) => {
    assert.deepEqual(await set(t, [[OFFLINE, "FALSE"]]), ["Accepted"]);
    assert.equal(await value(t, OFFLINE), "false");
    const list = "SampledDataCtrlr.TxUpdatedMeasurands";
    await rejected(t, list, "Voltage,Voltage", "Voltage,", ",Voltage", "voltage;");
    await setTo(t, list, "");
    await setTo(t, list, "Voltage,Energy.Active.Import.Register");
  }),

  tc("B-25", "A bad item does not undo a good one; two of the same variable in their order", {}, async (t) => {
    const items: [string, string][] = [
      [THRESHOLD, "100"],
      [THRESHOLD, "bad"],
      ["NoSuchCtrlr.X", "1"],
      [THRESHOLD, "101"],
      ["OCPPCommCtrlr.MessageTimeout[Default]", "9"],
    ];
    assert.deepEqual(await set(t, items), ["Accepted", "Rejected", "UnknownComponent", "Accepted", "Rejected"]);
    assert.equal(await value(t, THRESHOLD), "101");
  }),

  tc("B-26", "Written variables survive a power loss", {}, async (t) => {
    await setTo(t, THRESHOLD, "99");
    await setTo(t, "TxCtrlr.StopTxOnInvalidId", "false");
    await t.powerCycle();
    await t.booted();
    assert.deepEqual(await get(t, THRESHOLD, "TxCtrlr.StopTxOnInvalidId"), ["Accepted 99", "Accepted false"]);
  }),

  tc("B-27", "An unsupported measurand anywhere in a list: all of it Rejected", {}, async (t) => {
    for (const list of [
      "SampledDataCtrlr.TxStartedMeasurands",
      "SampledDataCtrlr.TxUpdatedMeasurands",
      "SampledDataCtrlr.TxEndedMeasurands",
      "AlignedDataCtrlr.Measurands",
      "AlignedDataCtrlr.TxEndedMeasurands",
    ]) {
      await rejected(t, list, "Energy.Active.Import.Register,RPM", "SoC,Energy.Active.Import.Register");
    }
  }),

  ...(
    [
      ["DM-01", "ChargingStation", "AvailabilityState Available SupplyPhases", ""],
      ["DM-02", "EVSE", "AvailabilityState@1 Available@1 SupplyPhases@1 Power@1", ""],
      ["DM-03", "Connector", "AvailabilityState@1.1 Available@1.1 SupplyPhases@1.1 ConnectorType@1.1", ""],
      ["DM-04", "AlignedDataCtrlr", "Available", "Interval=0 Measurands= TxEndedInterval=900 TxEndedMeasurands="],
      ["DM-05", "AuthCtrlr", "AuthorizeRemoteStart", "LocalAuthorizeOffline=false LocalPreAuthorize=true"],
      ["DM-06", "ClockCtrlr", "DateTime TimeSource", ""],
      [
        "DM-07",
        "DeviceDataCtrlr",
        "ItemsPerMessage[GetReport] ItemsPerMessage[GetVariables] ItemsPerMessage[SetVariables] BytesPerMessage[GetReport] BytesPerMessage[GetVariables] BytesPerMessage[SetVariables]",
        "",
      ],
      [
        "DM-08",
        "OCPPCommCtrlr",
        "ActiveNetworkProfile FileTransferProtocols MessageTimeout[Default] NetworkConfigurationPriority UnlockOnEVSideDisconnect",
        "MessageAttempts[TransactionEvent]=2 MessageAttemptInterval[TransactionEvent]=20 NetworkProfileConnectionAttempts=2 OfflineThreshold=70 ResetRetries=1 RetryBackOffRepeatTimes=2 RetryBackOffRandomRange=2 RetryBackOffWaitMinimum=2 WebSocketPingInterval=0",
      ],
      [
        "DM-09",
        "SampledDataCtrlr",
        "",
        "TxStartedMeasurands=Voltage TxUpdatedMeasurands=Voltage TxUpdatedInterval=100 TxEndedMeasurands=Current.Import TxEndedInterval=100",
      ],
      ["DM-10", "SecurityCtrlr", "Identity CertificateEntries SecurityProfile", "OrganizationName=Org"],
      ["DM-11", "TxCtrlr", "StopTxOnEVSideDisconnect TxStartPoint TxStopPoint", "EVConnectionTimeOut=33 StopTxOnInvalidId=false"],
    ] as const
  ).map(([id, component, readable, writable]) =>
    tc(id, `The variables of ${component} are there, and those that are to be can be written`, {}, async (t) => {
      const full = (name: string): string => `${component}.${name}`;
      const names = readable.split(" ").filter((name) => name !== "");
      for (const name of names) assert.match((await get(t, full(name)))[0], /^Accepted/, full(name));
      for (const pair of writable.split(" ").filter((text) => text !== "")) {
        const [name, wanted] = pair.split("=");
        await setTo(t, full(name), wanted);
      }
    }),
  ),

  ...(
    [
      [
        "DM-12",
        "SmartChargingCtrlr",
        "Enabled Available Entries[ChargingProfiles] LimitChangeSignificance PeriodsPerSchedule ProfileStackLevel RateUnit",
      ],
      ["DM-13", "LocalAuthListCtrlr", "Available Enabled Entries ItemsPerMessage BytesPerMessage"],
      ["DM-13", "ReservationCtrlr", "Available Enabled"],
      ["DM-13", "AuthCacheCtrlr", "Enabled LifeTime Policy DisablePostAuthorize"],
    ] as const
  ).map(([id, component, names]) =>
    tc(id, `The variables of ${component} are there`, {}, async (t) => {
      for (const name of names.split(" ")) assert.match((await get(t, `${component}.${name}`))[0], /^Accepted/, name);
    }),
  ),
  notApplicable("DM-14", "MonitoringCtrlr, monitoring reports", "part of Advanced Device Management"),
];
