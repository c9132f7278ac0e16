/** OCPP 2.0.1 Part 2, B07, B08: reports of the device model. */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { ifOffered, tc, type Case } from "../case.ts";
import type { Told } from "../lines.ts";
import type { Rig } from "../rig.ts";
import { address, get, TWO } from "./moves.ts";

interface Attribute {
  type?: string;
  value?: string;
  mutability?: string;
}
interface Entry {
  component: { name: string; instance?: string; evse?: { id: number; connectorId?: number } };
  variable: { name: string; instance?: string };
  variableAttribute: Attribute[];
  variableCharacteristics?: { dataType: string; supportsMonitoring: boolean; maxLimit?: number; valuesList?: string };
}

const LISTS = ["OptionList", "MemberList", "SequenceList"];

/** The parts of one report, checked: ids, numbers, `tbc`; gives the entries. */
function entriesOf(parts: Told[], requestId: number): Entry[] {
  parts.forEach(({ payload }, i) => {
    assert.equal(payload.requestId, requestId);
    assert.equal(payload.seqNo, i, "seqNo");
    assert.equal(payload.tbc === true, i < parts.length - 1, "tbc");
    assert.ok(!Number.isNaN(Date.parse(String(payload.generatedAt))));
  });
  return parts.flatMap(({ payload }) => (payload.reportData ?? []) as Entry[]);
}

async function baseReport(t: Rig, reportBase: string, requestId = 11): Promise<Entry[]> {
  await t.call("GetBaseReport", { requestId, reportBase }, "Accepted");
  return entriesOf(await t.parts("NotifyReport"), requestId);
}

async function report(t: Rig, criteria: Payload, requestId = 12): Promise<string[]> {
  await t.call("GetReport", { requestId, ...criteria }, "Accepted");
  return entriesOf(await t.parts("NotifyReport"), requestId).map(nameOf);
}

function nameOf({ component, variable }: Entry): string {
  const { evse } = component;
  const place = evse ? `@${evse.id}${evse.connectorId === undefined ? "" : `.${evse.connectorId}`}` : "";
  return `${component.name}.${variable.name}${variable.instance ? `[${variable.instance}]` : ""}${place}`;
}

const mutability = ({ variableAttribute }: Entry): string => variableAttribute[0].mutability ?? "ReadWrite";

/** Mandatory device model: catalogue, DM-01 … DM-11. */
const MANDATORY = `
  ChargingStation.AvailabilityState ChargingStation.Available ChargingStation.SupplyPhases
  EVSE.AvailabilityState@1 EVSE.Available@1 EVSE.SupplyPhases@1 EVSE.Power@1
  Connector.AvailabilityState@1.1 Connector.Available@1.1 Connector.SupplyPhases@1.1 Connector.ConnectorType@1.1
  AlignedDataCtrlr.Interval AlignedDataCtrlr.Measurands AlignedDataCtrlr.TxEndedInterval AlignedDataCtrlr.TxEndedMeasurands
  AuthCtrlr.AuthorizeRemoteStart AuthCtrlr.LocalAuthorizeOffline AuthCtrlr.LocalPreAuthorize
  ClockCtrlr.DateTime ClockCtrlr.TimeSource
  DeviceDataCtrlr.ItemsPerMessage[GetReport] DeviceDataCtrlr.ItemsPerMessage[GetVariables] DeviceDataCtrlr.ItemsPerMessage[SetVariables]
  DeviceDataCtrlr.BytesPerMessage[GetReport] DeviceDataCtrlr.BytesPerMessage[GetVariables] DeviceDataCtrlr.BytesPerMessage[SetVariables]
  OCPPCommCtrlr.ActiveNetworkProfile OCPPCommCtrlr.FileTransferProtocols OCPPCommCtrlr.MessageTimeout[Default]
  OCPPCommCtrlr.MessageAttempts[TransactionEvent] OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]
  OCPPCommCtrlr.NetworkConfigurationPriority OCPPCommCtrlr.NetworkProfileConnectionAttempts OCPPCommCtrlr.OfflineThreshold
  OCPPCommCtrlr.ResetRetries OCPPCommCtrlr.UnlockOnEVSideDisconnect OCPPCommCtrlr.RetryBackOffRepeatTimes
  OCPPCommCtrlr.RetryBackOffRandomRange OCPPCommCtrlr.RetryBackOffWaitMinimum OCPPCommCtrlr.WebSocketPingInterval
  SampledDataCtrlr.TxStartedMeasurands SampledDataCtrlr.TxUpdatedMeasurands SampledDataCtrlr.TxUpdatedInterval
  SampledDataCtrlr.TxEndedMeasurands SampledDataCtrlr.TxEndedInterval
  SecurityCtrlr.BasicAuthPassword SecurityCtrlr.Identity SecurityCtrlr.OrganizationName SecurityCtrlr.CertificateEntries
  SecurityCtrlr.SecurityProfile
  TxCtrlr.EVConnectionTimeOut TxCtrlr.StopTxOnEVSideDisconnect TxCtrlr.StopTxOnInvalidId TxCtrlr.TxStartPoint TxCtrlr.TxStopPoint`
  .trim()
  .split(/\s+/);

