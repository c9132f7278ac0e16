/** OCPP 2.0.1 Part 2, F06: TriggerMessage. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { call, calls, charging, mark, OTHER_CARD, registered, setTo, told } from "./steps.ts";

const TWO = { station: { evses: 2 } };

/** Status of the answer and the CALLs that came after it. */
async function trigger(bench: Bench, requestedMessage: string, more: Payload = {}): Promise<unknown[]> {
  const since = mark(bench);
  const { status } = await call(bench, "TriggerMessage", { requestedMessage, ...more });
  await bench.settled();
  const out = bench.station.frames(since).filter(({ dir }) => dir === "out");
  assert.match(out[0].text, /^\[3,/, "the answer comes first");
  return [status, ...told(bench, since)];
}

const evse = (id: number, connectorId?: number): Payload => ({
  evse: { id, ...(connectorId === undefined ? {} : { connectorId }) },
});

describe("F06: TriggerMessage", () => {
  for (const [ids, message] of [
    ["TC_F_15, TC_F_16", "LogStatusNotification"],
    ["TC_F_17, TC_F_18, TC_F_19", "FirmwareStatusNotification"],
  ]) {
    scenario(`F-07, ${ids}: ${message}: Idle without requestId, whatever the EVSE`, {}, async (bench) => {
      await registered(bench);
      assert.deepEqual(await trigger(bench, message), ["Accepted", message]);
      assert.deepEqual(await trigger(bench, message, evse(9)), ["Accepted", message]);
      assert.deepEqual(calls(bench, 0, message)[0].payload, { status: "Idle" });
    });
  }

  scenario("F-07: both at once: each is sent, once", {}, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await Promise.all(
      ["FirmwareStatusNotification", "LogStatusNotification", "Heartbeat"].map((requestedMessage) =>
        call(bench, "TriggerMessage", { requestedMessage }),
      ),
    );
    await bench.settled();
    assert.deepEqual(told(bench, since).sort(), ["FirmwareStatusNotification", "Heartbeat", "LogStatusNotification"]);
  });

  scenario("F-07, TC_F_20: Heartbeat, with an EVSE that does not matter", {}, async (bench) => {
    await registered(bench);
    assert.deepEqual(await trigger(bench, "Heartbeat"), ["Accepted", "Heartbeat"]);
    assert.deepEqual(await trigger(bench, "Heartbeat", evse(99)), ["Accepted", "Heartbeat"]);
  });

  scenario("F-07, TC_F_23, TC_F_24: StatusNotification of a connector; unknown: Rejected", TWO, async (bench) => {
    await registered(bench);
    assert.deepEqual(await trigger(bench, "StatusNotification", evse(2, 1)), ["Accepted", "StatusNotification 2 Available"]);
    for (const more of [evse(3, 1), evse(0, 1), evse(1, 2)]) {
      assert.deepEqual(await trigger(bench, "StatusNotification", more), ["Rejected"]);
    }
  });

  scenario("F-07, TC_F_13, TC_F_14: TransactionEvent: of one EVSE, of all", TWO, async (bench) => {
    await registered(bench);
    assert.deepEqual(await trigger(bench, "TransactionEvent"), ["Rejected"]);
    await charging(bench, 1);
    assert.deepEqual(await trigger(bench, "TransactionEvent", evse(2)), ["Rejected"], "none runs there");
    await charging(bench, 2, OTHER_CARD);
    assert.deepEqual(await trigger(bench, "TransactionEvent", evse(2)), ["Accepted", "#2 Updated 2 Trigger Charging Trigger"]);
    assert.deepEqual(await trigger(bench, "TransactionEvent"), [
      "Accepted",
      "Updated 2 Trigger Charging Trigger",
      "#2 Updated 3 Trigger Charging Trigger",
    ]);
    assert.deepEqual(await trigger(bench, "TransactionEvent", evse(3)), ["Rejected"]);
    const [{ sampledValue }] = calls(bench).at(-1)!.payload.meterValue as { sampledValue: Payload[] }[];
    assert.deepEqual(
      sampledValue.map(({ measurand }) => measurand),
      ["Energy.Active.Import.Register", "Power.Active.Import", "Current.Import"],
    );
  });

  scenario("F-07, TC_F_11, TC_F_12: MeterValues: of one EVSE, of all; without measurands: Rejected", TWO, async (bench) => {
    await registered(bench);
    assert.deepEqual(await trigger(bench, "MeterValues"), ["Rejected"]);
    await setTo(bench, "AlignedDataCtrlr.Measurands", "Energy.Active.Import.Register,Voltage");
    await charging(bench, 1);
    const values = async (more: Payload): Promise<unknown> => {
      const since = mark(bench);
      const answer = await trigger(bench, "MeterValues", more);
      return [
        ...answer.slice(0, 1),
        ...calls(bench, since, "MeterValues").map(({ payload }) => {
          const [{ sampledValue }] = payload.meterValue as { sampledValue: Payload[] }[];
          return [payload.evseId, ...sampledValue.map(({ context, measurand }) => `${String(context)} ${String(measurand)}`)];
        }),
      ];
    };
    const all = ["Trigger Energy.Active.Import.Register", "Trigger Voltage"];
    assert.deepEqual(await values(evse(2)), ["Accepted", [2, ...all]]);
    assert.deepEqual(await values({}), ["Accepted", [1, ...all], [2, ...all]]);
    assert.deepEqual(await values(evse(3)), ["Rejected"]);
  });

  scenario("F-07, TC_F_26: BootNotification after Accepted: Rejected", {}, async (bench) => {
    await registered(bench);
    assert.deepEqual(await trigger(bench, "BootNotification"), ["Rejected"]);
  });

  scenario("F-07, TC_F_27: what is not there: NotImplemented", {}, async (bench) => {
    await registered(bench);
    for (const message of [
      "SignCombinedCertificate",
      "SignV2GCertificate",
      "SignChargingStationCertificate",
      "PublishFirmwareStatusNotification",
    ]) {
      assert.deepEqual(await trigger(bench, message), ["NotImplemented"]);
    }
  });
});
