/** OCPP 1.6: authorization and transactions (conformance-16 catalogue, sections 4 to 7). */
import assert from "node:assert/strict";
import { scenario, type Bench } from "./harness.ts";
import { calls, car, CARD, mark, OTHER_CARD, pace, registered, tap } from "./steps.ts";
import { idGiven, on16, status16, told16 } from "./steps16.ts";

/** Registered; car in, card; what was told since the registration. */
async function charge(bench: Bench): Promise<number> {
  await registered(bench);
  const from = mark(bench);
  await car(bench);
  await tap(bench);
  return from;
}

describe("OCPP 1.6: a transaction", () => {
  scenario("TX-01, TX-05, MV-01, TC_003: cable first, card, samples, the same card, unplug", on16(), async (bench) => {
    const from = await charge(bench);
    await pace(bench, 125);
    await tap(bench);
    await bench.post("/evse/1/unplug");
    await bench.settled();
    const told = told16(bench, from);
    const stop = calls(bench, from, "StopTransaction")[0].payload;
    const id = String(stop.transactionId);
    assert.deepEqual(told, [
      "Status 1 Preparing",
      "Authorize 04A1B2C3",
      "Status 1 Charging",
      "Start 1 04A1B2C3 0",
      `Values 1 ${id} Sample.Periodic`,
      `Values 1 ${id} Sample.Periodic`,
      "Status 1 Finishing",
      `Stop ${id} Local ${String(stop.meterStop)} 04A1B2C3 Transaction.Begin Sample.Periodic Sample.Periodic Transaction.End`,
      "Status 1 Available",
    ]);
    const sample = (calls(bench, from, "MeterValues")[0].payload.meterValue as { sampledValue: object[] }[])[0].sampledValue[0];
    assert.deepEqual(
      { ...sample, value: "" },
      {
        value: "",
        context: "Sample.Periodic",
        measurand: "Energy.Active.Import.Register",
        unit: "Wh",
      },
    );
  });

  scenario(
    "TX-22: power cut at every flash operation of an end: each Stop has the number of its Start",
    on16(),
    async (bench) => {
      for (let n = 1; n <= 8; n++) {
        const from = await charge(bench);
        await pace(bench, 1);
        const id = idGiven(bench);
        await bench.post("/power", { cutAfterFlashOps: n, torn: n % 2 === 0 });
        await bench.post("/tap", CARD).catch(() => undefined);
        await pace(bench, 3).catch(() => undefined);
        await bench.post("/power", { on: false });
        await bench.post("/evse/1/unplug", { force: true });
        await bench.post("/power", { on: true });
        await pace(bench, 5);
        await bench.settled();
        const stops = calls(bench, from, "StopTransaction").map(({ payload }) => payload.transactionId);
        assert.ok(stops.length > 0 && stops.every((one) => one === id), `operation ${n}: ${stops.join(", ")}, not ${id}`);
      }
    },
  );

  scenario("TX-01, TC_004_1: card first; AU-09: a second time takes it back", on16(), async (bench) => {
    await registered(bench);
    const from = mark(bench);
    await tap(bench);
    await tap(bench);
    await tap(bench);
    await car(bench);
    assert.deepEqual(told16(bench, from), [
      "Authorize 04A1B2C3",
      "Status 1 Preparing",
      "Status 1 Available",
      "Authorize 04A1B2C3",
      "Status 1 Preparing",
      "Status 1 Charging",
      "Start 1 04A1B2C3 0",
    ]);
  });

  scenario(
    "ST-04, TC_041: a car that does not answer is a warning; a pilot that is broken without one is a fault",
    on16(),
    async (bench) => {
      await registered(bench);
      const since = mark(bench);
      const pilot = (code: string | null): Promise<void> => bench.post("/evse/1/fault", { code });
      await pilot("EVCommunicationError");
      await pilot(null);
      await bench.post("/evse/1/plug");
      await pilot("EVCommunicationError");
      await bench.settled();
      await status16(bench, "ChangeAvailability", { connectorId: 1, type: "Inoperative" });
      await pilot(null);
      await bench.settled();
      assert.deepEqual(
        calls(bench, since, "StatusNotification").map(({ payload }) => `${String(payload.status)} ${String(payload.errorCode)}`),
        [
          "Faulted OtherError",
          "Available NoError",
          "Preparing NoError",
          "Preparing EVCommunicationError",
          "Faulted OtherError",
          "Unavailable NoError",
        ],
      );
    },
  );

  scenario(
    "ST-03, TC_004_2: nobody plugs in; nobody comes to a car",
    on16({ station: { set: { "TxCtrlr.EVConnectionTimeOut": "20" } } }),
    async (bench) => {
      await registered(bench);
      const from = mark(bench);
      await tap(bench);
      await pace(bench, 25);
      await bench.post("/evse/1/plug");
      await pace(bench, 25);
      await bench.post("/evse/1/unplug");
      await bench.settled();
      assert.deepEqual(told16(bench, from), [
        "Authorize 04A1B2C3",
        "Status 1 Preparing",
        "Status 1 Available",
        "Status 1 Preparing",
        "Status 1 Finishing",
        "Status 1 Available",
      ]);
    },
  );

  scenario("AU-03, TC_068: another card is nobody's business", on16(), async (bench) => {
    await charge(bench);
    const from = mark(bench);
    await tap(bench, OTHER_CARD);
    assert.deepEqual(told16(bench, from), []);
  });
});
