/** OCPP 1.6, 3.16, 7.42–7.46: meter values (MV). */
import assert from "node:assert/strict";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { anyOrder, type Told } from "../lines.ts";
import { OTHER, type Rig } from "../rig.ts";
import {
  begin,
  charging,
  end,
  linesOf,
  measurands,
  plugged,
  set,
  setTo,
  startOf,
  stopOf,
  stopped,
  TWO,
  value,
  valuesOf,
} from "./moves.ts";

const REGISTER = "Energy.Active.Import.Register";
/** Of an AC meter of register, voltage and current. */
const PLAIN = [REGISTER, "Power.Active.Import", "Power.Offered", "Current.Import", "Current.Offered", "Voltage"];
const UNITS: Record<string, string> = { Energy: "Wh", Power: "W", Current: "A", Voltage: "V" };
const INTERVAL = 30;

const times = (told: Told[]): number[] => told.map((one) => Date.parse(valuesOf(one)[0].timestamp));

const sampled = (more: Record<string, string>): CaseOptions => ({
  set: { MeterValueSampleInterval: "10", StopTxnSampledData: "", ...more },
});

/** A case that ends its aligned values. */
const aligned = (id: string, title: string, more: Record<string, string>, evses: number, body: Case["body"]): Case =>
  tc(id, title, { evses, set: { ClockAlignedDataInterval: String(INTERVAL), ...more } }, async (t) => {
    await behindGrid(t);
    await body(t);
    await setTo(t, "ClockAlignedDataInterval", "0");
  });

/** Time goes on behind a point of the grid, so that no aligned value falls amid what the case does first. */
async function behindGrid(t: Rig): Promise<void> {
  await t.pass(INTERVAL + 1 - (Math.floor(t.station.now() / 1000) % INTERVAL));
}

function assertAligned(list: number[]): void {
  for (const time of list) assert.equal(time % (INTERVAL * 1000), 0, `${new Date(time).toISOString()} is not aligned`);
  list.slice(1).forEach((time, i) => assert.equal(time - list[i], INTERVAL * 1000));
}

