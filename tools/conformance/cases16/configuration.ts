/** OCPP 1.6, 5.3, 5.8, 9: configuration keys (CF). */
import assert from "node:assert/strict";
import type { Payload } from "../../csms/csms.ts";
import { tc, type Case } from "../case.ts";
import { type Rig } from "../rig.ts";
import { get, set, setTo, value } from "./moves.ts";

/** Required ones of our profiles, with the access that the specification gives them. */
const REQUIRED: Record<string, "R" | "RW" | "R/RW"> = {
  AuthorizeRemoteTxRequests: "R/RW",
  ClockAlignedDataInterval: "RW",
  ConnectionTimeOut: "RW",
  ConnectorPhaseRotation: "RW",
  GetConfigurationMaxKeys: "R",
  HeartbeatInterval: "RW",
  LocalAuthorizeOffline: "RW",
  LocalPreAuthorize: "RW",
  MeterValuesAlignedData: "RW",
  MeterValuesSampledData: "RW",
  MeterValueSampleInterval: "RW",
  NumberOfConnectors: "R",
  ResetRetries: "RW",
  StopTransactionOnEVSideDisconnect: "R/RW",
  StopTransactionOnInvalidId: "RW",
  StopTxnAlignedData: "RW",
  StopTxnSampledData: "RW",
  SupportedFeatureProfiles: "R",
  TransactionMessageAttempts: "RW",
  TransactionMessageRetryInterval: "RW",
  UnlockConnectorOnEVSideDisconnect: "R/RW",
  LocalAuthListEnabled: "RW",
  LocalAuthListMaxLength: "R",
  SendLocalListMaxLength: "R",
  ChargeProfileMaxStackLevel: "R",
  ChargingScheduleAllowedChargingRateUnit: "R",
  ChargingScheduleMaxPeriods: "R",
  MaxChargingProfilesInstalled: "R",
};

const BOOLEANS = [
  "AllowOfflineTxForUnknownId",
  "AuthorizationCacheEnabled",
  "LocalAuthorizeOffline",
  "LocalPreAuthorize",
  "StopTransactionOnInvalidId",
  "LocalAuthListEnabled",
];
const NUMBERS = [
  "ClockAlignedDataInterval",
  "ConnectionTimeOut",
  "MeterValueSampleInterval",
  "TransactionMessageAttempts",
  "TransactionMessageRetryInterval",
  "ResetRetries",
];

/** GetConfiguration by a name written otherwise echoes it or the table's. */
const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const setAndKept = async (t: Rig, key: string, wanted: string): Promise<void> => {
  const { status } = await set(t, key, wanted, ["Accepted", "RebootRequired"]);
  if (status === "Accepted") assert.equal(await value(t, key), wanted);
};

