/** OCPP 1.6, 5.8 GetConfiguration and 5.3 ChangeConfiguration (CF-01 … CF-04, MV-05, SE-03). */
import assert from "node:assert/strict";
import { readSettings } from "../../tools/page/settings.ts";
import { change, configuration, valueOf } from "./configuration16.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, powerCycle, registered } from "./steps.ts";
import { on16 } from "./steps16.ts";

const ENERGY = "Energy.Active.Import.Register";
const MEASURANDS = `${ENERGY},Power.Active.Import,Current.Import,Voltage,Power.Offered,Current.Offered`;

/** The settings of the flash that differ from their defaults, by the names of 2.0.1. */
async function settings(bench: Bench): Promise<Record<string, string | null>> {
  const chip = (await bench.station.get("/flash")).body as Buffer;
  return Object.fromEntries(
    readSettings(chip)
      .filter(({ origin, name }) => origin !== "default" && !name.startsWith("Board.Boot"))
      .map(({ name, value }) => [name, value]),
  );
}

/** Every key with its value after the first boot. */
const KEYS = [
  "AuthorizationCacheEnabled=false",
  "AuthorizeRemoteTxRequests=false",
  "LocalAuthorizeOffline=true",
  "LocalPreAuthorize=false",
  "AllowOfflineTxForUnknownId=false",
  "GetConfigurationMaxKeys:80",
  "LocalAuthListEnabled=true",
  "LocalAuthListMaxLength:40",
  "SendLocalListMaxLength:40",
  "HeartbeatInterval=300",
  "MessageTimeout:30",
  "TransactionMessageAttempts=3",
  "TransactionMessageRetryInterval=60",
  "ResetRetries=0",
  "UnlockConnectorOnEVSideDisconnect=true",
  "WebSocketPingInterval=60",
  "ClockAlignedDataInterval=0",
  "MeterValuesAlignedData=",
  "StopTxnAlignedData=",
  "ReserveConnectorZeroSupported:false",
  `MeterValuesSampledData=${ENERGY},Power.Active.Import,Current.Import`,
  "MeterValueSampleInterval=60",
  `StopTxnSampledData=${ENERGY}`,
  "AuthorizationKey=(none)",
  "SecurityProfile:0",
  "MaxChargingProfilesInstalled:16",
  "ChargingScheduleMaxPeriods:24",
  "ChargeProfileMaxStackLevel:9",
  "ChargingScheduleAllowedChargingRateUnit:Current,Power",
  "ConnectionTimeOut=60",
  "MaxEnergyOnInvalidId=0",
  "StopTransactionOnEVSideDisconnect=true",
  "StopTransactionOnInvalidId=true",
  "NumberOfConnectors:2",
  "SupportedFeatureProfiles:Core,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
  "StopTransactionMaxMeterValues:16",
  "MinimumStatusDuration=0",
  "ConnectorPhaseRotation=0.Unknown,1.Unknown",
  "ConnectorSwitch3to1PhaseSupported:false",
];

