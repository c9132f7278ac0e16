/** OCPP 2.0.1 Part 2, J01 and J02: clock-aligned and sampled values (conformance J-02 … J-08, F-07; TC_J_01 … TC_J_10, TC_F_11, TC_F_13). */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario, type Bench } from "./harness.ts";
import { calls, charging, mark, pace, registered, set, setTo, tap, told } from "./steps.ts";

interface Value {
  timestamp: string;
  sampledValue: { value: number; context: string; measurand: string; unitOfMeasure: { unit: string } }[];
}

const CLOCK = "AlignedDataCtrlr.";
const SAMPLED = "SampledDataCtrlr.";
const REGISTER = "Energy.Active.Import.Register";

function values(payload: Payload): Value[] {
  return (payload.meterValue ?? []) as Value[];
}

/** Second of the day. */
function second(timestamp: string): number {
  return (Date.parse(timestamp) / 1000) % 86_400;
}

/** Values of the Ended that is sent at the card. */
async function ended(bench: Bench): Promise<Value[]> {
  const since = mark(bench);
  await tap(bench);
  const event = calls(bench, since, "TransactionEvent").at(-1)!.payload;
  assert.equal(event.eventType, "Ended");
  return values(event);
}

describe("J01: clock-aligned values", () => {
  scenario("J-02, TC_J_01: MeterValues of each EVSE at multiples of the interval", { station: { evses: 2 } }, async (bench) => {
    await registered(bench);
    await setTo(
      bench,
      CLOCK + "Measurands",
      `${REGISTER},Voltage,Current.Offered,Power.Offered,Power.Active.Import,Current.Import`,
    );
    await setTo(bench, CLOCK + "Interval", "45");
    const since = mark(bench);
    await pace(bench, 140);
    const sent = calls(bench, since, "MeterValues");
    assert.ok(sent.length >= 6);
    for (const evseId of [1, 2]) {
      const own = sent.filter(({ payload }) => payload.evseId === evseId).map(({ payload }) => values(payload));
      const times = own.map(([{ timestamp }]) => second(timestamp));
      times.forEach((time) => assert.equal(time % 45, 0, String(time)));
      times.slice(1).forEach((time, i) => assert.equal(time - times[i], 45));
      for (const [{ sampledValue }] of own) {
        assert.deepEqual(
          sampledValue.map(({ value, context, measurand, unitOfMeasure }) => [context, measurand, unitOfMeasure.unit, value > 0]),
          [
            ["Sample.Clock", REGISTER, "Wh", false],
            ["Sample.Clock", "Voltage", "V", true],
            ["Sample.Clock", "Current.Offered", "A", false],
            ["Sample.Clock", "Power.Offered", "W", false],
            ["Sample.Clock", "Power.Active.Import", "W", false],
            ["Sample.Clock", "Current.Import", "A", false],
          ],
        );
      }
    }
    assert.deepEqual(await set(bench, { [CLOCK + "Interval"]: "0" }), ["Accepted"]);
    const off = mark(bench);
    await pace(bench, 60);
    assert.deepEqual(calls(bench, off, "MeterValues"), []);
  });

  scenario("J-03, TC_J_02: in a transaction as TransactionEvent, never both", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, CLOCK + "Measurands", `${REGISTER},Voltage`);
    await setTo(bench, CLOCK + "Interval", "30");
    await setTo(bench, SAMPLED + "TxUpdatedInterval", "0");
    await charging(bench);
    const since = mark(bench);
    // Two intervals, wherever in the minute they begin.
    await pace(bench, 60);
    assert.deepEqual(calls(bench, since, "MeterValues"), []);
    const events = calls(bench, since, "TransactionEvent").map(({ payload }) => payload);
    assert.equal(events.length, 2);
    for (const event of events) {
      assert.equal(event.triggerReason, "MeterValueClock");
      assert.equal(second(event.timestamp as string) % 30, 0);
      assert.deepEqual(
        values(event)[0].sampledValue.map(({ context, measurand }) => [context, measurand]),
        [
          ["Sample.Clock", REGISTER],
          ["Sample.Clock", "Voltage"],
        ],
      );
    }
    // J-03: none at all while a transaction runs.
    await setTo(bench, CLOCK + "SendDuringIdle", "true");
    const idle = mark(bench);
    await pace(bench, 40);
    assert.deepEqual(told(bench, idle), []);
  });

  scenario("J-02: no measurands, no values", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, CLOCK + "Interval", "30");
    const since = mark(bench);
    await pace(bench, 61);
    assert.deepEqual(told(bench, since), []);
  });

  scenario("J-04, TC_J_03: collected values in Ended, Sample.Clock", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, CLOCK + "TxEndedMeasurands", `${REGISTER},Power.Active.Import`);
    await setTo(bench, CLOCK + "TxEndedInterval", "20");
    await charging(bench);
    await pace(bench, 65);
    const own = (await ended(bench)).filter(({ sampledValue }) => sampledValue[0].context === "Sample.Clock");
    assert.ok(own.length === 3 || own.length === 4);
    own.forEach(({ timestamp }) => assert.equal(second(timestamp) % 20, 0));
    assert.deepEqual(
      own[2].sampledValue.map(({ measurand, value }) => [measurand, measurand === REGISTER || value]),
      [
        [REGISTER, true],
        ["Power.Active.Import", 3680],
      ],
    );
  });
});