export const REPORTS: Case[] = [
  tc("TC_B_12", "ConfigurationInventory: everything that can be set, nothing else", {}, async (t) => {
    const names = (await baseReport(t, "ConfigurationInventory")).map((entry) => [nameOf(entry), mutability(entry)]);
    assert.ok(names.length > 0);
    assert.deepEqual(
      names.filter(([, kind]) => kind === "ReadOnly"),
      [],
    );
    const full = (await baseReport(t, "FullInventory")).filter((entry) => mutability(entry) !== "ReadOnly").map(nameOf);
    assert.deepEqual(names.map(([name]) => name).sort(), full.sort());
  }),

  tc("TC_B_13", "FullInventory: everything, each once, with the values that GetVariables gives", TWO, async (t) => {
    const entries = await baseReport(t, "FullInventory");
    const names = entries.map(nameOf);
    assert.equal(new Set(names).size, names.length, "each once");
    const readable = entries.filter((entry) => mutability(entry) !== "WriteOnly" && !nameOf(entry).includes("DateTime"));
    for (let i = 0; i < readable.length; i += 10) {
      const some = readable.slice(i, i + 10).filter(({ component }) => component.instance === undefined);
      const values = await get(t, ...some.map(nameOf));
      some.forEach((entry, k) => {
        const shown = entry.variableAttribute[0].value;
        if (shown !== undefined) assert.equal(values[k], `Accepted ${shown}`, nameOf(entry));
      });
    }
  }),

  tc(
    "TC_B_14",
    "SummaryInventory: availability and problems of station, EVSEs and connectors, or NotSupported",
    TWO,
    async (t) => {
      const answer = await t.call("GetBaseReport", { requestId: 3, reportBase: "SummaryInventory" }, [
        "Accepted",
        "NotSupported",
      ]);
      if (answer.status === "NotSupported") return t.silence(3);
      const names = entriesOf(await t.parts("NotifyReport"), 3).map(nameOf);
      for (const name of ["ChargingStation.AvailabilityState", "EVSE.AvailabilityState@2", "Connector.AvailabilityState@2.1"]) {
        assert.ok(names.includes(name), name);
      }
    },
  ),

  tc("TC_B_15", "A report base that is not supported: NotSupported and no NotifyReport, unless it is", {}, async (t) => {
    const answer = await t.call("GetBaseReport", { requestId: 3, reportBase: "SummaryInventory" }, ["Accepted", "NotSupported"]);
    if (answer.status === "NotSupported") return t.silence(5);
    await t.parts("NotifyReport");
  }),

  tc("TC_B_53", "FullInventory holds the mandatory device model, each entry complete", {}, async (t) => {
    const entries = await baseReport(t, "FullInventory");
    const names = entries.map(nameOf);
    assert.deepEqual(
      MANDATORY.filter((name) => !names.includes(name)),
      [],
      "missing",
    );
    for (const entry of entries) {
      const name = nameOf(entry);
      const { variableAttribute, variableCharacteristics: characteristics } = entry;
      assert.ok(characteristics, `${name}: characteristics`);
      assert.equal(characteristics.supportsMonitoring, false, name);
      for (const { value, mutability: access } of variableAttribute) {
        assert.equal(value === undefined, access === "WriteOnly" || (name === "EVSE.Power@1" && value === undefined), name);
      }
      if (LISTS.includes(characteristics.dataType)) {
        const choices = characteristics.valuesList?.split(",") ?? [];
        assert.ok(choices.length > 0 && choices[0] !== "", `${name}: valuesList`);
        const members = (variableAttribute[0].value ?? "").split(",").filter((member) => member !== "");
        for (const member of members) assert.ok(choices.includes(member), `${name}: ${member} of ${choices.join(",")}`);
      }
    }
    const of = (name: string): Entry => entries.find((entry) => nameOf(entry) === name)!;
    assert.ok(of("EVSE.Power@1").variableCharacteristics!.maxLimit! > 0, "EVSE.Power: maxLimit");
    assert.ok(of("SecurityCtrlr.BasicAuthPassword").variableCharacteristics!.maxLimit! <= 40, "BasicAuthPassword: maxLimit");
    assert.equal(of("SecurityCtrlr.BasicAuthPassword").variableAttribute[0].mutability, "WriteOnly");
  }),

  tc(
    "B-32",
    "Other calls are answered between the parts; a second report waits or is refused",
    { ...TWO, crossing: true },
    async (t) => {
      await t.call("GetBaseReport", { requestId: 1, reportBase: "FullInventory" }, "Accepted");
      const second = await t.call("GetBaseReport", { requestId: 2, reportBase: "ConfigurationInventory" }, [
        "Accepted",
        "Rejected",
      ]);
      assert.deepEqual(await get(t, "OCPPCommCtrlr.OfflineThreshold"), ["Accepted 60"]);
      const parts = await t.parts("NotifyReport");
      const first = parts.filter(({ payload }) => payload.requestId === 1);
      entriesOf(first, 1);
      let rest = parts.filter(({ payload }) => payload.requestId === 2);
      if (second.status === "Accepted" && rest.length === 0) rest = await t.parts("NotifyReport");
      if (second.status === "Accepted") entriesOf(rest, 2);
      assert.equal(rest.length > 0, second.status === "Accepted");
    },
  ),

  tc("B-32", "A report is interrupted by a lost connection: dropped, and the next one is whole", {}, async (t) => {
    t.mute("NotifyReport");
    await t.call("GetBaseReport", { requestId: 1, reportBase: "FullInventory" }, "Accepted");
    await t.expect("NotifyReport 1");
    await t.post("/network", { drop: true });
    const back = t.answer("NotifyReport", {});
    await t.online();
    await t.silence(5);
    back();
    await baseReport(t, "ConfigurationInventory", 5);
  }),

  ...ifOffered(
    "GetReport",
    tc("TC_B_16", "GetReport by component criteria", TWO, async (t) => {
      const answer = await t.call("GetReport", { requestId: 4, componentCriteria: ["Available"] }, ["Accepted", "NotSupported"]);
      if (answer.status === "NotSupported") return t.silence(3);
      const names = entriesOf(await t.parts("NotifyReport"), 4).map(nameOf);
      assert.ok(names.includes("EVSE.AvailabilityState@1") || names.includes("EVSE.Available@1"));
    }),

    tc("TC_B_17", "GetReport by component and variable", TWO, async (t) => {
      const names = await report(t, {
        componentVariable: [address("OCPPCommCtrlr.OfflineThreshold"), address("EVSE.Available@2")],
      });
      assert.deepEqual(names.sort(), ["EVSE.Available@2", "OCPPCommCtrlr.OfflineThreshold"]);
    }),

    tc("TC_B_18", "GetReport by criteria and component", TWO, async (t) => {
      const criteria = { componentCriteria: ["Available"], componentVariable: [address("EVSE.AvailabilityState@1")] };
      const answer = await t.call("GetReport", { requestId: 4, ...criteria }, ["Accepted", "NotSupported"]);
      if (answer.status === "NotSupported") return t.silence(3);
      assert.deepEqual(entriesOf(await t.parts("NotifyReport"), 4).map(nameOf), ["EVSE.AvailabilityState@1"]);
    }),

    tc("TC_B_19", "GetReport of something unknown: EmptyResultSet and no NotifyReport", {}, async (t) => {
      const nothing = { componentVariable: [address("NoSuchCtrlr.Variable")] };
      await t.call("GetReport", { requestId: 6, ...nothing }, "EmptyResultSet");
      await t.silence(3);
    }),

    tc("TC_B_54", "GetReport: a missing instance stands for all", {}, async (t) => {
      const names = await report(t, { componentVariable: [address("DeviceDataCtrlr.ItemsPerMessage")] });
      for (const name of ["GetReport", "GetVariables", "SetVariables"]) {
        assert.ok(names.includes(`DeviceDataCtrlr.ItemsPerMessage[${name}]`), name);
      }
    }),

    tc("TC_B_55", "GetReport: a missing variable stands for all of the component", {}, async (t) => {
      const names = await report(t, { componentVariable: [{ component: { name: "TxCtrlr" } }] });
      assert.ok(names.length >= 5 && names.every((name) => name.startsWith("TxCtrlr.")));
    }),

    tc("TC_B_56", "GetReport: a missing EVSE stands for all", TWO, async (t) => {
      const names = await report(t, { componentVariable: [address("EVSE.AvailabilityState")] });
      assert.deepEqual(names.sort(), ["EVSE.AvailabilityState@1", "EVSE.AvailabilityState@2"]);
    }),
  ),
];