export const CONFIGURATION: Case[] = [
  tc("TC_019", "GetConfiguration without keys, and with an empty list: all keys with readonly and value", {}, async (t) => {
    const { known, unknown } = await get(t);
    assert.deepEqual(unknown, []);
    const keys = new Map(known.map((one) => [one.key, one]));
    assert.equal(keys.size, known.length, "each once");
    for (const [key, access] of Object.entries(REQUIRED)) {
      const one = keys.get(key);
      assert.ok(one, `${key} is missing`);
      if (access !== "R/RW") assert.equal(one.readonly, access === "R", `${key}: readonly`);
      assert.equal(typeof one.value, "string", key);
    }
    for (const { key, value: text } of known) assert.ok(key.length <= 50 && (text ?? "").length <= 500, key);
    const again = await t.call("GetConfiguration", { key: [] });
    assert.deepEqual(
      (again.configurationKey as Payload[]).map(({ key }) => key),
      known.map(({ key }) => key),
    );
    assert.ok(!("unknownKey" in again), "unknownKey is left out");
    assert.equal(keys.get("NumberOfConnectors")!.value, "1");
    const profiles = keys.get("SupportedFeatureProfiles")!.value!.split(",");
    for (const name of ["Core", "LocalAuthListManagement", "Reservation", "SmartCharging", "RemoteTrigger"]) {
      assert.ok(profiles.includes(name), name);
    }
  }),

  tc("TC_019", "GetConfiguration of one key, of several, of one that is unknown", {}, async (t) => {
    assert.deepEqual(await t.call("GetConfiguration", { key: ["ConnectionTimeOut"] }), {
      configurationKey: [{ key: "ConnectionTimeOut", readonly: false, value: "60" }],
    });
    const { known, unknown } = await get(t, "NumberOfConnectors", "Testing", "connectiontimeout", "Nothing");
    assert.equal(known.length, 2);
    assert.ok(same(known[0].key, "NumberOfConnectors") && same(known[1].key, "ConnectionTimeOut"));
    assert.deepEqual(unknown, ["Testing", "Nothing"]);
  }),

  tc("CF-02", "As many keys as GetConfigurationMaxKeys says; more are refused or answered fully", {}, async (t) => {
    const most = Number(await value(t, "GetConfigurationMaxKeys"));
    assert.ok(most >= 1, "GetConfigurationMaxKeys");
    const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => (i % 2 ? "HeartbeatInterval" : "NoSuch"));
    const { known, unknown } = await get(t, ...keys(most));
    assert.equal(known.length + unknown.length, most);
    let code = "";
    try {
      await get(t, ...keys(most + 1));
    } catch (error) {
      code = /got (\w+)$/.exec(String(error))?.[1] ?? String(error);
    }
    assert.match(code, /^(|OccurenceConstraintViolation|FormationViolation)$/);
  }),

  tc("TC_021", "ChangeConfiguration: Accepted, in force at once, kept over a power loss", {}, async (t) => {
    await setTo(t, "MeterValueSampleInterval", "17");
    await setTo(t, "ConnectionTimeOut", "44");
    await t.powerCycle();
    await t.booted();
    assert.equal(await value(t, "MeterValueSampleInterval"), "17");
    assert.equal(await value(t, "ConnectionTimeOut"), "44");
  }),

  tc("TC_040_1", "ChangeConfiguration of an unknown key: NotSupported", {}, async (t) => {
    await set(t, "Testing", "x", "NotSupported");
    await set(t, "", "x", "NotSupported");
  }),

  tc("TC_040_2", "ChangeConfiguration, a value that cannot be: Rejected, the old one stays", {}, async (t) => {
    await set(t, "MeterValueSampleInterval", "-1", "Rejected");
    assert.equal(await value(t, "MeterValueSampleInterval"), "0");
  }),

  tc("CF-01", "Read-only keys: Rejected", {}, async (t) => {
    for (const [key, access] of Object.entries(REQUIRED)) {
      if (access === "R") await set(t, key, await value(t, key), "Rejected");
    }
  }),

  tc("CF-01", "The name of a key in any case", {}, async (t) => {
    await set(t, "connectionTIMEOUT", "33");
    assert.equal(await value(t, "ConnectionTimeOut"), "33");
  }),

  tc("CF-03", "AuthorizationKey: its value is never told", {}, async (t) => {
    const { known } = await get(t);
    const one = known.find(({ key }) => key === "AuthorizationKey");
    assert.ok(one === undefined || one.value === undefined, "no value in the full list");
    const asked = await get(t, "AuthorizationKey");
    assert.ok(
      asked.known.every(({ value: text }) => text === undefined),
      "no value when asked for",
    );
  }),

  tc("CF-04", "Booleans in any case, nothing else", {}, async (t) => {
    for (const key of BOOLEANS) {
      for (const word of ["true", "False", "TRUE", "false"]) {
        await set(t, key, word);
        assert.equal((await value(t, key)).toLowerCase(), word.toLowerCase(), key);
      }
      for (const bad of ["1", "", "yes", "truee", " true"]) await set(t, key, bad, "Rejected");
    }
  }),

  tc("CF-04", "Integers in decimal; an empty text is not 0", {}, async (t) => {
    t.options.tolerate = ["MeterValues"]; // of ClockAlignedDataInterval
    for (const key of NUMBERS) {
      await setAndKept(t, key, "5");
      for (const bad of ["", "-1", "1.5", "x", "5x", "99999999999", "0x10"]) await set(t, key, bad, "Rejected");
      assert.equal(await value(t, key), "5", key);
    }
  }),

  tc("CF-04", "Lists: items without blanks, a blank after the comma is tolerated", {}, async (t) => {
    const list = "Energy.Active.Import.Register,Voltage";
    await setTo(t, "MeterValuesSampledData", list);
    const { status } = await set(t, "MeterValuesSampledData", "Voltage, Current.Import", ["Accepted", "Rejected"]);
    const now = (await value(t, "MeterValuesSampledData")).replaceAll(" ", "");
    assert.equal(now, status === "Accepted" ? "Voltage,Current.Import" : list);
  }),

  tc("CF-01", "ConnectorPhaseRotation: its own form", {}, async (t) => {
    for (const good of ["0.RST,1.RST", "1.NotApplicable", "1.Unknown", "0.Unknown,1.SRT"]) {
      await setAndKept(t, "ConnectorPhaseRotation", good);
    }
    for (const bad of ["RST", "1.XYZ", "1RST"]) await set(t, "ConnectorPhaseRotation", bad, "Rejected");
  }),
];