/** A new value for each key that can be changed, and the variable that has it then. */
const CHANGES: readonly [key: string, value: string, variable: string, kept?: string][] = [
  ["AllowOfflineTxForUnknownId", "true", "AuthCtrlr.OfflineTxForUnknownIdEnabled"],
  ["AuthorizationCacheEnabled", "true", "AuthCacheCtrlr.Enabled"],
  ["AuthorizeRemoteTxRequests", "true", "AuthCtrlr.AuthorizeRemoteStart"],
  ["ClockAlignedDataInterval", "900", "AlignedDataCtrlr.Interval"],
  ["ConnectionTimeOut", "90", "TxCtrlr.EVConnectionTimeOut"],
  ["ConnectorPhaseRotation", "0.RST, 1.NotApplicable,2.TSR", "Board.PhaseRotation", "0.RST,1.NotApplicable,2.TSR"],
  ["HeartbeatInterval", "86400", "OCPPCommCtrlr.HeartbeatInterval"],
  ["LocalAuthorizeOffline", "false", "AuthCtrlr.LocalAuthorizeOffline"],
  ["LocalPreAuthorize", "true", "AuthCtrlr.LocalPreAuthorize"],
  ["MaxEnergyOnInvalidId", "250", "TxCtrlr.MaxEnergyOnInvalidId"],
  ["MeterValuesAlignedData", `${ENERGY},Voltage`, "AlignedDataCtrlr.Measurands"],
  ["MeterValuesSampledData", MEASURANDS, "SampledDataCtrlr.TxUpdatedMeasurands"],
  ["MeterValueSampleInterval", "15", "SampledDataCtrlr.TxUpdatedInterval"],
  ["MinimumStatusDuration", "3", "Board.StatusDuration"],
  ["ResetRetries", "2", "OCPPCommCtrlr.ResetRetries"],
  ["StopTransactionOnEVSideDisconnect", "false", "TxCtrlr.StopTxOnEVSideDisconnect"],
  ["StopTransactionOnInvalidId", "false", "TxCtrlr.StopTxOnInvalidId"],
  ["StopTxnAlignedData", ENERGY, "AlignedDataCtrlr.TxEndedMeasurands"],
  ["StopTxnSampledData", `${ENERGY},Current.Import`, "SampledDataCtrlr.TxEndedMeasurands"],
  ["TransactionMessageAttempts", "5", "OCPPCommCtrlr.MessageAttempts[TransactionEvent]"],
  ["TransactionMessageRetryInterval", "10", "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]"],
  ["UnlockConnectorOnEVSideDisconnect", "false", "OCPPCommCtrlr.UnlockOnEVSideDisconnect"],
  ["WebSocketPingInterval", "0", "OCPPCommCtrlr.WebSocketPingInterval"],
  ["LocalAuthListEnabled", "false", "LocalAuthListCtrlr.Enabled"],
];

describe("1.6: GetConfiguration", () => {
  scenario(
    "CF-02, CF-03, TC_019: all keys, without a key or with an empty list",
    on16({ station: { evses: 2, fixedCable: false } }),
    async (bench) => {
      await registered(bench);
      for (const payload of [{}, { key: [] }]) {
        const answer = await call(bench, "GetConfiguration", payload);
        assert.ok(!("unknownKey" in answer));
      }
      assert.deepEqual((await configuration(bench)).known.sort(), [...KEYS].sort());
    },
  );

  scenario("CF-02: named keys in any case, their text echoed; the others in unknownKey", on16(), async (bench) => {
    await registered(bench);
    assert.deepEqual(
      await configuration(bench, "heartbeatINTERVAL", "Testing", "MessageTimeout", "", '\u00e4\\"[', "Heartbeat"),
      {
        known: ["heartbeatINTERVAL=300", "MessageTimeout:30"],
        unknown: ["Testing", "", '\u00e4\\"[', "Heartbeat"],
      },
    );
    assert.deepEqual(await configuration(bench, "Testing"), { known: [], unknown: ["Testing"] });
    assert.deepEqual(await configuration(bench, "ResetRetries", "ResetRetries"), {
      known: ["ResetRetries=0", "ResetRetries=0"],
      unknown: undefined,
    });
  });

  scenario(
    "CF-02: as many keys as GetConfigurationMaxKeys says",
    on16({ station: { evses: 2, fixedCable: false } }),
    async (bench) => {
      await registered(bench);
      const names = KEYS.map((text) => text.slice(0, text.search(/[=:]/)));
      const others = Array.from({ length: 80 - names.length }, (_, k) => `VendorKeyOfSomebodyElse${k}`);
      const answer = await configuration(bench, ...names.flatMap((name, k) => [name, others[k]]), ...others.slice(names.length));
      assert.deepEqual(answer, { known: KEYS, unknown: others });
    },
  );
});