export const METER_VALUES: Case[] = [
  tc(
    "TC_070",
    "MeterValueSampleInterval: values of the transaction, Sample.Periodic, all measurands of the list",
    {
      set: { MeterValueSampleInterval: "10", MeterValuesSampledData: `${REGISTER},Current.Import,Voltage` },
    },
    async (t) => {
      await charging(t);
      const told = await t.pass(35);
      assert.equal(told.length, 3);
      for (const one of told) {
        assert.equal(one.line, "MeterValues 1 tx=1 Sample.Periodic");
        assert.deepEqual(measurands(one, "Sample.Periodic"), [REGISTER, "Current.Import", "Voltage"]);
      }
      times(told)
        .slice(1)
        .forEach((time, i) => assert.equal(time - times(told)[i], 10_000));
      await stopped(t);
      await t.silence(15);
    },
  ),

  tc("MV-01", "0: none; a change acts on the running transaction", sampled({}), async (t) => {
    await charging(t);
    await setTo(t, "MeterValueSampleInterval", "0");
    await t.silence(25);
    await setTo(t, "MeterValueSampleInterval", "5");
    assert.ok((await t.pass(11)).length >= 2, "values each 5 s");
    await setTo(t, "MeterValuesSampledData", "Voltage");
    const [told] = await t.pass(6);
    assert.deepEqual(measurands(told, "Sample.Periodic"), ["Voltage"]);
    await setTo(t, "MeterValueSampleInterval", "0");
  }),

  aligned(
    "TC_071",
    "ClockAlignedDataInterval: exactly on the grid, Sample.Clock, MeterValuesAlignedData, with and without a transaction",
    { MeterValuesAlignedData: `${REGISTER},Voltage` },
    1,
    async (t) => {
      const idle = (await t.pass(INTERVAL * 2 + 2)).filter(({ payload }) => payload.connectorId !== 0);
      assert.ok(idle.length >= 2, "values while idle");
      for (const { line } of idle) assert.equal(line, "MeterValues 1 Sample.Clock");
      await plugged(t);
      await t.tap();
      await t.expect("Authorize 04A1B2C3", begin());
      const busy = (await t.pass(INTERVAL * 2 + 2)).filter(({ payload }) => payload.connectorId !== 0);
      assert.ok(busy.length >= 2, "values while charging");
      for (const one of busy) {
        assert.equal(one.line, "MeterValues 1 tx=1 Sample.Clock");
        assert.deepEqual(measurands(one, "Sample.Clock"), [REGISTER, "Voltage"]);
      }
      assertAligned(times(idle));
      assertAligned(times(busy));
      await stopped(t);
    },
  ),

  aligned("MV-02", "Two connectors: each once at each time", { MeterValuesAlignedData: REGISTER }, 2, async (t) => {
    await charging(t, 2, OTHER);
    const told = await t.pass(INTERVAL * 2 + 2);
    const byTime = new Map<string, string[]>();
    for (const one of told.filter(({ payload }) => payload.connectorId !== 0)) {
      const [{ timestamp }] = valuesOf(one);
      byTime.set(timestamp, [...(byTime.get(timestamp) ?? []), one.line]);
    }
    assert.ok(byTime.size >= 2, "times");
    for (const lines of byTime.values()) {
      assert.deepEqual(lines.sort(), ["MeterValues 1 Sample.Clock", "MeterValues 2 tx=1 Sample.Clock"]);
    }
  }),

  aligned(
    "MV-08",
    "The transaction of an aligned value is the one that runs at its time, told late, too",
    {
      MeterValuesAlignedData: REGISTER,
    },
    1,
    async (t) => {
      await charging(t);
      await t.offline(2, async () => {
        await t.advance(INTERVAL);
        await t.tap();
        await t.advance(2);
      });
      const told = (await t.pass(5)).filter(({ payload }) => payload.connectorId !== 0);
      const values = told.filter(({ action }) => action === "MeterValues");
      assert.ok(
        values.every(({ line }) => line === "MeterValues 1 tx=1 Sample.Clock"),
        linesOf(values).join(" / "),
      );
      assert.ok(values.length >= 1, "an aligned value");
      const stop = stopOf(told);
      assert.ok(
        values.every(({ k }) => k < stop.k),
        "values before the Stop",
      );
    },
  ),

  tc(
    "MV-03",
    "Empty lists: the register is meant for MeterValues",
    {
      set: { MeterValueSampleInterval: "10", MeterValuesSampledData: "" },
    },
    async (t) => {
      await charging(t);
      const told = await t.pass(12);
      assert.equal(told.length, 1);
      assert.deepEqual(measurands(told[0], "Sample.Periodic"), [REGISTER]);
    },
  ),

  tc(
    "MV-03",
    "StopTxnSampledData and StopTxnAlignedData empty: no transactionData",
    {
      set: { StopTxnSampledData: "", StopTxnAlignedData: "", MeterValueSampleInterval: "0" },
    },
    async (t) => {
      await charging(t);
      await t.silence(5);
      const { payload } = await stopped(t);
      assert.ok(!("transactionData" in payload), "transactionData");
    },
  ),

  tc(
    "MV-04",
    "StopTxnSampledData: values of begin, interval and end",
    {
      set: { MeterValueSampleInterval: "10", StopTxnSampledData: `${REGISTER},Current.Import`, StopTxnAlignedData: "" },
    },
    async (t) => {
      await charging(t);
      await t.pass(25);
      await t.tap();
      const told = await t.expect(
        anyOrder("Stop tx=1 [Local] token=04A1B2C3 Transaction.Begin Sample.Periodic Transaction.End", "SN 1 Finishing"),
      );
      const stop = stopOf(told);
      for (const context of ["Transaction.Begin", "Sample.Periodic", "Transaction.End"]) {
        assert.deepEqual(measurands(stop, context), [REGISTER, "Current.Import"], context);
      }
      const list = valuesOf(stop).map(({ timestamp }) => Date.parse(timestamp));
      assert.deepEqual(
        [...list].sort((a, b) => a - b),
        list,
      );
    },
  ),

  tc(
    "MV-04",
    "StopTxnAlignedData: values of the grid in StopTransaction",
    {
      set: {
        ClockAlignedDataInterval: String(INTERVAL),
        StopTxnAlignedData: REGISTER,
        StopTxnSampledData: "",
        MeterValueSampleInterval: "0",
      },
    },
    async (t) => {
      await behindGrid(t);
      await charging(t);
      await t.pass(INTERVAL * 2 + 2);
      await t.tap();
      const stop = stopOf(await t.expect(end("[Local] token=04A1B2C3")));
      const clock = valuesOf(stop).filter(({ context }) => context === "Sample.Clock");
      assert.ok(clock.length >= 2, stop.line);
      assertAligned(clock.map(({ timestamp }) => Date.parse(timestamp)));
      await setTo(t, "ClockAlignedDataInterval", "0");
    },
  ),

  tc(
    "MV-04",
    "A long transaction: StopTransaction fits a message, begin and end are in it",
    {
      set: { MeterValueSampleInterval: "5", StopTxnSampledData: `${REGISTER},Power.Active.Import,Current.Import` },
    },
    async (t) => {
      await charging(t);
      await t.pass(600);
      await t.tap();
      const stop = stopOf(await t.expect(end("[Local] token=04A1B2C3")));
      assert.equal(valuesOf(stop)[0].context, "Transaction.Begin");
      assert.equal(valuesOf(stop).at(-1)!.context, "Transaction.End");
    },
  ),

  tc("MV-05", "A list with one measurand that is unknown or not metered: Rejected, the old list stays", {}, async (t) => {
    for (const key of ["MeterValuesSampledData", "MeterValuesAlignedData", "StopTxnSampledData", "StopTxnAlignedData"]) {
      await setTo(t, key, REGISTER);
      for (const bad of ["NoSuch", `${REGISTER},Volts`, "SoC", "Frequency", "Voltage.L9"]) await set(t, key, bad, "Rejected");
      assert.equal(await value(t, key), REGISTER, key);
    }
  }),

  tc("MV-06", "Values are texts; units are those of 1.6", sampled({ MeterValuesSampledData: PLAIN.join(",") }), async (t) => {
    await charging(t);
    const [told] = await t.pass(12);
    for (const one of valuesOf(told)) {
      assert.equal(typeof one.value, "string");
      assert.ok(/^-?\d+(\.\d+)?$/.test(one.value), one.value);
      const wanted = UNITS[one.measurand.split(".")[0]];
      assert.ok([wanted, `k${wanted}`].includes(one.unit ?? "Wh"), `${one.measurand} in ${one.unit}`);
      if (one.phase !== undefined) assert.match(one.phase, /^L1(-N)?$/);
    }
    assert.deepEqual(measurands(told, "Sample.Periodic").sort(), [...PLAIN].sort());
    await setTo(t, "MeterValueSampleInterval", "0");
  }),

  tc("MV-06", "meterStart and meterStop are the register of the values", sampled({ StopTxnSampledData: REGISTER }), async (t) => {
    await plugged(t);
    await t.tap();
    const start = startOf(await t.expect("Authorize 04A1B2C3", begin()));
    const told = await t.pass(25);
    const stop = await stopped(t);
    const registers = [...told, stop]
      .flatMap(valuesOf)
      .filter(({ measurand }) => measurand === REGISTER)
      .map(({ value: wh }) => Number(wh));
    assert.ok(
      registers.every((wh) => wh >= Number(start.payload.meterStart) && wh <= Number(stop.payload.meterStop)),
      registers.join(" "),
    );
    assert.equal(registers.at(-1), stop.payload.meterStop);
  }),

  tc("MV-07", "Trigger: context Trigger, the transaction when there is one", { ...TWO }, async (t) => {
    await charging(t, 1);
    for (const [connectorId, line] of [
      [1, "MeterValues 1 tx=1 Trigger"],
      [2, "MeterValues 2 Trigger"],
    ] as const) {
      // prettier-ignore
      await t.call("TriggerMessage", { requestedMessage: "MeterValues", connectorId }, "Accepted");
      await t.expect(line);
    }
  }),
];
