/** OCPP 2.0.1 Part 2, J01: clock-aligned meter values. */
import assert from "node:assert/strict";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { type Told } from "../lines.ts";
import { type Rig } from "../rig.ts";
import { charging, measurands, setTo, stopped, valuesOf } from "./moves.ts";

const REGISTER = "Energy.Active.Import.Register";
const INTERVAL = 30;
const ALIGNED = (more: Record<string, string> = {}, evses = 1): CaseOptions => ({
  evses,
  set: {
    "AlignedDataCtrlr.Interval": String(INTERVAL),
    "AlignedDataCtrlr.Measurands": `${REGISTER},Voltage`,
    "AlignedDataCtrlr.TxEndedInterval": "0",
    ...more,
  },
});

const times = (told: Told[]): number[] => told.map((one) => Date.parse(valuesOf(one)[0].timestamp));

/** At the whole multiples of the interval of the day, one after the other. */
function assertAligned(list: number[]): void {
  for (const time of list) assert.equal(time % (INTERVAL * 1000), 0, `${new Date(time).toISOString()} is not aligned`);
  list.slice(1).forEach((time, i) => assert.equal(time - list[i], INTERVAL * 1000));
}

/** A transaction that begins behind a point of the grid, so that no aligned value falls amid its begin. */
async function chargingBehind(t: Rig): Promise<string> {
  await t.pass(INTERVAL + 1 - (Math.floor(t.station.now() / 1000) % INTERVAL));
  return charging(t);
}

/** A case that ends its aligned values. */
const aligned: typeof tc = (id, title, options, body) =>
  tc(id, title, options, async (t) => {
    await body(t);
    await setTo(t, "AlignedDataCtrlr.Interval", "0");
  });

export const ALIGNED_VALUES: Case[] = [
  aligned(
    "TC_J_01",
    "Clock-aligned values of each EVSE: Sample.Clock, the measurands of the list, exactly the interval apart",
    ALIGNED({}, 2),
    async (t) => {
      const told = await t.pass(3 * INTERVAL + 2);
      assert.ok(
        told.every(({ line }) => /^MeterValues [12] Sample\.Clock$/.test(line)),
        told.map(({ line }) => line).join(" / "),
      );
      for (const evse of [1, 2]) {
        const mine = told.filter(({ payload }) => payload.evseId === evse);
        assert.ok(mine.length >= 3);
        assertAligned(times(mine));
        for (const one of mine) assert.deepEqual(measurands(one, "Sample.Clock"), [REGISTER, "Voltage"]);
      }
    },
  ),

  aligned(
    "TC_J_02",
    "Clock-aligned values in a transaction: MeterValues or an Updated by MeterValueClock, not both",
    ALIGNED(),
    async (t) => {
      await chargingBehind(t);
      const told = await t.pass(3 * INTERVAL + 2);
      const lines = [...new Set(told.map(({ line }) => line))];
      assert.equal(lines.length, 1, lines.join(" / "));
      assert.match(lines[0], /^(MeterValues 1|Updated MeterValueClock (Charging )?)\s?Sample\.Clock$/);
      assertAligned(times(told));
      await stopped(t);
    },
  ),

  aligned(
    "TC_J_03",
    "TxEndedInterval of the aligned values: collected, all in Ended",
    ALIGNED({
      "AlignedDataCtrlr.Measurands": "",
      "AlignedDataCtrlr.TxEndedInterval": String(INTERVAL),
      "AlignedDataCtrlr.TxEndedMeasurands": REGISTER,
    }),
    async (t) => {
      await chargingBehind(t);
      await t.silence(3 * INTERVAL + 2);
      await t.tap();
      const [ended] = await t.expect("Ended StopAuthorized EVConnected [Local] token=04A1B2C3 *");
      const clock = valuesOf(ended).filter(({ context }) => context === "Sample.Clock");
      assert.ok(clock.length >= 3);
      assertAligned(clock.map(({ timestamp }) => Date.parse(timestamp)));
      assert.deepEqual(measurands(ended, "Sample.Clock"), [REGISTER]);
    },
  ),

  aligned(
    "TC_J_06",
    "SendDuringIdle: none while a transaction runs",
    ALIGNED({ "AlignedDataCtrlr.SendDuringIdle": "true" }),
    async (t) => {
      await chargingBehind(t);
      await t.silence(2 * INTERVAL);
      await stopped(t);
      const told = await t.pass(INTERVAL + 2);
      assert.ok(told.length >= 1 && told.every(({ line }) => line === "MeterValues 1 Sample.Clock"));
    },
  ),

  aligned("J-02", "Interval 0 or no measurands: none", ALIGNED(), async (t) => {
    await setTo(t, "AlignedDataCtrlr.Measurands", "");
    await t.silence(2 * INTERVAL);
    await setTo(t, "AlignedDataCtrlr.Measurands", "Voltage");
    await setTo(t, "AlignedDataCtrlr.Interval", "0");
    await t.silence(2 * INTERVAL);
    await setTo(t, "AlignedDataCtrlr.Interval", String(INTERVAL));
    const told = await t.pass(INTERVAL + 1);
    assert.deepEqual(measurands(told[0], "Sample.Clock"), ["Voltage"]);
  }),

  aligned("J-03", "One EVSE in a transaction, one idle: each tells its values once at each time", ALIGNED({}, 2), async (t) => {
    await chargingBehind(t);
    const told = await t.pass(2 * INTERVAL + 2);
    const byTime = new Map<string, string[]>();
    for (const one of told) {
      const [{ timestamp }] = valuesOf(one);
      byTime.set(timestamp, [...(byTime.get(timestamp) ?? []), one.line]);
    }
    assert.ok(byTime.size >= 2);
    for (const lines of byTime.values()) {
      assert.equal(lines.length, 2, lines.join(" / "));
      assert.ok(lines.includes("MeterValues 2 Sample.Clock"), lines.join(" / "));
    }
  }),
];
