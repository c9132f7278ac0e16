/** OCPP 1.6: AuthorizationKey (SE-03, CF-03); keys of 1.6 and variables of 2.0.1 as `--set` takes them under either protocol. */
import assert from "node:assert/strict";
import { change, configuration, valueOf } from "./configuration16.ts";
import { scenario } from "./harness.ts";
import { get, ID, paceUntil, QUICK_RETRY, registered, written } from "./steps.ts";
import { on16 } from "./steps16.ts";

const ENERGY = "Energy.Active.Import.Register";

describe("1.6: AuthorizationKey", () => {
  const KEY = "4F43415F4F4354545F61646D696E5F74657374";
  const PASSWORD = "OCA_OCTT_admin_test";

  scenario(
    "SE-03, CF-03, TC_073: the bytes of the password in hexadecimal digits; connects anew with it; never told",
    on16({ station: { password: "0123456789abcdef", set: QUICK_RETRY } }),
    async (bench) => {
      await registered(bench);
      assert.equal(await valueOf(bench, "SecurityProfile"), "1");
      const refused = ["", "4F", "4F43415F4F4354545F61646D696E5F7465737", PASSWORD, `${KEY}zz`, KEY + KEY, `${KEY}4`];
      for (const value of refused) assert.equal(await change(bench, "AuthorizationKey", value), "Rejected", value);
      const boots = (): number => bench.sent("BootNotification").length;
      const [connects, booted] = [bench.csms.stations.get(ID)!.connects, boots()];
      for (const [hex, bytes] of [
        [KEY, PASSWORD],
        [KEY.toLowerCase().replace("4f", "00"), `\0${PASSWORD.slice(1)}`],
        ["00FF".repeat(8), "\x00\xff".repeat(8)],
        ["0123456789abcdef".repeat(2) + "3b3a0d0a", "\x01#Eg\x89\xab\xcd\xef".repeat(2) + ";:\r\n"],
      ]) {
        const attempts = bench.csms.attempts.length;
        assert.equal(await change(bench, "AuthorizationKey", hex), "Accepted", hex);
        await paceUntil(bench, "a new connection", () => bench.csms.attempts.length > attempts);
        await registered(bench);
        const [scheme, credentials] = bench.csms.attempts.at(-1)!.authorization!.split(" ");
        assert.equal(scheme, "Basic");
        assert.equal(Buffer.from(credentials, "base64").toString("latin1"), `${ID}:${bytes}`);
      }
      assert.equal(bench.csms.stations.get(ID)!.connects, connects + 4);
      assert.equal(boots(), booted, "BootNotification only after a boot (R-07)");
      const { known } = await configuration(bench);
      assert.ok(known.includes("AuthorizationKey=(none)"));
      assert.ok(!written(bench).includes(PASSWORD) && !written(bench).toUpperCase().includes(KEY));
    },
  );
});

describe("--set", () => {
  const either = {
    heartbeatinterval: "77",
    "TxCtrlr.EVConnectionTimeOut": "88",
    MeterValuesAlignedData: `${ENERGY}, Voltage`,
    LocalAuthListMaxLength: "5",
    SupportedFeatureProfiles: "Core",
  };

  scenario(
    "takes names of 2.0.1 and keys of 1.6: under 1.6",
    on16({ station: { set: either }, csms: { interval: 77 } }),
    async (bench) => {
      await registered(bench);
      assert.deepEqual(
        (
          await configuration(
            bench,
            "HeartbeatInterval",
            "ConnectionTimeOut",
            "MeterValuesAlignedData",
            "LocalAuthListMaxLength",
            "SupportedFeatureProfiles",
          )
        ).known,
        [
          "HeartbeatInterval=77",
          "ConnectionTimeOut=88",
          `MeterValuesAlignedData=${ENERGY},Voltage`,
          "LocalAuthListMaxLength:5",
          "SupportedFeatureProfiles:Core",
        ],
      );
    },
  );

  scenario("takes names of 2.0.1 and keys of 1.6: under 2.0.1", { station: { set: either } }, async (bench) => {
    await registered(bench);
    const names = ["OCPPCommCtrlr.HeartbeatInterval", "TxCtrlr.EVConnectionTimeOut", "AlignedDataCtrlr.Measurands"];
    // BootNotification has told another interval (B-03).
    assert.deepEqual(await get(bench, ...names), ["Accepted 300", "Accepted 88", `Accepted ${ENERGY},Voltage`]);
  });
});
