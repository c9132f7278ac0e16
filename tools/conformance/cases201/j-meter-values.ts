/** OCPP 2.0.1 Part 2, J01, J02: clock-aligned and transaction-related meter values. */
import assert from "node:assert/strict";
import { tc, type Case, type CaseOptions } from "../case.ts";
import { optional, type Told } from "../lines.ts";
import { CARD } from "../rig.ts";
import { charging, measurands, N, plugged, set, setTo, stopped, TWO, valuesOf } from "./moves.ts";

const REGISTER = "Energy.Active.Import.Register";
/** Of the AC set what a meter of register, voltage and current gives. */
const PLAIN = [REGISTER, "Power.Active.Import", "Power.Offered", "Current.Import", "Current.Offered", "Voltage"];
const UNITS: Record<string, string> = { Energy: "Wh", Power: "W", Current: "A", Voltage: "V", Frequency: "Hz" };
const SAMPLED = (more: Record<string, string>): CaseOptions => ({
  set: Object.fromEntries(Object.entries(more).map(([name, value]) => [`SampledDataCtrlr.${name}`, value])),
});

const times = (told: Told[]): number[] => told.map((one) => Date.parse(valuesOf(one)[0].timestamp));

export const METER_VALUES: Case[] = [
  tc(
    "TC_J_07",
    "Started has the values of TxStartedMeasurands: Transaction.Begin",
    SAMPLED({ TxStartedMeasurands: `${REGISTER},Voltage` }),
    async (t) => {
      await plugged(t);
      await t.tap();
      const [, started] = await t.expect(
        "Authorize 04A1B2C3",
        "Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin",
        "Updated ChargingStateChanged Charging",
      );
      assert.deepEqual(measurands(started, "Transaction.Begin"), [REGISTER, "Voltage"]);
    },
  ),

  tc(
    "TC_J_08",
    "The EVSE is not known at the start: the values come with it",
    { ...TWO, set: { "TxCtrlr.TxStartPoint": "Authorized" } },
    async (t) => {
      await t.tap();
      await t.expect("Authorize 04A1B2C3", "Started Authorized [Idle] token=04A1B2C3");
      await t.draw(true, 2);
      await t.plug(2);
      await t.expect(
        "SN 2 Occupied",
        "Updated CablePluggedIn EVConnected evse=2 Transaction.Begin",
        "Updated ChargingStateChanged Charging",
      );
    },
  ),

  tc(
    "TC_J_09",
    "TxUpdatedInterval: Updated by MeterValuePeriodic from the start on",
    SAMPLED({
      TxUpdatedInterval: "10",
      TxUpdatedMeasurands: `${REGISTER},Current.Import,Voltage`,
    }),
    async (t) => {
      await charging(t);
      const told = await t.pass(35);
      assert.equal(told.length, 3);
      for (const one of told) {
        assert.match(one.line, /^Updated MeterValuePeriodic (Charging )?Sample\.Periodic$/);
        assert.deepEqual(measurands(one, "Sample.Periodic"), [REGISTER, "Current.Import", "Voltage"]);
      }
      times(told)
        .slice(1)
        .forEach((time, i) => assert.equal(time - times(told)[i], 10_000));
    },
  ),

  tc(
    "TC_J_10",
    "Ended has the values of begin, interval and end",
    SAMPLED({ TxEndedInterval: "10", TxEndedMeasurands: `${REGISTER},Current.Import` }),
    async (t) => {
      await charging(t);
      await t.silence(25);
      await t.tap();
      const [ended] = await t.expect(
        "Ended StopAuthorized EVConnected [Local] token=04A1B2C3 Transaction.Begin Sample.Periodic Transaction.End",
      );
      for (const context of ["Transaction.Begin", "Sample.Periodic", "Transaction.End"]) {
        assert.deepEqual(measurands(ended, context), [REGISTER, "Current.Import"], context);
      }
      const periodic = valuesOf(ended).filter(
        ({ context, measurand }) => context === "Sample.Periodic" && measurand === REGISTER,
      );
      assert.equal(periodic.length, 2);
    },
  ),

  tc(
    "J-07",
    "TxEndedInterval 0: begin and end only",
    SAMPLED({ TxEndedInterval: "0", TxEndedMeasurands: REGISTER }),
    async (t) => {
      await charging(t);
      await t.silence(30);
      await t.tap();
      await t.expect("Ended StopAuthorized EVConnected [Local] token=04A1B2C3 Transaction.Begin Transaction.End");
    },
  ),

  tc(
    "J-01",
    "Structure: one time for the values of a meterValue, units, location, numbers",
    SAMPLED({
      TxUpdatedInterval: "10",
      TxUpdatedMeasurands: PLAIN.join(","),
    }),
    async (t) => {
      await charging(t);
      const [told] = (await t.pass(12)).filter(({ line }) => line.startsWith("Updated MeterValuePeriodic"));
      for (const { measurand, value, unitOfMeasure } of valuesOf(told)) {
        assert.equal(typeof value, "number", measurand);
        const unit = unitOfMeasure?.unit ?? "Wh";
        const wanted = UNITS[measurand.split(".")[0]];
        if (measurand !== "Power.Factor") assert.ok([wanted, `k${wanted}`].includes(unit), `${measurand} in ${unit}`);
      }
      assert.equal(new Set(valuesOf(told).map(({ timestamp }) => timestamp)).size, 1);
    },
  ),

  tc(
    "J-06",
    "0 or an empty list: none; a change acts on the running transaction",
    SAMPLED({ TxUpdatedInterval: "10" }),
    async (t) => {
      await charging(t);
      await setTo(t, "SampledDataCtrlr.TxUpdatedInterval", "0");
      await t.silence(25);
      await setTo(t, "SampledDataCtrlr.TxUpdatedInterval", "5");
      assert.ok((await t.pass(11)).length >= 2);
      await setTo(t, "SampledDataCtrlr.TxUpdatedMeasurands", "");
      await t.silence(12);
      await setTo(t, "SampledDataCtrlr.TxUpdatedMeasurands", "Voltage");
      const told = await t.pass(6);
      assert.deepEqual(measurands(told[0], "Sample.Periodic"), ["Voltage"]);
      await setTo(t, "SampledDataCtrlr.TxUpdatedInterval", "0");
    },
  ),

  tc(
    "J-08",
    "A long transaction: Ended fits a message, begin and end are in it",
    SAMPLED({ TxEndedInterval: "5", TxEndedMeasurands: `${REGISTER},Power.Active.Import,Current.Import` }),
    async (t) => {
      await charging(t);
      await t.silence(600);
      await t.tap();
      const [ended] = await t.expect(
        "Ended StopAuthorized EVConnected [Local] token=04A1B2C3 Transaction.Begin Sample.Periodic Transaction.End",
      );
      const list = times([ended]).concat(valuesOf(ended).map(({ timestamp }) => Date.parse(timestamp)));
      assert.deepEqual(
        [...list].sort((a, b) => a - b),
        list,
        "in order",
      );
    },
  ),

  tc(
    "J-09",
    "Phases: registers as a total, the rest by phase or as a total",
    SAMPLED({ TxUpdatedInterval: "10", TxUpdatedMeasurands: PLAIN.join(",") }),
    async (t) => {
      await charging(t);
      const [told] = (await t.pass(12)).filter(({ line }) => line.startsWith("Updated MeterValuePeriodic"));
      for (const { measurand, phase } of valuesOf(told)) {
        const allowed = measurand === "Voltage" ? ["L1-N"] : ["L1"];
        if (phase !== undefined) assert.ok(allowed.includes(phase), `${measurand} ${phase}`);
      }
    },
  ),

  tc("J-09", "The register is that of the meter: it never begins anew with a transaction", {}, async (t) => {
    let last = 0;
    for (let i = 0; i < 3; i++) {
      await t.draw(true);
      await t.plug();
      await t.tap();
      const told = await t.expect(
        optional("SN 1 Occupied"),
        "Authorize 04A1B2C3",
        `${N} Started Authorized EVConnected evse=1 token=04A1B2C3 Transaction.Begin`,
        `${N} Updated ChargingStateChanged Charging`,
      );
      const begin = valuesOf(told.find(({ line }) => line.includes("Started"))!)[0].value;
      assert.ok(begin >= last, `${begin} Wh after ${last} Wh`);
      await t.advance(100);
      last = valuesOf(await stopped(t, CARD)).at(-1)!.value;
      assert.ok(last > begin);
    }
  }),

  tc(
    "J-10",
    "Values of a transaction are in its events alone",
    SAMPLED({ TxUpdatedInterval: "10", TxUpdatedMeasurands: PLAIN.join(",") }),
    async (t) => {
      await charging(t);
      const told = await t.pass(22);
      assert.ok(told.every(({ action }) => action === "TransactionEvent"));
      assert.deepEqual(measurands(told.at(-1)!, "Sample.Periodic").sort(), [...PLAIN].sort());
      await stopped(t);
    },
  ),

  tc("J-10", "What the meter gives can be chosen, what it does not give is refused", {}, async (t) => {
    for (const measurand of PLAIN) {
      assert.deepEqual(await set(t, [["SampledDataCtrlr.TxUpdatedMeasurands", measurand]]), ["Accepted"], measurand);
    }
    for (const measurand of ["Energy.Active.Import.Interval", "Frequency", "Power.Factor"]) {
      assert.deepEqual(await set(t, [["SampledDataCtrlr.TxUpdatedMeasurands", measurand]]), ["Rejected"], measurand);
    }
  }),
];