describe("J02: values in a transaction", () => {
  scenario("J-07, TC_J_10: begin, each TxEndedInterval, end; the middle thinned when it is long", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, SAMPLED + "TxEndedInterval", "10");
    await setTo(bench, SAMPLED + "TxEndedMeasurands", `${REGISTER},Current.Import`);
    await setTo(bench, SAMPLED + "TxUpdatedInterval", "0");
    await charging(bench);
    await pace(bench, 45);
    const short = await ended(bench);
    assert.deepEqual(
      short.map(({ sampledValue }) => sampledValue[0].context),
      ["Transaction.Begin", "Sample.Periodic", "Sample.Periodic", "Sample.Periodic", "Sample.Periodic", "Transaction.End"],
    );
    const times = short.map(({ timestamp }) => Date.parse(timestamp) / 1000);
    assert.deepEqual(
      times.slice(1, 5).map((time, i) => time - times[0] - 10 * (i + 1)),
      [0, 0, 0, 0],
    );
    const registers = short.map(({ sampledValue }) => sampledValue[0].value);
    registers.slice(1).forEach((value, i) => assert.ok(value >= registers[i]));
    assert.deepEqual(
      short.slice(1, 5).map(({ sampledValue }) => sampledValue[1].value),
      [16, 16, 16, 16],
    );
    await tap(bench);
    await bench.settled();
    await pace(bench, 400);
    const long = await ended(bench);
    assert.ok(long.length > 8 && long.length <= 16, String(long.length));
    assert.equal(long[0].sampledValue[0].context, "Transaction.Begin");
    assert.equal(long.at(-1)!.sampledValue[0].context, "Transaction.End");
    const rising = long.map(({ timestamp }) => timestamp);
    assert.deepEqual(rising, [...rising].sort());
  });

  scenario("J-07: no TxEndedMeasurands, no values", {}, async (bench) => {
    await registered(bench);
    await setTo(bench, SAMPLED + "TxEndedMeasurands", "");
    await charging(bench);
    assert.deepEqual(await ended(bench), []);
  });

  scenario("J-06: voltage and offer in samples, and a change for the running transaction", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    await setTo(bench, SAMPLED + "TxUpdatedMeasurands", "Voltage,Current.Offered,Power.Offered");
    await setTo(bench, SAMPLED + "TxUpdatedInterval", "20");
    const since = mark(bench);
    await pace(bench, 41);
    const events = calls(bench, since, "TransactionEvent").map(({ payload }) => payload);
    assert.equal(events.length, 2);
    assert.deepEqual(
      values(events[1])[0].sampledValue.map(({ measurand, value, context }) => [measurand, value, context]),
      [
        ["Voltage", 230, "Sample.Periodic"],
        ["Current.Offered", 16, "Sample.Periodic"],
        ["Power.Offered", 3680, "Sample.Periodic"],
      ],
    );
  });
});
