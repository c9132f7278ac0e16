/** OCPP 2.0.1: what is sent next when much is due at once: reports, clock-aligned values, transaction events and Heartbeats take turns. */
import assert from "node:assert/strict";
import type { Payload } from "../../tools/csms/csms.ts";
import { scenario } from "./harness.ts";
import { call, calls, CARD, charging, mark, pace, powerCycle, registered, setTo, transactionOf } from "./steps.ts";

describe("what is sent next", () => {
  scenario("B-05, B-30, B-32: a report while Pending does not wait for the events that must", {}, async (bench) => {
    await registered(bench);
    await charging(bench);
    await bench.post("/network", { up: false });
    await bench.post("/tap", CARD);
    await pace(bench, 2);
    bench.csms.on("BootNotification", (_request, context) => ({
      ...context.defaultAnswer(),
      status: "Pending",
      interval: 100,
    }));
    await powerCycle(bench);
    await bench.post("/network", { up: true });
    await bench.until("Pending", async () => {
      await bench.advance(1);
      return (await bench.station.state()).registration === "Pending";
    });
    assert.ok((await bench.station.state()).queue.events > 0);
    for (const requestId of [1, 2]) {
      const since = mark(bench);
      assert.deepEqual(await call(bench, "GetBaseReport", { requestId, reportBase: "ConfigurationInventory" }), {
        status: "Accepted",
      });
      await bench.until(
        "the last page",
        () => calls(bench, since, "NotifyReport").some(({ payload }) => payload.tbc !== true),
        20,
      );
      assert.deepEqual(calls(bench, since, "TransactionEvent"), []);
      // The next id is an odd one, then an even one.
      await call(bench, "TriggerMessage", { requestedMessage: "Heartbeat" });
      await bench.quiet();
    }
  });

  scenario(
    "J-02, B-10, E-01: clock-aligned values of each second hold up neither transaction events nor Heartbeats nor reports",
    { station: { evses: 4 } },
    async (bench) => {
      await registered(bench);
      await charging(bench, 2);
      assert.ok(await transactionOf(bench, 2));
      await setTo(bench, "OCPPCommCtrlr.HeartbeatInterval", "5");
      // Each CALL is answered a second later: less than one for each of the values.
      let answers: (() => void)[] = [];
      for (const action of ["MeterValues", "TransactionEvent", "Heartbeat", "NotifyReport"])
        bench.csms.on(
          action,
          (_request, context) => new Promise<Payload>((resolve) => answers.push(() => resolve(context.defaultAnswer()))),
        );
      await setTo(bench, "AlignedDataCtrlr.Measurands", "Energy.Active.Import.Register");
      await setTo(bench, "AlignedDataCtrlr.Interval", "1");
      await call(bench, "GetBaseReport", { requestId: 3, reportBase: "SummaryInventory" });
      const since = mark(bench);
      for (let second = 0; second < 24; second++) {
        await pace(bench, 1);
        answers.forEach((answer) => answer());
        answers = [];
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      const count = (action: string): number => calls(bench, since, action).length;
      for (const [action, least] of Object.entries({ MeterValues: 4, TransactionEvent: 4, Heartbeat: 2, NotifyReport: 1 }))
        assert.ok(count(action) >= least, `${action}: ${count(action)} in ${calls(bench, since).length} CALLs`);
      assert.ok(
        calls(bench, 0, "NotifyReport").some(({ payload }) => payload.tbc !== true),
        "the report is complete",
      );
      answers.forEach((answer) => answer());
    },
  );
});