describe("1.6: ChangeConfiguration", () => {
  scenario(
    "CF-01, TC_021: every key that can be changed: read back, kept in the variable it is a name for, over a power failure",
    on16({ station: { evses: 2, fixedCable: false } }),
    async (bench) => {
      await registered(bench);
      for (const [key, value, , kept] of CHANGES) {
        assert.equal(await change(bench, key, value), "Accepted", key);
        assert.equal(await valueOf(bench, key), kept ?? value);
      }
      const expected = Object.fromEntries(CHANGES.map(([, value, variable, kept]) => [variable, kept ?? value]));
      const found = await settings(bench);
      for (const [variable, value] of Object.entries(expected)) assert.equal(found[variable], value, variable);
      await powerCycle(bench);
      await registered(bench);
      // The CSMS has told another one in BootNotification (BT-04).
      for (const [key, value, , kept] of CHANGES)
        if (key !== "HeartbeatInterval") assert.equal(await valueOf(bench, key), kept ?? value);
      const changed = new Set(CHANGES.map(([key]) => key));
      const left = KEYS.filter((text) => text.includes("=") && !changed.has(text.slice(0, text.indexOf("="))));
      assert.deepEqual(left, ["AuthorizationKey=(none)"], "keys that can be changed and were not");
    },
  );

  scenario("CF-01, TC_040_1, TC_040_2: unknown, read-only, wrong format, out of range", on16(), async (bench) => {
    await registered(bench);
    const refused: [key: string, value: string, status?: string][] = [
      ["Testing", "1", "NotSupported"],
      ["", "1", "NotSupported"],
      ["BlinkRepeat", "1", "NotSupported"],
      ["SupportedFileTransferProtocols", "HTTP", "NotSupported"],
      ["NumberOfConnectors", "1"],
      ["SupportedFeatureProfiles", "Core"],
      ["GetConfigurationMaxKeys", "80"],
      ["MessageTimeout", "20"],
      ["SecurityProfile", "1"],
      ["LocalAuthListMaxLength", "40"],
      ["ChargingScheduleAllowedChargingRateUnit", "Current"],
      ["MeterValueSampleInterval", "-1"],
      ["WebSocketPingInterval", "-1"],
      ["HeartbeatInterval", "0"],
      ["HeartbeatInterval", "1.5"],
      ["HeartbeatInterval", "abc"],
      ["HeartbeatInterval", ""],
      ["HeartbeatInterval", "99999999999"],
      ["LocalPreAuthorize", "yes"],
      ["LocalPreAuthorize", "1"],
      ["LocalPreAuthorize", ""],
      ["ConnectorPhaseRotation", ""],
      ["ConnectorPhaseRotation", "1"],
      ["ConnectorPhaseRotation", "1.XYZ"],
      ["ConnectorPhaseRotation", "1.RST,"],
      ["ConnectorPhaseRotation", "2.RST"],
      ["ConnectorPhaseRotation", "1RST"],
      ["ConnectorPhaseRotation", "-1.RST"],
    ];
    const before = await configuration(bench);
    for (const [key, value, status = "Rejected"] of refused)
      assert.equal(await change(bench, key, value), status, `${key} = ${value}`);
    assert.deepEqual(await configuration(bench), before);
  });

  scenario("CF-04: booleans in any case, whole numbers, lists with blanks; a key in any case", on16(), async (bench) => {
    await registered(bench);
    const accepted: [key: string, value: string, read: string][] = [
      ["LocalPreAuthorize", "TRUE", "true"],
      ["localpreauthorize", "False", "false"],
      ["ConnectionTimeOut", "007", "7"],
      ["MeterValuesSampledData", `${ENERGY}, Voltage`, `${ENERGY},Voltage`],
    ];
    for (const [key, value, read] of accepted) {
      assert.equal(await change(bench, key, value), "Accepted", `${key} = ${value}`);
      assert.equal(await valueOf(bench, key), read);
    }
  });

  scenario(
    "MV-05: a list of measurands with one that is not there, misspelt or twice is refused as a whole",
    on16(),
    async (bench) => {
      await registered(bench);
      for (const key of ["MeterValuesAlignedData", "MeterValuesSampledData", "StopTxnAlignedData", "StopTxnSampledData"]) {
        assert.equal(await change(bench, key, ENERGY), "Accepted");
        for (const value of [`${ENERGY},Temperature`, `${ENERGY},Voltag`, `${ENERGY},${ENERGY}`, `${ENERGY},`, "voltage", "x"])
          assert.equal(await change(bench, key, value), "Rejected", `${key} = ${value}`);
        assert.equal(await valueOf(bench, key), ENERGY);
      }
    },
  );

  scenario(
    "a fixed cable has no lock to open: UnlockConnectorOnEVSideDisconnect is false and read-only",
    on16({ station: { fixedCable: true } }),
    async (bench) => {
      await registered(bench);
      assert.deepEqual((await configuration(bench, "UnlockConnectorOnEVSideDisconnect")).known, [
        "UnlockConnectorOnEVSideDisconnect:false",
      ]);
      assert.equal(await change(bench, "UnlockConnectorOnEVSideDisconnect", "true"), "Rejected");
    },
  );
});
