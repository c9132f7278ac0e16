/**
 * OCPP 1.6, 9: keys that have an effect of their own, or another one than the variable that they are a name for; the effect of the others is that of the
 * variable, which has its test among those of 2.0.1.
 */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { change, valueOf } from "./configuration16.ts";
import { scenario, type Bench } from "./harness.ts";
import { calls, car, CARD, charging, gaps, ID, mark, pace, registered } from "./steps.ts";
import { on16 } from "./steps16.ts";

const ENERGY = "Energy.Active.Import.Register";

async function setTo(bench: Bench, values: Record<string, string>): Promise<void> {
  for (const [key, value] of Object.entries(values))
    assert.equal(await change(bench, key, value), "Accepted", `${key} = ${value}`);
}

interface MeterValue {
  timestamp: string;
  sampledValue: Payload[];
}

/** `context measurand,…` of each. */
function summary(values: unknown): string[] {
  return ((values ?? []) as MeterValue[]).map(
    ({ sampledValue }) =>
      `${String(sampledValue[0].context ?? "Sample.Periodic")} ${sampledValue.map(({ measurand }) => measurand ?? ENERGY).join()}`,
  );
}

/** transactionData of the last StopTransaction. */
function stopped(bench: Bench): MeterValue[] | undefined {
  return calls(bench, 0, "StopTransaction").at(-1)!.payload.transactionData as MeterValue[] | undefined;
}

/** The card ends the transaction. */
async function stop(bench: Bench): Promise<void> {
  await bench.post("/tap", CARD);
  await bench.settled();
}

describe("1.6: effects of the keys", () => {
  scenario("HeartbeatInterval: at once (BT-07)", on16(), async (bench) => {
    await registered(bench);
    await pace(bench, 10);
    const since = mark(bench);
    await setTo(bench, { HeartbeatInterval: "15" });
    await pace(bench, 46);
    await bench.quiet();
    assert.deepEqual(gaps(calls(bench, since, "Heartbeat")), [15, 15]);
  });

  scenario("WebSocketPingInterval: pings at that interval, none with 0 (R-07)", on16(), async (bench) => {
    await registered(bench);
    const pings = (): number => bench.csms.stations.get(ID)!.pings;
    await setTo(bench, { WebSocketPingInterval: "10" });
    await pace(bench, 35);
    await bench.until("three pings", () => pings() === 3);
    await setTo(bench, { WebSocketPingInterval: "0" });
    const before = pings();
    await pace(bench, 30);
    await bench.quiet();
    assert.equal(pings(), before);
  });

  scenario(
    "MeterValueSampleInterval, MeterValuesSampledData: in the running transaction; an empty list is the register; 0: none (MV-01, MV-03)",
    on16(),
    async (bench) => {
      await registered(bench);
      await charging(bench);
      const values = async (seconds: number): Promise<string[]> => {
        const since = mark(bench);
        await pace(bench, seconds);
        await bench.settled();
        return calls(bench, since, "MeterValues").flatMap(({ payload }) => summary(payload.meterValue));
      };
      await setTo(bench, { MeterValueSampleInterval: "10", MeterValuesSampledData: `${ENERGY},Voltage` });
      assert.deepEqual(await values(25), Array<string>(2).fill(`Sample.Periodic ${ENERGY},Voltage`));
      await setTo(bench, { MeterValueSampleInterval: "5", MeterValuesSampledData: "" });
      assert.deepEqual(await values(12), Array<string>(2).fill(`Sample.Periodic ${ENERGY}`));
      await setTo(bench, { MeterValueSampleInterval: "0" });
      assert.deepEqual(await values(30), []);
    },
  );

  scenario(
    "StopTxnSampledData: begin, a sample each MeterValueSampleInterval, end; with both lists empty no transactionData (MV-03, MV-04)",
    on16(),
    async (bench) => {
      await registered(bench);
      await setTo(bench, { MeterValueSampleInterval: "10", StopTxnSampledData: `${ENERGY},Current.Import` });
      await charging(bench);
      await pace(bench, 35);
      await stop(bench);
      const list = `${ENERGY},Current.Import`;
      assert.deepEqual(summary(stopped(bench)), [
        `Transaction.Begin ${list}`,
        ...Array<string>(3).fill(`Sample.Periodic ${list}`),
        `Transaction.End ${list}`,
      ]);
      // Changed in the running transaction.
      await bench.post("/evse/1/unplug");
      await car(bench);
      await bench.post("/tap", CARD);
      await bench.settled();
      await setTo(bench, { MeterValueSampleInterval: "4" });
      await pace(bench, 9);
      await stop(bench);
      assert.equal(stopped(bench)!.length, 4);
      await setTo(bench, { StopTxnSampledData: "" });
      await bench.post("/evse/1/unplug");
      await charging(bench);
      await pace(bench, 12);
      await stop(bench);
      assert.equal(stopped(bench), undefined);
    },
  );

  scenario(
    "ClockAlignedDataInterval, StopTxnAlignedData: on the grid in MeterValues and in transactionData (MV-02, MV-04)",
    on16(),
    async (bench) => {
      await registered(bench);
      await setTo(bench, {
        MeterValueSampleInterval: "0",
        ClockAlignedDataInterval: "30",
        StopTxnAlignedData: ENERGY,
        StopTxnSampledData: "",
      });
      await charging(bench);
      const since = mark(bench);
      await pace(bench, 90);
      await bench.quiet();
      const sent = calls(bench, since, "MeterValues").flatMap(({ payload }) => payload.meterValue as MeterValue[]);
      await stop(bench);
      assert.deepEqual(summary(sent), Array<string>(3).fill(`Sample.Clock ${ENERGY}`), "an empty list is the register");
      assert.deepEqual(summary(stopped(bench)), Array<string>(3).fill(`Sample.Clock ${ENERGY}`));
      const onGrid = ({ timestamp }: MeterValue): void => assert.equal(Date.parse(timestamp) % 30_000, 0, timestamp);
      sent.forEach(onGrid);
      stopped(bench)!.forEach(onGrid);
    },
  );

  scenario(
    "StopTransactionMaxMeterValues: never more; begin and end stay, every second one between goes (MV-04)",
    on16(),
    async (bench) => {
      await registered(bench);
      const most = Number(await valueOf(bench, "StopTransactionMaxMeterValues"));
      await setTo(bench, { MeterValueSampleInterval: "2" });
      for (const samples of [most - 2, most - 1, 40]) {
        await charging(bench);
        await pace(bench, samples * 2 + 1);
        await stop(bench);
        await bench.post("/evse/1/unplug");
        await bench.settled();
        const contexts = stopped(bench)!.map(({ sampledValue }) => sampledValue[0].context);
        assert.ok(contexts.length <= most && contexts.length >= most / 2, `${contexts.length} of ${samples} samples`);
        assert.deepEqual([contexts[0], contexts.at(-1)], ["Transaction.Begin", "Transaction.End"]);
        if (samples === most - 2) assert.equal(contexts.length, most);
      }
    },
  );

  scenario(
    "NumberOfConnectors: a StatusNotification for each, and for 0 (BT-01)",
    on16({ station: { evses: 3 } }),
    async (bench) => {
      await registered(bench);
      assert.equal(await valueOf(bench, "NumberOfConnectors"), "3");
      assert.deepEqual(
        calls(bench, 0, "StatusNotification").map(({ payload }) => payload.connectorId),
        [0, 1, 2, 3],
      );
    },
  );
});
