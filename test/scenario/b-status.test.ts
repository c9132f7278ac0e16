/** OCPP 2.0.1 Part 2, B04: status of the connectors after a time offline. */
import assert from "node:assert/strict";
import { scenario } from "./harness.ts";
import { charging, mark, offlineFor, QUICK_RETRY, registered, told } from "./steps.ts";

describe("B04: status after a time offline", () => {
  const options = { station: { evses: 2, set: { ...QUICK_RETRY, "OCPPCommCtrlr.OfflineThreshold": "30" } } };

  scenario("B-11: longer than OfflineThreshold: one status of each connector", options, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await offlineFor(bench, 32, async () => {
      await bench.post("/evse/2/plug");
      await bench.post("/evse/2/unplug");
      await bench.post("/evse/2/plug");
    });
    await bench.settled();
    assert.deepEqual(told(bench, since), ["StatusNotification 1 Available", "StatusNotification 2 Occupied"]);
  });

  scenario("B-11: not longer: the changed one only, no history", options, async (bench) => {
    await registered(bench);
    const since = mark(bench);
    await offlineFor(bench, 20, async () => {
      await bench.post("/evse/1/plug");
      await bench.post("/evse/1/unplug");
      await bench.post("/evse/2/plug");
    });
    await bench.settled();
    assert.deepEqual(told(bench, since), ["StatusNotification 2 Occupied"]);
  });

  scenario("B-11, B-12: charging goes on offline; the status is not repeated", options, async (bench) => {
    await registered(bench);
    await charging(bench);
    const since = mark(bench);
    await offlineFor(bench, 10);
    await bench.settled();
    assert.equal((await bench.station.state()).evses[0].amps, 16);
    assert.deepEqual(told(bench, since), []);
  });
});
