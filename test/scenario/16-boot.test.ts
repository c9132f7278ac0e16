/** OCPP 1.6: registration, Heartbeat, first statuses (conformance-16 catalogue, sections 2 and 3). */
import assert from "node:assert/strict";
import { scenario } from "./harness.ts";
import { paceUntil, registered } from "./steps.ts";
import { on16, told16 } from "./steps16.ts";

describe("OCPP 1.6: boot", () => {
  scenario(
    "BT-01, TC_001: BootNotification, then connector 0 and all others, then Heartbeat",
    on16({ station: { evses: 2 } }),
    async (bench) => {
      await registered(bench);
      assert.deepEqual(told16(bench), ["Boot", "Status 0 Available", "Status 1 Available", "Status 2 Available"]);
      assert.equal((await bench.station.state()).protocol, "ocpp1.6");
      await paceUntil(bench, "Heartbeat", () => bench.sent("Heartbeat").length > 0, 310);
    },
  );
});
